"""A fleet beyond one process: the plans are made here, and the workers of an executor carry them out.

A worker is sent a deployer without keys, which takes them from the environment there, and a share of the
plans. The pace is divided: never are more shares under way than there are workers, and each keeps to its
part of what EAS allows an account. Once a fleet is stopped no further share is begun; a share that runs in
another process already cannot be told, and comes to its end.

A pool of the standard library runs a share once, and it is over when its future is. Another executor may run
it again when a worker dies (Dask does), or lose sight of a worker that goes on. What such a one runs looks
first, over the whole visibility window, whether a run before it has left anything, and creates only what it
has not seen; of a worker that it has lost nobody says that it creates nothing any more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from eas_deploy._defaults import CREATE_VISIBILITY_S
from eas_deploy.calls import DescribeService
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan, apart, in_lanes, pause, send
from eas_deploy.clients.arguments import refuse
from eas_deploy.deployment import Deployment
from eas_deploy.errors import DuplicateServiceError, EasDeployError, NotFoundError, NotStartedError
from eas_deploy.flow import Flow
from eas_deploy.planning.create import Progress
from eas_deploy.planning.plan import DeploymentPlan

if TYPE_CHECKING:
    from eas_deploy.deployer import Deployer

_SERVICES_A_LANE = 8
"""Services of a share for each lane. A share costs a TLS handshake at its start and idle lanes at its end,
some three round trips beside the three of each service; it comes back, and can be lost, only as a whole."""

_SERVICES_A_LANE_AFTER_A_LOOK = 64
"""The same for an executor that may run a share again: so many that the ten seconds for which it looks first
are about as long as the creates."""

_LONGEST_CAUSE = 300
"""Characters of an error from elsewhere that a message repeats."""


@dataclass
class Errand:
    """One plan to carry out, and what came of it.

    Attributes:
        plan: What to create.
        progress: How far it has come; its ``deploy_id`` is made by the one who hands it out, who can so
            tell whose the service is if the worker is lost.
        deployment: The deployment; None if there is none.
        error: Why there is none.
        lost: Why its worker did not come back, so that it is not known what it did; None if it did.
        may_run_again: Whether the executor may run it more than once, or lose a worker that goes on.
        unclear: Whether an earlier run may have created the service, for the reason that is in ``error``;
            this one has sent no create.
        ledger: The calls that were sent for it.
    """

    plan: DeploymentPlan
    progress: Progress
    deployment: Deployment | None = None
    error: Exception | None = None
    lost: BaseException | None = None
    may_run_again: bool = False
    unclear: bool = False
    ledger: list[CallRecord] = field(default_factory=list)

    @property
    def doubt(self) -> BaseException | None:
        """Why the service has to be looked up; None when what became of it is known.

        The worker is lost. Or it met a service of this name, which is the errand's own if the executor ran
        the share before.
        """
        met = self.unclear or isinstance(self.error, DuplicateServiceError)
        return self.lost or (self.error if met else None)

    def look(self) -> Plan[None]:
        """Look once for a service of the name, and note it if its absence is not certain."""
        try:
            service = yield from send(DescribeService(self.plan.name), "settle create")
        except NotFoundError:
            return
        except EasDeployError as error:
            self.error = error
        else:
            self.error = DuplicateServiceError(self.plan.name, service.status)
        self.unclear = True

    def carry_out(self, flow: Flow, deadline: float) -> Plan[bool]:
        """Whether it went well; what is unclear is left to the one who handed it out."""
        if self.unclear:
            return False
        if self.progress.withdrawn is not None:
            self.error = NotStartedError(self.progress.withdrawn)
            return False
        try:
            course = flow.execute(self.plan, self.ledger, self.progress)
            self.deployment = yield from apart(course, self.ledger, deadline)
        except Exception as error:  # noqa: BLE001 - it is this errand's, and not the others'
            self.error = error
        return self.deployment is not None


@dataclass(frozen=True)
class Work:
    """What is handed out.

    Attributes:
        errands: What to carry out.
        tell: Told of each errand when its share has come back, is lost, or is not begun any more; told again
            when an interruption makes it doubtful whether it was.
    """

    errands: Sequence[Errand]
    tell: Callable[[Errand], object]


@dataclass(frozen=True)
class Crew:
    """The workers of an executor.

    Attributes:
        executor: Whatever runs functions: threads, processes, Dask.
        make: Makes the deployer of a worker; sent there when it is another process.
        workers: How many shares are under way at once.
        lanes: How many services a worker deploys at once.
        fail_fast: Whether a failure keeps a worker from beginning further ones.
    """

    executor: Executor
    make: Callable[[], Deployer]
    workers: int
    lanes: int
    fail_fast: bool

    def run(self, work: Work) -> None:
        """Have the work done; returns when all of it is told."""
        arrivals: SimpleQueue[Future[list[Errand]]] = SimpleQueue()
        shift = _Shift(self, work, arrivals.put)
        try:
            while shift.goes_on():
                shift.take(arrivals.get())
        except BaseException:
            shift.abandon()
            raise

    async def run_async(self, work: Work) -> None:
        """Have the work done; returns when all of it is told."""
        arrivals: asyncio.Queue[Future[list[Errand]]] = asyncio.Queue()
        shift = _Shift(self, work, partial(_post, asyncio.get_running_loop(), arrivals))
        try:
            while shift.goes_on():
                shift.take(await arrivals.get())
        except BaseException:
            shift.abandon()
            raise

    @property
    def tells_what_runs(self) -> bool:
        """Whether a share that is cancelled has not begun, one that is lost is over, and none is run twice."""
        return isinstance(self.executor, (ThreadPoolExecutor, ProcessPoolExecutor))

    def begin(self, errands: list[Errand]) -> Future[list[Errand]]:
        """Give a share to the executor."""
        for errand in errands:
            errand.may_run_again = not self.tells_what_runs
        return self.executor.submit(deploy_share, self.make, errands, self.lanes, fail_fast=self.fail_fast)

    def shares(self, errands: Sequence[Errand]) -> Iterator[list[Errand]]:
        """The errands in shares: rounds in order, and in each as many equal shares as there are workers.

        Within a round they are dealt like cards, so that services begin in about the order of the requests.
        """
        a_lane = _SERVICES_A_LANE if self.tells_what_runs else _SERVICES_A_LANE_AFTER_A_LOOK
        rounds = -(-len(errands) // (self.workers * self.lanes * a_lane))
        for index in range(rounds):
            dealt = errands[len(errands) * index // rounds : len(errands) * (index + 1) // rounds]
            for first in range(min(self.workers, len(dealt))):
                yield list(dealt[first :: self.workers])


class _Shift:
    """The shares of one fleet: those that wait, and those that are under way."""

    def __init__(self, crew: Crew, work: Work, arrived: Callable[[Future[list[Errand]]], object]) -> None:
        self._crew = crew
        self._tell = work.tell
        self._arrived = arrived
        self._waiting = deque(crew.shares(work.errands))
        self._under_way: dict[Future[list[Errand]], list[Errand]] = {}

    def goes_on(self) -> bool:
        """Begin as many shares as there are workers; whether any is under way."""
        while self._waiting and len(self._under_way) < self._crew.workers:
            self._begin(self._waiting.popleft())
        return bool(self._under_way)

    def _begin(self, errands: list[Errand]) -> None:
        if _is_withdrawn(errands):
            self._leave(errands)
            return
        try:
            future = self._crew.begin(errands)
            self._under_way[future] = errands
        except Exception as error:  # noqa: BLE001 - whatever it is, the executor has taken nothing
            self._leave(errands, error)
            return
        except BaseException:
            _doubt(errands)
            raise
        future.add_done_callback(self._arrived)

    def take(self, future: Future[list[Errand]]) -> None:
        """Tell what came of a share that has arrived; if that stops the fleet, call back the others."""
        errands = self._under_way[future]
        if future.cancelled() and self._crew.tells_what_runs:
            self._leave(errands)
        else:
            lost = CancelledError() if future.cancelled() else future.exception(0)
            for errand in errands if lost is not None else future.result(0):
                errand.lost = lost
                self._tell(errand)
        del self._under_way[future]  # only now: whoever interrupts the telling is told it all by `abandon`
        if self._crew.tells_what_runs:
            for other, theirs in self._under_way.items():
                if _is_withdrawn(theirs):
                    other.cancel()  # one that has not begun then arrives as cancelled

    def _leave(self, errands: list[Errand], why: Exception | None = None) -> None:
        """Tell that nothing was begun of a share."""
        cause = "" if why is None else f" ({cause_of(why)})"
        for errand in errands:
            errand.error = NotStartedError(
                errand.progress.withdrawn
                or f"The executor did not take the work{cause}, so service {errand.plan.name} was not created."
            )
            errand.error.__cause__ = why
            self._tell(errand)

    def abandon(self) -> None:
        """Keep from beginning what can be kept, and note what else may come of what is under way."""
        for future, errands in list(self._under_way.items()):
            if future.done():
                self.take(future)
            elif not (future.cancel() and self._crew.tells_what_runs):
                _doubt(errands)


def _is_withdrawn(errands: Sequence[Errand]) -> bool:
    return errands[0].progress.withdrawn is not None  # a fleet is stopped as a whole


def _doubt(errands: Sequence[Errand]) -> None:
    for errand in errands:
        errand.progress.sent = True


def check_executor(executor: Executor) -> None:
    """Refuse what is no executor, such as its name or the client of a cluster.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(executor, Executor):
        raise refuse(
            "executor",
            f"a {type(executor).__name__} is no concurrent.futures.Executor",
            "give one, such as ProcessPoolExecutor(4), or the get_executor() of a Dask client",
        )


