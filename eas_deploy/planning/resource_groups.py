"""The dedicated resource group: which one, and whether the replicas can fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eas_deploy.calls import ListResources, ResourceInfo
from eas_deploy.calls.steps import Plan, every
from eas_deploy.findings import Finding
from eas_deploy.planning.gates import gate
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.needs import ResourceNeed
from eas_deploy.planning.network import missing

_DEDICATED = "Dedicated"
_READY = "ResourceReady"


@dataclass(frozen=True)
class ResourceChoice:
    """The dedicated resource group to deploy into."""

    resource_id: str


@dataclass(frozen=True)
class _Room:
    """What replicas need of a group and what it has: totals, and what is left of them where it says."""

    unit: str
    needed: float
    total: float | None
    used: float | None

    @property
    def lacks_in_total(self) -> bool:
        return self.total is not None and self.needed > self.total

    @property
    def lacks_now(self) -> bool:
        return self.total is not None and self.used is not None and self.needed > self.total - self.used

    def __str__(self) -> str:
        free = "" if self.total is None or self.used is None else f", {self.total - self.used:g} free"
        return f"{self.needed:g} {self.unit} needed, {self.total:g} in total{free}"


def find_resource_group(
    need: ResourceNeed,
    replicas: int,
    journal: Journal,
    left_of: Callable[[ResourceInfo], ResourceInfo] = lambda group: group,
) -> Plan[ResourceChoice]:
    """The given group if it is ready, else the ready one with the most room.

    Totals do not prove that one replica fits on one machine: too little in total stops, too little
    free is a warning.

    Args:
        need: What one replica takes, and of which group.
        replicas: How many there are.
        journal: Told which group was chosen, and if it has little room.
        left_of: The part of a group that may be taken; all of it unless others have a claim on it.

    Raises:
        ResourceNotFoundError: None is ready, or none has enough in total. The public resource group is
            never taken instead.
        GateError: ListResources gave no usable answer.
    """
    groups = yield from gate(
        "ListResources", every(ListResources(resource_type=_DEDICATED), "find the dedicated resource group")
    )
    looked_at = [
        "ListResources: "
        + (", ".join(f"{one.resource_id} ({one.resource_type}, {one.status})" for one in groups) or "none")
    ]
    ready = [
        left_of(one)
        for one in groups
        if one.resource_type == _DEDICATED
        and one.status == _READY
        and need.resource_id in {None, one.resource_id}
    ]
    if not ready:
        which = f"Resource group {need.resource_id} is not" if need.resource_id else "No resource group is"
        raise missing(
            "dedicated resource group",
            f"{which} a dedicated one in status {_READY}. It is never replaced by the public resource group.",
            looked_at,
            empty=not groups,
        )
    # What does not fit into an elastic pool's group runs on public machines.
    large_enough = [one for one in ready if need.may_overflow or not _lacking_in_total(one, need, replicas)]
    if not large_enough:
        raise missing(
            "capacity of the dedicated resource group",
            f"{replicas} replica(s) do not fit: " + "; ".join(_too_small(ready, need, replicas)) + ".",
            looked_at,
        )
    chosen = min(large_enough, key=lambda one: _roomiest_first(one, need, replicas))
    if need.resource_id is None:
        why = f"of {len(ready)} that are ready it has the most room"
        journal.decide("resource group", str(chosen.resource_id), why)
    _warn_of_little_room(chosen, need, replicas, journal)
    return ResourceChoice(str(chosen.resource_id))


def _rooms(group: ResourceInfo, need: ResourceNeed, replicas: int) -> list[_Room]:
    return [
        _Room("GPUs", need.whole_gpus * replicas, group.gpu_count, group.gpu_used),
        _Room("CPU cores", (need.cpu or 0) * replicas, group.cpu_count, group.cpu_used),
        _Room("MB of memory", (need.memory_mb or 0) * replicas, group.memory, group.memory_used),
    ]


def _lacking_in_total(group: ResourceInfo, need: ResourceNeed, replicas: int) -> list[_Room]:
    return [room for room in _rooms(group, need, replicas) if room.lacks_in_total]


def _too_small(groups: Sequence[ResourceInfo], need: ResourceNeed, replicas: int) -> list[str]:
    return [
        f"{group.resource_id}: {', '.join(map(str, _lacking_in_total(group, need, replicas)))}"
        for group in groups
    ]


def _roomiest_first(group: ResourceInfo, need: ResourceNeed, replicas: int) -> tuple[bool, float, float, str]:
    """Enough free comes first, then the most free GPUs, then the most free cores, then the id."""
    rooms = _rooms(group, need, replicas)
    free = [(room.total or 0) - (room.used or 0) for room in rooms]
    return any(room.lacks_now for room in rooms), -free[0], -free[1], group.resource_id or ""


def _warn_of_little_room(group: ResourceInfo, need: ResourceNeed, replicas: int, journal: Journal) -> None:
    for room in _rooms(group, need, replicas):
        if room.lacks_now:
            journal.findings.append(
                Finding(
                    "resource.busy",
                    "warning",
                    "metadata.resource",
                    f"{group.resource_id} has little left now: {room}",
                    "the service waits until other services make room",
                )
            )
