"""Sends calls and waits for their answers under asyncio; any number of tasks of one event loop may."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TypeVar

from typing_extensions import Self

from eas_deploy.calls.base import Answer
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Send
from eas_deploy.clients import invoking
from eas_deploy.clients.exchange import IoStep, LookUpKeys, Rest, exchange
from eas_deploy.clients.http import AsyncArriving, new_async_client, transmit_async
from eas_deploy.clients.sender import Sender, official_packages, official_packages_loaded
from eas_deploy.clients.wire import AsyncHttpClient
from eas_deploy.lifecycle.invocation import Invocation, Reply

A = TypeVar("A", bound=Answer)


class AsyncSender(Sender[AsyncHttpClient]):
    """Sends calls under asyncio; see `Sender` for its arguments. A context manager; `aclose` when done."""

    _client_kind = "AsyncClient"

    async def send(
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
        # The first import of the official packages takes 0.4 s: not in the event loop.
        if not official_packages_loaded():
            await asyncio.to_thread(official_packages)
        course = exchange(step, self._terms, ledger=ledger, deadline=deadline)
        try:
            io_step = next(course)
            while True:
                try:
                    outcome = await self._do(io_step)
                # A cancellation goes through the generator too, so that the call is recorded.
                except BaseException as error:  # noqa: BLE001 - thrown in
                    io_step = course.throw(error)
                else:
                    io_step = course.send(outcome)
        except StopIteration as end:
            answer: A = end.value
            return answer

    async def pause(self, seconds: float, *, deadline: float | None = None) -> None:
        """Return after ``seconds``.

        Raises:
            DeadlineExceededError: ``deadline`` comes before; raised at once.
        """
        self._time_for(seconds, deadline)
        await self.clock.sleep_async(seconds)

    async def invoke(self, invocation: Invocation) -> Reply:
        """The answer of a deployed service, read whole; see `BlockingSender.invoke`."""
        terms = self._terms
        return await invoking.invoke_async(
            self._open(), invocation, terms.connect_timeout_s, self.user_agent, terms.clock
        )

    async def begin(self, invocation: Invocation) -> AsyncArriving:
        """The answer of a deployed service as soon as it begins; see `BlockingSender.begin`."""
        terms = self._terms
        return await invoking.begin_async(
            self._open(), invocation, terms.connect_timeout_s, self.user_agent, terms.clock
        )

    async def aclose(self) -> None:
        """Close the connections; calls fail from now on. An HTTP client that was given stays open."""
        client = self._shut()
        if client is not None:
            await client.aclose()

    def _new_client(self) -> AsyncHttpClient:
        return new_async_client()

    async def _do(self, io_step: IoStep) -> object:
        if isinstance(io_step, LookUpKeys):
            self._open()  # a closed one is refused here, before anything counts as an attempt
            return await self._keyring.obtain_async(io_step.stale, io_step.within_s)
        if isinstance(io_step, Rest):
            await self.clock.sleep_async(io_step.seconds)
            return None
        return await transmit_async(self._open(), io_step, self.clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