def are_threads(executor: Executor) -> bool:
    """Whether its workers share what they are given with this thread."""
    return isinstance(executor, ThreadPoolExecutor)


def check_sendable(executor: Executor, recipe: Mapping[str, Any]) -> None:
    """Refuse what a process pool could not send to its workers; others have their own ways to send.

    Args:
        executor: Whose workers are to get it.
        recipe: The arguments of the deployers there.

    Raises:
        ConfigError: One of them does not pickle.
    """
    if not isinstance(executor, ProcessPoolExecutor):
        return
    for argument, value in recipe.items():
        try:
            ForkingPickler.dumps(value)
        except Exception as error:
            told = f"the {type(value).__name__} cannot be sent to another process ({cause_of(error)})"
            raise refuse(argument, told, "leave it out, or give one that pickles") from error


def cause_of(error: BaseException) -> str:
    """What went wrong with a worker, in a line, and what to do about it where that is known.

    Of a ValueError the name alone: it may quote what it was given, secrets among it.
    """
    kind, (text, *_) = type(error).__name__, str(error).splitlines() or [""]
    if text and (isinstance(error, EasDeployError) or not isinstance(error, ValueError)):
        kind = f"{kind}: {text[:_LONGEST_CAUSE]}"
    if isinstance(error, ImportError):
        kind += "; install eas-deploy, in the version that is here, where the workers run"
    return kind


