"""A fleet as one plan: what its services have in common is asked once, then each is created in a lane.

Generators only, run by the same drivers as a single deployment. One service that fails does not stop
the others, and whatever interrupts the fleet is told what each service has come to.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace

from eas_deploy.calls import ListServices
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan, apart, consult, every, in_lanes, together
from eas_deploy.deployment import Deployment
from eas_deploy.errors import DuplicateServiceError, EasDeployError, NotStartedError
from eas_deploy.fleet import FleetOutcome, FleetReport
from eas_deploy.fleet_claims import Claims, contends
from eas_deploy.fleet_losses import recover
from eas_deploy.fleet_members import Entry, Member, members_of
from eas_deploy.flow import Flow, in_order
from eas_deploy.planning.evidence import gather
from eas_deploy.planning.gates import gate
from eas_deploy.planning.identity import choose_workspace, enabled_workspaces
from eas_deploy.planning.journal import Journal
from eas_deploy.planning.memory import Memory
from eas_deploy.planning.needs import Needs
from eas_deploy.planning.plan import DeploymentPlan
from eas_deploy.planning.procedure import examine
from eas_deploy.workers import Errand, Work

OnEnd = Callable[[FleetOutcome], object]
"""Told of every outcome as it comes; by a blocking runner from several threads."""

HandOut = Callable[[Work], "Awaitable[None] | None"]
"""Has work done elsewhere, and returns when all of it is told. May be a coroutine function."""

_log = logging.getLogger("eas_deploy")


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
        fleet = _Fleet(self, members_of(self.flow, entries), ledger)
        try:
            yield from fleet.course()
        except BaseException as interruption:
            fleet.withdraw("The fleet was interrupted")
            _tell(interruption, fleet.report())
            raise
        return fleet.report()


class _Fleet:
    """One fleet under way."""

    def __init__(self, terms: FleetFlow, members: list[Member], ledger: list[CallRecord]) -> None:
        self._terms = terms
        self._flow = terms.flow
        self._members = members
        self._ledger = ledger
        self._memory = Memory()
        self._claims = Claims()
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
        for member in self._wanted():  # in order, and before the first service is created
            if member.progress.withdrawn is None and self._is_settled_first(member):
                yield from self._attempt(member, self._agree(member))
        if self._terms.hand_out is not None:
            yield from self._hand_out(self._terms.hand_out)
            return
        lanes = [self._attempt(member, self._deploy(member, self._create(member))) for member in self._open()]
        if lanes:
            yield from in_lanes(lanes, self._terms.max_concurrency)

    def report(self) -> FleetReport:
        """What has become of everyone so far."""
        return FleetReport(tuple(one.outcome() for one in self._members), in_order(self._ledger))

    def withdraw(self, why: str) -> None:
        """Keep every service that is not being created yet from being created."""
        for member in self._members:
            if member.progress.withdrawn is None:
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
        needs = yield from self._memory.recall(self._claims.choose(self._needs(member), member.journal))
        found = examine(member.source, needs, self._flow.region_id, member.journal)
        prepared = yield from self._memory.recall(found)
        ledger = (*in_order(self._ledger), *in_order(member.ledger))
        return self._flow.proposal(member.needs, prepared, ledger, self._looked_at)

    def _is_settled_first(self, member: Member) -> bool:
        """Whether it is planned before anything is created: to be asked about, sent away, or compared."""
        elsewhere = self._terms.hand_out is not None
        return elsewhere or self._flow.confirm is not None or contends(self._needs(member))

    def _agree(self, member: Member) -> Plan[None]:
        plan = yield from self._judge(member)
        plan = yield from self._memory.recall(self._claims.check(plan))
        yield from self._flow.agree(plan)
        self._claims.take(plan)
        member.plan = plan

    def _deploy(self, member: Member, course: Plan[Deployment]) -> Plan[None]:
        deadline = self._terms.monotonic() + self._terms.deploy_timeout_s
        self._succeed(member, (yield from apart(course, member.ledger, deadline)))

    def _hand_out(self, hand_out: HandOut) -> Plan[None]:
        """Let workers elsewhere carry out the plans, and look up what those have left that were lost."""
        errands = {}
        for member in self._open():
            if member.plan is None or member.progress.withdrawn is not None:
                self._fail([member], NotStartedError(str(member.progress.withdrawn)))
                continue
            # Made here, so that what a lost worker has created can be told from what others have.
            member.progress.deploy_id = self._flow.new_id()
            errands[member.name] = Errand(member.plan, member.progress)
        members = {member.name: member for member in self._open()}
        doubts: list[Plan[None]] = []

        def take(errand: Errand) -> None:
            member = members[errand.plan.name]
            if not member.is_open:
                return
            member.progress, member.ledger = errand.progress, errand.ledger
            if errand.deployment is not None:
                self._succeed(member, errand.deployment)
            elif errand.doubt is not None:
                member.progress.sent = True
                left_behind = recover(errand, errand.doubt)
                doubts.append(self._attempt(member, self._deploy(member, left_behind)))
                self._stop_if_fail_fast(member)
            elif errand.error is not None:
                self._fail([member], errand.error)

        yield from consult(hand_out, Work(list(errands.values()), take))
        if doubts:
            yield from in_lanes(doubts, self._terms.max_concurrency)

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
        if members and not isinstance(error, NotStartedError):
            self._stop_if_fail_fast(members[0])

    def _succeed(self, member: Member, deployment: Deployment) -> None:
        member.deployment = self._terms.finish(deployment)
        self._end(member)

    def _stop_if_fail_fast(self, failed: Member) -> None:
        if self._terms.fail_fast:
            self.withdraw(f"The fleet was stopped by the failure of {failed.called}")

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
