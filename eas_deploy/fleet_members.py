"""The requests of a fleet: how each is read, and how far each has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from eas_deploy.calls.record import CallRecord
from eas_deploy.deployment import Deployment
from eas_deploy.errors import CreateOutcomeUnknownError, EasDeployError, NotStartedError, RepeatedNameError
from eas_deploy.fleet import FleetOutcome, State
from eas_deploy.flow import Flow
from eas_deploy.planning.create import Progress, how_to_check
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.needs import Needs, Source, needs_of
from eas_deploy.planning.plan import DeploymentPlan

_NAME_DRAWS = 20
"""Names tried for one prefix: with a million suffixes, only an exhausted prefix needs more than one or two."""


@dataclass(frozen=True)
class Entry:
    """One request of a fleet, not read yet.

    Attributes:
        label: What it is called while its name is not known.
        read: Reads it.
    """

    label: str
    read: Callable[[], Source]


@dataclass
class Member:
    """One request of the fleet and how far it has come.

    Attributes:
        name: The service name; the label of one that could not be read.
        number: Which request of the fleet it is, from 1 on.
    """

    name: str
    number: int
    source: Source | None = None
    needs: Needs | None = None
    workspace_id: str | None = None
    journal: Journal = field(default_factory=Journal)
    plan: DeploymentPlan | None = None
    deployment: Deployment | None = None
    error: Exception | None = None
    ledger: list[CallRecord] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)

    @property
    def is_open(self) -> bool:
        """Whether it has come to no end yet."""
        return self.deployment is None and self.error is None

    @property
    def called(self) -> str:
        """The name, with the number where another request has the same name."""
        return (
            f"{self.name} (request {self.number})" if isinstance(self.error, RepeatedNameError) else self.name
        )

    def outcome(self) -> FleetOutcome:
        """What has become of it so far."""
        service_id = self.progress.service_id
        state: State = "not created"
        if self.deployment is not None or service_id is not None:
            state = "created"
        elif self.progress.sent or getattr(self.error, "service_may_exist", False):
            state = "may exist"
        error = self.error if self.error is not None or self.deployment is not None else self._cut_short()
        return FleetOutcome(self.name, state, self.deployment, error, service_id)

    def _cut_short(self) -> EasDeployError:
        """The error of one that was interrupted."""
        if self.progress.service_id is not None:
            error = EasDeployError(
                f"The fleet was interrupted after service {self.name} ({self.progress.service_id}) was created, "
                "before it was looked at. It exists and may cost money."
            )
            error.service_may_exist = True
            return error
        if self.progress.sent:
            return CreateOutcomeUnknownError(
                self.name,
                how_to_check(self.name, self.progress.deploy_id),
                reason="the fleet was interrupted while it was created.",
            )
        return NotStartedError(f"The fleet was interrupted before service {self.name} was created.")


def members_of(flow: Flow, entries: Sequence[Entry]) -> list[Member]:
    """The members, those that cannot be deployed closed already: no two have one name.

    Args:
        flow: Gives a name to a request that has only a prefix.
        entries: What to deploy.
    """
    first_of: dict[str, int] = {}
    members = []
    for index, entry in enumerate(entries, 1):
        try:
            source = entry.read()
            needs = needs_of(source)
            name = _name(flow, source, needs, first_of)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not cost the others
            members.append(Member(entry.label, index, error=error))
            continue
        member = Member(name, index, source, needs)
        if name in first_of:
            member.error = RepeatedNameError(name, first_of[name], index)
        first_of.setdefault(name, index)
        members.append(member)
    return members


def _name(flow: Flow, source: Source, needs: Needs, taken: dict[str, int]) -> str:
    name = flow.name_of(source, needs)
    draws = 1
    while needs.name is None and name in taken and draws < _NAME_DRAWS:
        name = flow.name_of(source, needs)
        draws += 1
    return name
