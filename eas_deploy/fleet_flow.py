"""A fleet as one plan: what its services have in common is asked once, then each is created in a lane.

Generators only, run by the same drivers as a single deployment. One service that fails does not stop
the others, and whatever interrupts the fleet is told what each service has come to.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

from eas_deploy.calls import ListServices
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan, apart, consult, every, in_lanes, together
from eas_deploy.deployment import Deployment
from eas_deploy.errors import (
    CreateOutcomeUnknownError,
    DuplicateServiceError,
    EasDeployError,
    NotStartedError,
    RepeatedNameError,
)
from eas_deploy.fleet import FleetOutcome, FleetReport, State
from eas_deploy.flow import Flow, in_order
from eas_deploy.planning.create import Progress, how_to_check
from eas_deploy.planning.evidence import gather
from eas_deploy.planning.gates import gate
from eas_deploy.planning.identity import choose_workspace, enabled_workspaces
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.memory import Memory
from eas_deploy.planning.needs import Needs, Source, needs_of
from eas_deploy.planning.plan import DeploymentPlan
from eas_deploy.planning.procedure import examine
from eas_deploy.workers import Errand

OnEnd = Callable[[FleetOutcome], object]
"""Told of every outcome as it comes; by a blocking runner from several threads."""

HandOut = Callable[[list[Errand]], "list[Errand] | Awaitable[list[Errand]]"]
"""Carries errands out elsewhere; answers them in the same order. May be a coroutine function."""

_log = logging.getLogger("eas_deploy")

_NAME_DRAWS = 20
"""Names tried for one prefix: with a million suffixes, only an exhausted prefix needs more than one or two."""


@dataclass(frozen=True)
class Entry:
    """One request of a fleet, not read yet.

    Attributes:
        label: What it is called while its name is not known.
        read: Reads it; raises EasDeployError or OSError.
    """

    label: str
    read: Callable[[], Source]


@dataclass
class Member:
    """One request of the fleet and how far it has come."""

    name: str
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


@dataclass(frozen=True)
class FleetFlow:
    """How fleets are deployed.

    Attributes:
        flow: The procedure of one deployment.
        monotonic: The clock that deadlines are on.
        deploy_timeout_s: Seconds for each service, from its turn on.
        max_concurrency: How many services are deployed, and how many calls are under way, at once.
        fail_fast: Whether a failure keeps services from being begun.
        finish: Completes a deployment: gives it its handle.
        on_end: Told of every outcome as it comes.
        hand_out: Carries plans out elsewhere; None carries them out here.
    """

    flow: Flow
    monotonic: Callable[[], float]
    deploy_timeout_s: float
    max_concurrency: int
    fail_fast: bool
    finish: Callable[[Deployment], Deployment]
    on_end: OnEnd | None = None
    hand_out: HandOut | None = None

    def deploy(self, entries: Sequence[Entry], ledger: list[CallRecord]) -> Plan[FleetReport]:
        """What became of the fleet.

        Args:
            entries: What to deploy.
            ledger: The one the runner writes: of the calls that all share.

        Raises:
            BaseException: An interruption, with the report so far as its attribute ``fleet_report``.
        """
        fleet = _Fleet(self, self._members(entries), ledger)
        try:
            yield from fleet.course()
        except BaseException as interruption:
            fleet.withdraw("The fleet was interrupted")
            _tell(interruption, fleet.report())
            raise
        return fleet.report()

    def _members(self, entries: Sequence[Entry]) -> list[Member]:
        """The members, those that cannot be deployed closed already."""
        first_of: dict[str, int] = {}
        members = []
        for index, entry in enumerate(entries, 1):
            try:
                source = entry.read()
                name = self._name(source, first_of)
            except (EasDeployError, OSError) as error:
                members.append(Member(entry.label, error=error))
                continue
            member = Member(name, source, needs_of(source))
            if name in first_of:
                member.error = RepeatedNameError(name, first_of[name], index)
            first_of.setdefault(name, index)
            members.append(member)
        return members

    def _name(self, source: Source, taken: dict[str, int]) -> str:
        name = self.flow.name_of(source)
        draws = 1
        while needs_of(source).name is None and name in taken and draws < _NAME_DRAWS:
            name = self.flow.name_of(source)
            draws += 1
        return name


class _Fleet:
    """One fleet under way."""

    def __init__(self, terms: FleetFlow, members: list[Member], ledger: list[CallRecord]) -> None:
        self._terms = terms
        self._flow = terms.flow
        self._members = members
        self._ledger = ledger
        self._memory = Memory()
        self._looked_at = terms.flow.now()
        for member in members:
            if member.error is not None:
                self._fail([member], member.error)

    def course(self) -> Plan[None]:
        """All four stages: the first two for all at once, the last two service by service."""
        try:
            yield from self._identify()
        except EasDeployError as error:
            self._fail(self._wanted(), error)
        yield from self._gather()
        hand_out = self._terms.hand_out
        if self._flow.confirm is not None or hand_out is not None:
            for member in self._wanted():  # asked one by one, and before the first service is created
                yield from self._attempt(member, self._agree(member))
        if hand_out is not None:
            yield from self._hand_out(hand_out)
        lanes = [self._attempt(member, self._deploy(member)) for member in self._open()]
        if lanes:
            yield from in_lanes(lanes, self._terms.max_concurrency)

    def report(self) -> FleetReport:
        """What has become of everyone so far."""
        return FleetReport(tuple(one.outcome() for one in self._members), in_order(self._ledger))

    def withdraw(self, why: str) -> None:
        """Keep every service that is not being created yet from being created."""
        for member in self._members:
            member.progress.withdrawn = f"{why} before service {member.name} was created."

    def _open(self) -> list[Member]:
        return [member for member in self._members if member.is_open]

    def _wanted(self) -> list[Member]:
        """The members that are still to be created."""
        return [member for member in self._open() if member.progress.withdrawn is None]

    def _identify(self) -> Plan[None]:
        """Stage A: one listing of all services, one of the workspaces, one question about them."""
        wanted = self._wanted()
        homeless = [one for one in wanted if self._needs(one).workspace_id is None]
        if not wanted:
            return
        journal = Journal()
        self._looked_at = self._flow.now()
        listing = gate("ListServices", every(ListServices(), "duplicate names"))
        if homeless:
            services, workspaces = yield from together(listing, enabled_workspaces(journal))
        else:
            services, workspaces = (yield from listing), None
        status_of = {one.service_name: one.status for one in services}
        for member in wanted:
            if member.name in status_of:
                self._fail([member], DuplicateServiceError(member.name, status_of[member.name]))
        homeless = [one for one in homeless if one.is_open]
        chosen = None
        if homeless and workspaces is not None:
            try:
                chosen = yield from choose_workspace(workspaces, journal, self._flow.choose_workspace)
            except EasDeployError as error:
                self._fail(homeless, error)
        for member in homeless:
            member.workspace_id = chosen
            member.journal = Journal(list(journal.decisions), list(journal.findings))

    def _gather(self) -> Plan[None]:
        """Stage B: the evidence for all; what several need is asked for once."""
        asked = set()
        for member in self._wanted():
            question = self._question(member)
            if question in asked:
                continue
            asked.add(question)
            try:
                yield from self._memory.fill(gather(self._needs(member)))
            except EasDeployError:
                continue  # everyone whom it concerns meets it again, in memory

    def _question(self, member: Member) -> tuple[object, ...]:
        """What of a request decides which evidence it needs."""
        needs = self._needs(member)
        return (
            needs.images,
            needs.network,
            needs.resource_group,
            needs.replicas,
            needs.datasets,
            needs.workspace_id,
        )

    def _needs(self, member: Member) -> Needs:
        """What the member needs, by its name and workspace."""
        needs = member.needs
        assert needs is not None  # noqa: S101 - only a member that cannot be read has none, and it is closed
        return replace(needs, name=member.name, workspace_id=needs.workspace_id or member.workspace_id)

    def _judge(self, member: Member) -> Plan[DeploymentPlan]:
        """The plan of one service, from what is known."""
        assert member.source is not None  # noqa: S101 - as above
        assert member.needs is not None  # noqa: S101 - as above
        needs = self._needs(member)
        found = examine(member.source, needs, self._flow.region_id, member.journal)
        prepared = yield from self._memory.recall(found)
        ledger = (*in_order(self._ledger), *in_order(member.ledger))
        return self._flow.proposal(member.needs, prepared, ledger, self._looked_at)

    def _agree(self, member: Member) -> Plan[None]:
        member.plan = yield from self._judge(member)
        yield from self._flow.agree(member.plan)

    def _deploy(self, member: Member) -> Plan[None]:
        deadline = self._terms.monotonic() + self._terms.deploy_timeout_s
        done = yield from apart(self._create(member), member.ledger, deadline)
        member.deployment = self._terms.finish(done)
        self._end(member)

    def _hand_out(self, hand_out: HandOut) -> Plan[None]:
        """Let workers elsewhere carry out the plans."""
        errands = {
            member.name: Errand(member.plan, progress=member.progress)
            for member in self._wanted()
            if member.plan is not None
        }
        if not errands:
            return
        for errand in errands.values():  # known here too, should the worker not come back
            errand.progress.deploy_id = self._flow.new_id()
        for errand in (yield from consult(hand_out, list(errands.values()))):
            member = next(one for one in self._open() if one.name == errand.plan.name)
            member.progress, member.ledger = errand.progress, errand.ledger
            if errand.deployment is not None:
                member.deployment = self._terms.finish(errand.deployment)
                self._end(member)
            else:
                self._fail([member], errand.error or EasDeployError("The worker told of no outcome."))

    def _create(self, member: Member) -> Plan[Deployment]:
        if member.progress.withdrawn is not None:
            raise NotStartedError(member.progress.withdrawn)
        if member.plan is None:
            member.plan = yield from self._judge(member)
        return (yield from self._flow.execute(member.plan, member.ledger, member.progress))

    def _attempt(self, member: Member, plan: Plan[None]) -> Plan[None]:
        """Run ``plan``; what fails in it is the member's own affair."""
        try:
            yield from plan
        except Exception as error:  # noqa: BLE001 - even a mistake in here must not cost the others
            self._fail([member], error)

    def _fail(self, members: Sequence[Member], error: Exception) -> None:
        for member in members:
            member.error = error if len(members) == 1 else copy(error)
            self._end(member)
        if self._terms.fail_fast and members and not isinstance(error, NotStartedError):
            self.withdraw(f"The fleet was stopped by the failure of {members[0].name}")

    def _end(self, member: Member) -> None:
        if self._terms.on_end is None:
            return
        try:
            self._terms.on_end(member.outcome())
        except Exception:  # noqa: BLE001 - the caller's own callback, whatever it raises
            _log.exception("The progress callback failed; the fleet goes on.")


def _tell(interruption: BaseException, report: FleetReport) -> None:
    """Attach the report to what interrupted the fleet; its type is not ours to change."""
    interruption.fleet_report = report  # type: ignore[attr-defined]  # that is how it gets to the caller
    note = f"The fleet was interrupted. {report.summary()}"
    _log.warning(note)
    if hasattr(interruption, "add_note"):
        interruption.add_note(note)
