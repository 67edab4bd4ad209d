"""The two runners of plans: one blocks, one is awaited.

Nothing here knows what a plan does. Sending and pausing are the sender's; this module only carries
steps to it and outcomes back, and runs side by side what a plan wants together. Any exception, an
interruption included, is thrown into the plan, which alone decides what it means.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from eas_deploy.calls.base import A, Answer
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Apart, Consult, Pause, Plan, Send, Step, Together
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding

T = TypeVar("T")


class Sender(Protocol):
    """What a blocking runner needs of the edge."""

    def send(self, step: Send[A], *, ledger: list[CallRecord], deadline: float | None) -> A:
        """The answer to the call; appends one record to the ledger whatever happens."""

    def started(self, step: Send[A], *, ledger: list[CallRecord], deadline: float | None) -> Callable[[], A]:
        """The same in two parts: the call counts as started now, the function sends it."""

    def pause(self, seconds: float, *, deadline: float | None) -> None:
        """Wait, but not beyond the deadline (monotonic seconds)."""


class AsyncSender(Protocol):
    """What an asyncio runner needs of the edge."""

    async def send(self, step: Send[A], *, ledger: list[CallRecord], deadline: float | None) -> A:
        """The answer to the call; appends one record to the ledger whatever happens."""

    async def pause(self, seconds: float, *, deadline: float | None) -> None:
        """Wait, but not beyond the deadline (monotonic seconds)."""


def run(plan: Plan[T], sender: Sender, ledger: list[CallRecord], deadline: float | None = None) -> T:
    """The result of ``plan``, its calls sent by ``sender`` and recorded in ``ledger``."""
    return _go_on(plan, _Outcome(None), sender, ledger, deadline)


def _begun(
    plan: Plan[T], sender: Sender, ledger: list[CallRecord], deadline: float | None
) -> Callable[[], T]:
    """A function that runs ``plan``; if it starts with a call, that counts as started now."""
    try:
        step = next(plan)
    except StopIteration as end:
        result: T = end.value
        return lambda: result
    if isinstance(step, Send):
        first = _Outcome.of(partial(sender.started, step, ledger=ledger, deadline=deadline))
    else:
        first = _Outcome(partial(_perform, step, sender, ledger, deadline))
    return lambda: _go_on(plan, first.then(lambda perform: perform()), sender, ledger, deadline)


def _go_on(
    plan: Plan[T], outcome: _Outcome, sender: Sender, ledger: list[CallRecord], deadline: float | None
) -> T:
    """The result of a plan that is given the outcome of its last step."""
    while True:
        try:
            step = outcome.enter(plan)
        except StopIteration as end:
            return cast("T", end.value)
        outcome = _Outcome.of(partial(_perform, step, sender, ledger, deadline))


def _perform(step: Step, sender: Sender, ledger: list[CallRecord], deadline: float | None) -> Any:
    match step:
        case Send():
            return sender.send(cast("Send[Answer]", step), ledger=ledger, deadline=deadline)
        case Pause():
            return sender.pause(step.seconds, deadline=deadline)
        case Together():
            return _together(step, sender, ledger, deadline)
        case Apart():
            return run(step.plan, sender, step.ledger, step.deadline)
        case Consult():
            return _answered(step.callback(step.question))


def _together(
    step: Together, sender: Sender, ledger: list[CallRecord], deadline: float | None
) -> tuple[Any, ...]:
    if step.limit is not None:
        few = _Few(sender, step.limit, len(step.plans))
        return _in_lanes([partial(run, part, few, ledger, deadline) for part in step.plans], few)
    if isinstance(sender, _Few):
        if not sender.has_room(len(step.plans)):
            return _one_by_one([partial(run, part, sender, ledger, deadline) for part in step.plans])
        sender = sender.alone()
    return _side_by_side([partial(_begun, part, sender, ledger, deadline) for part in step.plans])


async def run_async(
    plan: Plan[T], sender: AsyncSender, ledger: list[CallRecord], deadline: float | None = None
) -> T:
    """The result of ``plan``, awaited; see `run`."""

    async def perform(step: Step) -> Any:
        match step:
            case Send():
                return await sender.send(cast("Send[Answer]", step), ledger=ledger, deadline=deadline)
            case Pause():
                return await sender.pause(step.seconds, deadline=deadline)
            case Together():
                return await _together_async(step, sender, ledger, deadline)
            case Apart():
                return await run_async(step.plan, sender, step.ledger, step.deadline)
            case Consult():
                answer = step.callback(step.question)
                return await answer if inspect.isawaitable(answer) else answer

    outcome = _Outcome(None)
    while True:
        try:
            step = outcome.enter(plan)
        except StopIteration as end:
            return cast("T", end.value)
        try:
            outcome = _Outcome(await perform(step))
        except BaseException as error:  # noqa: BLE001 - the plan decides, also about a cancellation
            outcome = _Outcome(None, error)


async def _together_async(
    step: Together, sender: AsyncSender, ledger: list[CallRecord], deadline: float | None
) -> tuple[Any, ...]:
    if step.limit is not None:
        few = _Few(sender, step.limit, len(step.plans))
        return await _in_lanes_async(
            [partial(run_async, part, few, ledger, deadline) for part in step.plans], few
        )
    if isinstance(sender, _Few):
        if not sender.has_room(len(step.plans)):
            return await _one_by_one_async(
                [partial(run_async, part, sender, ledger, deadline) for part in step.plans]
            )
        sender = sender.alone()
    parts = [run_async(part, sender, ledger, deadline) for part in step.plans]
    return _unwrap(await asyncio.gather(*parts, return_exceptions=True))


def _answered(answer: Any) -> Any:
    """The answer of a callback, which a blocking runner cannot await.

    Raises:
        ConfigError: It is a coroutine: being true, it would pass for consent that nobody gave.
    """
    if not inspect.isawaitable(answer):
        return answer
    if inspect.iscoroutine(answer):
        answer.close()
    message = "the callback is a coroutine function, and nothing awaits it here"
    raise ConfigError(
        [Finding("client.argument", "error", "confirm", message, "use AsyncDeployer, or a plain function")]
    )


class _Outcome:
    """What became of a step: a value to send into the plan, or an error to throw in."""

    __slots__ = ("error", "value")

    def __init__(self, value: Any, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error

    @classmethod
    def of(cls, perform: Callable[[], Any]) -> _Outcome:
        try:
            return cls(perform())
        except BaseException as error:  # noqa: BLE001 - the plan decides, also about an interruption
            return cls(None, error)

    @property
    def is_interruption(self) -> bool:
        """Whether the error is no failure of the step, but meant for the whole program."""
        return self.error is not None and not isinstance(self.error, Exception)

    def then(self, perform: Callable[[Any], Any]) -> _Outcome:
        """What becomes of the value; the error if there is one."""
        return self if self.error is not None else _Outcome.of(partial(perform, self.value))

    def enter(self, plan: Plan[Any]) -> Step:
        return plan.send(self.value) if self.error is None else plan.throw(self.error)


class _Few:
    """A sender, blocking or not, for plans that may have only so many calls under way together.

    Each plan has one at a time, and more only while so few plans are left that all of them might.

    Attributes:
        limit: How many plans are under way at once, and how many calls.
    """

    def __init__(self, sender: Any, limit: int, plans: int) -> None:
        self.limit = limit
        self._sender = sender
        self._unfinished = plans
        self._lock = threading.Lock()
        self.send: Callable[..., Any] = sender.send
        self.pause: Callable[..., Any] = sender.pause
        if hasattr(sender, "started"):
            self.started: Callable[..., Any] = sender.started

    def has_room(self, parts: int) -> bool:
        """Whether a plan may run so many parts side by side."""
        return parts * self._unfinished <= self.limit

    def alone(self) -> _Few:
        """The sender for parts that run side by side, each of which has one call at a time."""
        return _Few(self._sender, 0, 1)

    def end(self) -> None:
        """One plan has come to its end."""
        with self._lock:
            self._unfinished -= 1


def _one_by_one(tasks: Sequence[Callable[[], Any]]) -> tuple[Any, ...]:
    """The results of ``tasks``, in this thread; all come to their end before the first error is raised."""
    outcomes = []
    for task in tasks:
        outcomes.append(_Outcome.of(task))
        if outcomes[-1].is_interruption:
            break
    return _unwrap([outcome.value if outcome.error is None else outcome.error for outcome in outcomes])


async def _one_by_one_async(tasks: Sequence[Callable[[], Awaitable[Any]]]) -> tuple[Any, ...]:
    """The results of ``tasks``, in this asyncio task; see `_one_by_one`."""
    results: list[Any] = []
    for task in tasks:
        try:
            results.append(await task())
        except Exception as error:  # noqa: BLE001 - raised when all have ended
            results.append(error)
    return _unwrap(results)


def _side_by_side(parts: Sequence[Callable[[], Callable[[], Any]]]) -> tuple[Any, ...]:
    """The results of ``parts``, each begun in this thread, in order; each but the last goes on in another.

    Daemon threads, not a pool: an interrupted program must not wait at its exit for reads in flight.
    """
    outcomes = [_Outcome(None) for _ in parts]

    def settle(index: int, begun: _Outcome) -> None:
        outcomes[index] = begun.then(lambda go_on: go_on())

    threads = []
    for index, begin in enumerate(parts[:-1]):
        threads.append(_thread(settle, index, _Outcome.of(begin)))
        threads[-1].start()
    settle(len(parts) - 1, _Outcome.of(parts[-1]))
    if outcomes[-1].is_interruption and outcomes[-1].error is not None:
        raise outcomes[-1].error  # Ctrl-C is answered at once; what is under way is only read
    for thread in threads:
        thread.join()
    return _unwrap([outcome.value if outcome.error is None else outcome.error for outcome in outcomes])


def _in_lanes(tasks: Sequence[Callable[[], Any]], few: _Few) -> tuple[Any, ...]:
    """The results of ``tasks``, taken in order by as many threads as calls may be under way.

    The calling thread only waits, so that Ctrl-C reaches the plan and not one of the tasks: no further
    task is begun then, and those under way are left to themselves.
    """
    results: list[Any] = [None] * len(tasks)
    waiting = deque(enumerate(tasks))

    def lane() -> None:
        while True:
            try:
                index, task = waiting.popleft()
            except IndexError:
                return
            outcome = _Outcome.of(task)
            results[index] = outcome.value if outcome.error is None else outcome.error
            few.end()
            if outcome.is_interruption:  # raised by a callback, such as SystemExit: nothing more is begun
                waiting.clear()

    threads = [_thread(lane) for _ in range(min(few.limit, len(tasks)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        waiting.clear()
    return _unwrap(results)


async def _in_lanes_async(tasks: Sequence[Callable[[], Any]], few: _Few) -> tuple[Any, ...]:
    """The results of ``tasks``, taken in order by as many asyncio tasks as calls may be under way."""
    results: list[Any] = [None] * len(tasks)
    waiting = deque(enumerate(tasks))

    async def lane() -> None:
        while waiting:
            index, task = waiting.popleft()
            try:
                results[index] = await task()
            except Exception as error:  # noqa: BLE001 - raised when all have ended
                results[index] = error
            few.end()

    lanes = [asyncio.ensure_future(lane()) for _ in range(min(few.limit, len(tasks)))]
    try:
        await asyncio.gather(*lanes)
    except BaseException:  # an interruption, from outside or by a callback: nothing goes on unwatched
        waiting.clear()
        for other in lanes:
            other.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        raise
    return _unwrap(results)


def _thread(work: Callable[..., None], *arguments: Any) -> threading.Thread:
    """A thread with the context variables of this one; not started."""
    return threading.Thread(
        target=contextvars.copy_context().run, args=(work, *arguments), daemon=True, name="eas-deploy"
    )


def _unwrap(results: Sequence[Any]) -> tuple[Any, ...]:
    """The results as a tuple; raises the first that is an error."""
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return tuple(results)
