"""Sends calls and waits for their answers, in the thread that asks; any number of threads may."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from typing_extensions import Self

from eas_deploy.calls.base import Answer
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Send
from eas_deploy.clients import invoking
from eas_deploy.clients.exchange import IoStep, LookUpKeys, Rest, exchange
from eas_deploy.clients.http import Arriving, new_client, transmit
from eas_deploy.clients.sender import Sender
from eas_deploy.clients.wire import HttpClient
from eas_deploy.lifecycle.invocation import Invocation, Reply

A = TypeVar("A", bound=Answer)


class BlockingSender(Sender[HttpClient]):
    """Sends calls, blocking; see `Sender` for its arguments. A context manager; `close` when done."""

    _client_kind = "Client"

    def send(
        self, step: Send[A], *, ledger: list[CallRecord] | None = None, deadline: float | None = None
    ) -> A:
        """The answer to the call of ``step``, after as many attempts as it takes.

        Args:
            step: The call and what it is for.
            ledger: Gets exactly one record of the call, whatever the outcome.
            deadline: When it must be over at the latest, on ``clock.monotonic()``.

        Raises:
            ApiError: The service refused or failed; a subclass says how.
            TransportError: No usable answer came.
        """
        return self.started(step, ledger=ledger, deadline=deadline)()

    def started(
        self, step: Send[A], *, ledger: list[CallRecord] | None = None, deadline: float | None = None
    ) -> Callable[[], A]:
        """The same in two parts: the call counts as started now, the function sends it."""
        course = exchange(step, self._terms, ledger=ledger, deadline=deadline)
        return partial(self._follow, course, next(course))

    def _follow(self, course: Generator[IoStep, Any, A], io_step: IoStep) -> A:
        """The result of an exchange that wants ``io_step`` next."""
        try:
            while True:
                try:
                    outcome = self._do(io_step)
                # An interruption goes through the generator too, so that the call is recorded.
                except BaseException as error:  # noqa: BLE001 - thrown in
                    io_step = course.throw(error)
                else:
                    io_step = course.send(outcome)
        except StopIteration as end:
            answer: A = end.value
            return answer

    def pause(self, seconds: float, *, deadline: float | None = None) -> None:
        """Return after ``seconds``.

        Raises:
            DeadlineExceededError: ``deadline`` comes before; raised at once.
        """
        self._time_for(seconds, deadline)
        self.clock.sleep(seconds)

    def invoke(self, invocation: Invocation) -> Reply:
        """The answer of a deployed service, read whole.

        Raises:
            TransportError: There was none; a subclass says how far it came.
        """
        terms = self._terms
        return invoking.invoke(
            self._open(), invocation, terms.connect_timeout_s, self.user_agent, terms.clock
        )

    def begin(self, invocation: Invocation) -> Arriving:
        """The answer of a deployed service as soon as it begins; read whole if it is no success.

        Raises:
            TransportError: There was none; a subclass says how far it came.
        """
        terms = self._terms
        return invoking.begin(self._open(), invocation, terms.connect_timeout_s, self.user_agent, terms.clock)

    def close(self) -> None:
        """Close the connections; calls fail from now on. An HTTP client that was given stays open."""
        client = self._shut()
        if client is not None:
            client.close()

    def _new_client(self) -> HttpClient:
        return new_client()

    def _do(self, io_step: IoStep) -> object:
        if isinstance(io_step, LookUpKeys):
            self._open()  # a closed one is refused here, before anything counts as an attempt
            return self._keyring.obtain(io_step.stale, io_step.within_s)
        if isinstance(io_step, Rest):
            self.clock.sleep(io_step.seconds)
            return None
        return transmit(self._open(), io_step, self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
