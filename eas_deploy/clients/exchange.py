"""One call from its first attempt to its outcome: sign, send, read, judge, and again if need be.

A generator, with no socket, sleep or thread in it: it yields what it needs of the outside and is sent the
result, or has the error thrown in. The blocking and the asynchronous sender run the same generator.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from eas_deploy._defaults import LONG_READ_OPERATIONS, LONG_READ_TIMEOUT_S
from eas_deploy.calls.base import A, Call
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Send
from eas_deploy.clients.clock import Clock
from eas_deploy.clients.credentials import Keys
from eas_deploy.clients.judging import Circumstances, judge, request_id, token_expired
from eas_deploy.clients.pacing import Limiter
from eas_deploy.clients.retry import RetryBudget, Tally, pause_before_retry
from eas_deploy.clients.wire import SignedRequest, WireAnswer
from eas_deploy.errors import (
    ApiError,
    DeadlineExceededError,
    EasDeployError,
    ReadTimeoutError,
    ThrottledError,
    TransportError,
)

logger = logging.getLogger("eas_deploy")


@dataclass(frozen=True, slots=True)
class LookUpKeys:
    """Get keys to sign with; the outcome is `Keys`.

    Attributes:
        stale: Keys that were refused as expired: get others, if there are any.
        within_s: Seconds that it may take.
    """

    stale: Keys | None
    within_s: float


@dataclass(frozen=True, slots=True)
class Transmit:
    """Send a request and read its answer whole; the outcome is a `WireAnswer`.

    Attributes:
        request: What to send.
        operation: The API operation, for messages.
        host: Where it goes, for messages.
        connect_s: Seconds to make the connection.
        read_s: Seconds without a byte.
        until: When it must be over, on the monotonic clock.
        doubt: What may be wrong with the host, if anything is known; for messages.
    """

    request: SignedRequest
    operation: str
    host: str
    connect_s: float
    read_s: float
    until: float
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Rest:
    """Wait so many seconds."""

    seconds: float


IoStep: TypeAlias = LookUpKeys | Transmit | Rest


class Writer(Protocol):
    """Turns a call into a request, signed for this moment."""

    def __call__(self, call: Call[Any], keys: Keys, date: datetime) -> SignedRequest:
        """The request for one attempt; the nonce is a new one each time."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What all calls of one sender have in common.

    Attributes:
        write: Makes the request of one attempt.
        host_of: The host that a call goes to.
        keys_from: Where the keys come from, for messages.
        doubt: What may be wrong with the hosts, if anything is known; for messages.
        clock: The time.
        budget: The retries that all calls share.
        dice: Random numbers, 0 to 1.
        connect_timeout_s: Seconds to make a connection.
        read_timeout_s: Seconds without a byte of an answer.
        call_timeout_s: Seconds for one call with all its attempts and pauses.
        max_retries: Attempts after the first one.
        limiter: When a call may start, and who is told what became of it.
    """

    write: Writer
    host_of: Callable[[Call[Any]], str]
    keys_from: str
    doubt: str
    clock: Clock
    budget: RetryBudget
    dice: Callable[[], float]
    connect_timeout_s: float
    read_timeout_s: float
    call_timeout_s: float
    max_retries: int
    limiter: Limiter


@dataclass(slots=True)
class _Course:
    """How one call has gone so far."""

    call: Call[Any]
    host: str
    until: float
    tally: Tally = field(default_factory=Tally)
    attempts: int = 0
    answer: WireAnswer | None = None
    request_id: str | None = None
    failure: EasDeployError | None = None
    read_timed_out: bool = False

    @property
    def lane(self) -> str:
        """What the limiter paces: the operation at this host."""
        return f"{self.host} {self.call.operation}"


def exchange(
    step: Send[A], terms: Terms, *, ledger: list[CallRecord] | None, deadline: float | None
) -> Generator[IoStep, Any, A]:
    """The answer to the call of ``step``.

    Args:
        step: The call and what it is for.
        terms: What all calls of the sender have in common.
        ledger: Gets exactly one record, whatever the outcome, an interruption included.
        deadline: When the call must be over at the latest, on the monotonic clock of ``terms``.
    """
    clock = terms.clock
    started_at, started = clock.now(), clock.monotonic()
    until = started + terms.call_timeout_s
    course = _Course(step.call, terms.host_of(step.call), until if deadline is None else min(until, deadline))
    error: str | None = None
    try:
        return (yield from _attempts(step.call, course, terms))
    except BaseException as failure:
        error = str(failure) or type(failure).__name__
        raise
    finally:
        record = CallRecord(
            operation=step.call.operation,
            purpose=step.purpose,
            request_id=course.request_id,
            attempts=course.attempts,
            started_at=started_at,
            duration_s=clock.monotonic() - started,
            http_status=course.answer.status if course.answer else None,
            error=error,
        )
        if ledger is not None:
            ledger.append(record)
        outcome = error or f"HTTP {record.http_status}"
        logger.info(
            "%s: %s (attempts: %d, %.3f s, request id %s)",
            *(record.operation, outcome, record.attempts, record.duration_s, record.request_id),
        )


def _attempts(call: Call[A], course: _Course, terms: Terms) -> Generator[IoStep, Any, A]:
    clock = terms.clock
    keys: Keys | None = None
    renewed = False
    while True:
        _check_time(course, clock)
        # Asked now and not before the pause: a place taken ahead of time would hold up all calls behind it.
        turn_s = terms.limiter.reserve(course.lane, clock.monotonic())
        if turn_s > 0:
            yield Rest(min(turn_s, course.until - clock.monotonic()))
            _check_time(course, clock)
        if keys is None:
            keys = yield LookUpKeys(None, course.until - clock.monotonic())
            _check_time(course, clock)
        try:
            answer = yield from _watched(call, course, terms, keys)
        except (ApiError, TransportError) as caught:
            failure = course.failure = caught
            failure.attempts = course.attempts
        else:
            terms.budget.refund()
            return answer
        if token_expired(failure) and not renewed and clock.monotonic() < course.until:
            # A refused token proves that nothing was done, so changing calls are sent again too.
            renewed = True
            others: Keys = yield LookUpKeys(keys, course.until - clock.monotonic())
            if others != keys:
                keys = others
                continue
        pause_s = _pause(failure, course, terms)
        if pause_s is None:
            raise failure
        yield Rest(pause_s)


def _watched(call: Call[A], course: _Course, terms: Terms, keys: Keys) -> Generator[IoStep, Any, A]:
    """The answer to one attempt; the limiter learns what became of it."""
    clock, limiter, lane = terms.clock, terms.limiter, course.lane
    started = clock.monotonic()
    try:
        answer = yield from _attempt(call, course, terms, keys)
    except ThrottledError as error:
        limiter.learn(lane, started, clock.monotonic(), error.retry_after_s, True)  # noqa: FBT003 - see Limiter
        raise
    limiter.learn(lane, started, clock.monotonic(), None, False)  # noqa: FBT003 - see Limiter
    return answer


def _attempt(call: Call[A], course: _Course, terms: Terms, keys: Keys) -> Generator[IoStep, Any, A]:
    """The answer to one attempt, or its failure."""
    clock = terms.clock
    course.attempts += 1
    course.answer = course.request_id = None
    began = clock.monotonic()
    read_s = terms.read_timeout_s
    if course.read_timed_out and call.operation in LONG_READ_OPERATIONS:
        read_s = max(read_s, LONG_READ_TIMEOUT_S)
    outcome: object = "failed"
    try:
        request = terms.write(call, keys, clock.now())
        answer: WireAnswer = yield Transmit(
            request=request,
            operation=call.operation,
            host=course.host,
            connect_s=terms.connect_timeout_s,
            read_s=read_s,
            until=course.until,
            doubt=terms.doubt,
        )
        course.answer = answer
        about = Circumstances(course.host, terms.keys_from, keys.masked_id, clock.now(), keys.scrub)
        found = judge(call, answer, about)
    except EasDeployError as failure:
        outcome = type(failure).__name__
        course.request_id = request_id(course.answer, failure) if course.answer else None
        course.read_timed_out = course.read_timed_out or isinstance(failure, ReadTimeoutError)
        raise
    else:
        outcome, course.request_id = answer.status, request_id(answer, found)
        return found
    finally:
        logger.debug(
            "%s attempt %d at %s: %s in %.3f s, request id %s",
            *(call.operation, course.attempts, course.host, outcome),
            *(clock.monotonic() - began, course.request_id),
        )


def _check_time(course: _Course, clock: Clock) -> None:
    """Go on only while there is time.

    Raises:
        DeadlineExceededError: There is none left; its cause is what happened last.
    """
    if clock.monotonic() < course.until:
        return
    last = f"the last attempt ended so: {course.failure}" if course.failure else "nothing was sent."
    raise DeadlineExceededError(
        f"{course.call.operation} at {course.host}: the time allowed is over "
        f"(attempts: {course.attempts}); {last} Allow more time (call_timeout_s, deploy_timeout_s) or try again.",
        operation=course.call.operation,
        host=course.host,
    ) from course.failure


def _pause(failure: EasDeployError, course: _Course, terms: Terms) -> float | None:
    """Seconds before the next attempt; None to give up.

    Raises:
        DeadlineExceededError: The last attempt used up the time allowed.
    """
    if not isinstance(failure, ApiError):  # what the service did answer is worth more than "too late"
        _check_time(course, terms.clock)
    course.tally.add(failure)
    pause_s = pause_before_retry(
        failure,
        course.tally,
        repeatable=course.call.repeatable,
        max_retries=terms.max_retries,
        remaining_s=course.until - terms.clock.monotonic(),
        dice=terms.dice(),
    )
    # The service paces throttled calls itself; all others draw on what the calls share.
    free = isinstance(failure, ThrottledError)
    return pause_s if pause_s is not None and (free or terms.budget.take()) else None
