"""What the services of a fleet take of what only so many can have: NLB ports, and room in resource groups.

Each service by itself is checked against what is there. Here the later ones are checked against the
earlier ones too, before anything is created. Generators only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from eas_deploy.calls import ResourceInfo
from eas_deploy.calls.steps import Plan
from eas_deploy.errors import ResourceNotFoundError
from eas_deploy.findings import Findings
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.needs import Needs, NlbNeed, ResourceNeed, needs_of
from eas_deploy.planning.network import missing
from eas_deploy.planning.plan import DeploymentPlan
from eas_deploy.planning.resource_groups import find_resource_group

_BUSY = "resource.busy"

_FEW = 5
"""How many services a message names."""


@dataclass(frozen=True)
class _Taken:
    """What the services that were admitted take of one resource group, and who they are."""

    services: tuple[str, ...] = ()
    gpus: int = 0
    cores: int = 0
    memory_mb: int = 0

    def with_service(self, name: str, need: ResourceNeed, replicas: int) -> _Taken:
        return _Taken(
            (*self.services, name),
            self.gpus + need.whole_gpus * replicas,
            self.cores + (need.cpu or 0) * replicas,
            self.memory_mb + (need.memory_mb or 0) * replicas,
        )

    def out_of(self, group: ResourceInfo) -> ResourceInfo:
        """What of the group these services leave to others."""
        totals = {"gpu_count": self.gpus, "cpu_count": self.cores, "memory": self.memory_mb}
        left = {
            total: getattr(group, total) - taken
            for total, taken in totals.items()
            if getattr(group, total) is not None
        }
        return group.model_copy(update=left)

    @property
    def names(self) -> str:
        """The services, by name as long as they are few."""
        return ", ".join(self.services) if len(self.services) <= _FEW else f"{len(self.services)} services"

    def __str__(self) -> str:
        return f"{self.gpus} GPUs, {self.cores} CPU cores and {self.memory_mb} MB of memory"


@dataclass
class Claims:
    """What the services that were admitted so far have taken."""

    _ports: dict[tuple[str, int | None], str] = field(default_factory=dict)
    _groups: dict[str | None, _Taken] = field(default_factory=dict)

    def choose(self, needs: Needs, journal: Journal) -> Plan[Needs]:
        """The needs, with the resource group that has the most room beside the earlier services.

        Unchanged if a group is given, and if none has room: `check` then says who took it.

        Raises:
            GateError: ListResources gave no usable answer.
        """
        group = _group(needs)
        if group is None or group.resource_id is not None or not self._groups:
            return needs
        tried = Journal()
        try:
            choice = yield from find_resource_group(group, needs.replicas, tried, self._left_of)
        except ResourceNotFoundError:
            return needs
        journal.decisions += tried.decisions
        return replace(needs, resource_group=replace(group, resource_id=choice.resource_id))

    def _left_of(self, group: ResourceInfo) -> ResourceInfo:
        return self._groups.get(group.resource_id, _Taken()).out_of(group)

    def check(self, plan: DeploymentPlan) -> Plan[DeploymentPlan]:
        """The plan, with a warning if its resource group is busy with the fleet itself.

        Raises:
            ResourceNotFoundError: An earlier service takes the listener port, or too much of the group.
            GateError: ListResources gave no usable answer.
        """
        needs = needs_of(plan.config)
        for port in _ports(needs):
            if port in self._ports:
                raise self._port_taken(*port)
        group = _group(needs)
        if group is None or group.resource_id not in self._groups:
            return plan
        earlier = self._groups[group.resource_id]
        together = earlier.with_service(plan.name, group, needs.replicas)
        return (yield from _beside(plan, str(group.resource_id), earlier, together))

    def take(self, plan: DeploymentPlan) -> None:
        """Admit a service: what its plan asks for is taken."""
        needs = needs_of(plan.config)
        self._ports |= dict.fromkeys(_ports(needs), plan.name)
        group = _group(needs)
        if group is not None:
            earlier = self._groups.get(group.resource_id, _Taken())
            self._groups[group.resource_id] = earlier.with_service(plan.name, group, needs.replicas)

    def _port_taken(self, nlb_id: str, port: int | None) -> ResourceNotFoundError:
        asked = ", ".join(
            f"{one} ({service})" for (nlb, one), service in self._ports.items() if nlb == nlb_id
        )
        return missing(
            "listener port",
            f"Port {port} of NLB {nlb_id} goes to service {self._ports[nlb_id, port]} of the same fleet. "
            "Choose another listener_port.",
            [f"listeners that the fleet asks for on {nlb_id}: {asked}"],
        )


def _beside(plan: DeploymentPlan, group_id: str, earlier: _Taken, together: _Taken) -> Plan[DeploymentPlan]:
    """The plan, if its service fits into the resource group together with the earlier ones."""
    journal = Journal()
    whole = ResourceNeed(group_id, together.cores, together.memory_mb, together.gpus)
    try:
        yield from find_resource_group(whole, 1, journal)
    except ResourceNotFoundError as error:
        raise missing(
            error.kind,
            f"Resource group {group_id} has no room for service {plan.name} beside {earlier.names} of the same "
            f"fleet: together they need {together}. Enlarge it, or choose another one.",
            error.looked_at,
        ) from error
    own = [one for one in plan.findings if one.rule != _BUSY]
    busy = [
        replace(one, message=f"with {earlier.names} of the same fleet, {one.message}")
        for one in journal.findings
    ]
    return replace(plan, findings=Findings([*own, *busy]))


def contends(needs: Needs) -> bool:
    """Whether the service takes anything of which only so many can have a part."""
    return (isinstance(needs.network, NlbNeed) and bool(needs.network.existing)) or _group(needs) is not None


def _ports(needs: Needs) -> list[tuple[str, int | None]]:
    """The listener ports on load balancers that exist; the system finds room for what it creates itself."""
    listeners = needs.network.listeners if isinstance(needs.network, NlbNeed) else ()
    return [(one.nlb_id, one.port) for one in listeners if one.nlb_id != "default"]


def _group(needs: Needs) -> ResourceNeed | None:
    """What it takes of a resource group, unless public machines take what finds no room there."""
    group = needs.resource_group
    return None if group is None or group.may_overflow else group