def _post(
    loop: asyncio.AbstractEventLoop,
    arrivals: asyncio.Queue[Future[list[Errand]]],
    future: Future[list[Errand]],
) -> None:
    """Bring a future, from whatever thread, into the queue of an event loop."""
    with suppress(RuntimeError):  # the loop is closed: the fleet was interrupted, and nobody waits any more
        loop.call_soon_threadsafe(arrivals.put_nowait, future)


def deploy_share(
    make: Callable[[], Deployer], errands: list[Errand], lanes: int, *, fail_fast: bool
) -> list[Errand]:
    """The errands, carried out; this is what a worker runs."""
    with make() as deployer:
        return deployer._carry_out(errands, lanes, fail_fast=fail_fast)  # noqa: SLF001 - its other half


def share(
    flow: Flow, errands: list[Errand], lanes: int, deadline: Callable[[], float], *, fail_fast: bool
) -> Plan[list[Errand]]:
    """The errands, carried out side by side.

    Args:
        flow: The procedure.
        errands: What to carry out.
        lanes: How many at once.
        deadline: When an errand that is begun now must be over.
        fail_fast: Whether a failure keeps further ones from being begun.
    """

    def one(errand: Errand) -> Plan[None]:
        went_well = yield from errand.carry_out(flow, deadline())
        if went_well or not fail_fast:
            return
        for other in errands:
            if other.progress.withdrawn is None:
                other.progress.withdrawn = (
                    f"The fleet was stopped by the failure of {errand.plan.name} before service "
                    f"{other.plan.name} was created."
                )

    yield from _look_for_an_earlier_run(
        [errand for errand in errands if errand.may_run_again], lanes, deadline
    )
    yield from in_lanes([one(errand) for errand in errands], lanes)
    return errands


def _look_for_an_earlier_run(
    errands: Sequence[Errand], lanes: int, deadline: Callable[[], float]
) -> Plan[None]:
    """Look for the services of all errands, side by side, over the visibility window."""
    looked_at_s = 0.0
    for at_s in CREATE_VISIBILITY_S:
        unseen = [errand for errand in errands if not errand.unclear]
        if not unseen:
            return
        yield from apart(pause(at_s - looked_at_s), [], deadline() + at_s)
        looked_at_s = at_s
        yield from in_lanes([apart(one.look(), one.ledger, deadline()) for one in unseen], lanes)
