"""What a plan can ask of the one who runs it: send a call, pause, run plans together or apart, ask the caller.

A plan is a generator: it yields a step and is sent the outcome, or has the error thrown in. Nothing
here does I/O. Plans are written with ``yield from`` over the functions below, which carry the types.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, overload

from eas_deploy.calls.base import A, Call, ItemT, Listing, PagedCall
from eas_deploy.calls.record import CallRecord

T = TypeVar("T")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
Q = TypeVar("Q")


@dataclass(frozen=True)
class Send(Generic[A]):
    """Send a call; the outcome is its answer, an error is thrown in."""

    call: Call[A]
    purpose: str = ""


@dataclass(frozen=True)
class Pause:
    """Wait before going on, in seconds."""

    seconds: float


@dataclass(frozen=True)
class Together:
    """Run plans side by side, started in order; the outcome is the tuple of their results.

    All of them are run to their end; then the first error, in order, is thrown in.

    Attributes:
        plans: What to run.
        limit: How many of them run at once, and how many calls they have under way at once, those of the
            plans that they run together included. None sets no limit.
    """

    plans: tuple[Generator[Any, Any, Any], ...]
    limit: int | None = None


@dataclass(frozen=True)
class Apart:
    """Run a plan with a ledger and a deadline of its own; the outcome is its result.

    Attributes:
        plan: What to run.
        ledger: Where its calls are recorded.
        deadline: When it must be over, on the monotonic clock of the one who runs it.
    """

    plan: Generator[Any, Any, Any]
    ledger: list[CallRecord]
    deadline: float


@dataclass(frozen=True)
class Consult(Generic[Q, T]):
    """Ask the caller of the library; the outcome is the answer. Callbacks may be coroutine functions."""

    callback: Callable[[Q], T | Awaitable[T]]
    question: Q


Step: TypeAlias = Send[Any] | Pause | Together | Apart | Consult[Any, Any]
Plan: TypeAlias = Generator[Step, Any, T]


def send(call: Call[A], purpose: str = "") -> Plan[A]:
    """The answer to ``call``; ``purpose`` goes into the ledger."""
    answer: A = yield Send(call, purpose)
    return answer


def pause(seconds: float) -> Plan[None]:
    """Wait ``seconds``."""
    yield Pause(seconds)


def consult(callback: Callable[[Q], T | Awaitable[T]], question: Q) -> Plan[T]:
    """What the caller's callback answers to ``question``."""
    answer: T = yield Consult(callback, question)
    return answer


@overload
def together(one: Plan[T1], two: Plan[T2], /) -> Plan[tuple[T1, T2]]: ...
@overload
def together(*plans: Plan[Any]) -> Plan[tuple[Any, ...]]: ...
def together(*plans: Plan[Any]) -> Plan[tuple[Any, ...]]:
    """The results of ``plans``, run side by side and started in order."""
    results: tuple[Any, ...] = yield Together(plans)
    return results


def in_lanes(plans: Iterable[Plan[T]], limit: int) -> Plan[tuple[T, ...]]:
    """The results of ``plans``, run ``limit`` at a time and started in order."""
    results: tuple[T, ...] = yield Together(tuple(plans), limit)
    return results


def apart(plan: Plan[T], ledger: list[CallRecord], deadline: float) -> Plan[T]:
    """The result of ``plan``, its calls recorded in ``ledger`` and over by ``deadline``."""
    result: T = yield Apart(plan, ledger, deadline)
    return result


def every(
    call: PagedCall[Listing[ItemT]],
    purpose: str = "",
    until: Callable[[ItemT], bool] | None = None,
) -> Plan[list[ItemT]]:
    """All items of a paged call, following its pages to the end.

    Args:
        call: The call for the first page.
        purpose: What it is for, for the ledger.
        until: When given, pages after the first one holding an item for which it is true are not read.
    """
    items: list[ItemT] = []
    following: PagedCall[Listing[ItemT]] | None = call
    while following is not None:
        page: Listing[ItemT] = yield Send(following, purpose)
        items += page.items
        if until is not None and any(until(item) for item in page.items):
            break
        following = following.next_page(page, len(items))
    return items
