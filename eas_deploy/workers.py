"""A fleet beyond one process: the plans are made here, and the workers of an executor carry them out.

A worker is sent a deployer without keys, which takes them from the environment there, and its share of
the plans. The pace is divided: each worker keeps to its part of what EAS allows an account.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan, apart, in_lanes
from eas_deploy.deployment import Deployment
from eas_deploy.errors import CreateOutcomeUnknownError, NotStartedError
from eas_deploy.flow import Flow
from eas_deploy.planning.create import Progress, how_to_check
from eas_deploy.planning.plan import DeploymentPlan

if TYPE_CHECKING:
    from eas_deploy.deployer import Deployer


@dataclass
class Errand:
    """One plan to carry out, and what came of it.

    Attributes:
        plan: What to create.
        deployment: The deployment; None if there is none.
        error: Why there is none.
        progress: How far it has come.
        ledger: The calls that were sent for it.
    """

    plan: DeploymentPlan
    deployment: Deployment | None = None
    error: Exception | None = None
    progress: Progress = field(default_factory=Progress)
    ledger: list[CallRecord] = field(default_factory=list)

    def carry_out(self, flow: Flow, deadline: float) -> Plan[bool]:
        """Whether it went well."""
        if self.progress.withdrawn is not None:
            self.error = NotStartedError(self.progress.withdrawn)
            return False
        try:
            course = flow.execute(self.plan, self.ledger, self.progress)
            self.deployment = yield from apart(course, self.ledger, deadline)
        except Exception as error:  # noqa: BLE001 - it is this errand's, and not the others'
            self.error = error
        return self.deployment is not None

    def lose(self, why: BaseException) -> None:
        """Note that the worker has not come back."""
        self.error = CreateOutcomeUnknownError(
            self.plan.name,
            how_to_check(self.plan.name, self.progress.deploy_id),
            reason=f"its worker did not come back ({type(why).__name__}).",
        )


@dataclass(frozen=True)
class Crew:
    """The workers of an executor.

    Attributes:
        executor: Whatever runs functions: threads, processes, Dask.
        make: Makes the deployer of a worker; sent there when it is another process.
        workers: Into how many shares the errands are divided.
        lanes: How many services a worker deploys at once.
        fail_fast: Whether a failure keeps a worker from beginning further ones.
    """

    executor: Executor
    make: Callable[[], Deployer]
    workers: int
    lanes: int
    fail_fast: bool

    def run(self, errands: Sequence[Errand]) -> list[Errand]:
        """The errands, carried out, in order."""
        shares = self._submit(errands)
        try:
            wait_for([future for _, future in shares])
        except BaseException:
            _abandon(shares)
            raise
        return _collected(shares, errands)

    async def run_async(self, errands: Sequence[Errand]) -> list[Errand]:
        """The errands, carried out, in order."""
        shares = self._submit(errands)
        try:
            waiting = [asyncio.wrap_future(future) for _, future in shares]
            await asyncio.gather(*waiting, return_exceptions=True)
        except BaseException:
            _abandon(shares)
            raise
        return _collected(shares, errands)

    def _submit(self, errands: Sequence[Errand]) -> list[tuple[list[Errand], Future[list[Errand]]]]:
        count = min(self.workers, len(errands))
        # Dealt like cards, so that the services begin in about the order of the requests.
        hands = [list(errands[start::count]) for start in range(count)]
        return [
            (hand, self.executor.submit(deploy_share, self.make, hand, self.lanes, fail_fast=self.fail_fast))
            for hand in hands
        ]


def deploy_share(
    make: Callable[[], Deployer], errands: list[Errand], lanes: int, *, fail_fast: bool
) -> list[Errand]:
    """The errands, carried out; this is what a worker runs."""
    with make() as deployer:
        return deployer._carry_out(errands, lanes, fail_fast=fail_fast)  # noqa: SLF001 - its other half


def _collected(
    shares: list[tuple[list[Errand], Future[list[Errand]]]], errands: Sequence[Errand]
) -> list[Errand]:
    done: dict[str, Errand] = {}
    for hand, future in shares:
        try:
            finished = future.result(0)
        except Exception as error:  # noqa: BLE001 - a worker that broke down; what it did is not known
            for errand in hand:
                errand.lose(error)
            finished = hand
        done |= {one.plan.name: one for one in finished}
    return [done[one.plan.name] for one in errands]


def _abandon(shares: list[tuple[list[Errand], Future[list[Errand]]]]) -> None:
    """Stop what has not begun; of the rest anything may come."""
    for hand, future in shares:
        if future.cancel():
            continue
        for errand in hand:
            errand.progress.sent = True


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
        if fail_fast and not went_well:
            for other in errands:
                other.progress.withdrawn = (
                    f"The fleet was stopped by the failure of {errand.plan.name} before service "
                    f"{other.plan.name} was created."
                )

    yield from in_lanes([one(errand) for errand in errands], lanes)
    return errands
