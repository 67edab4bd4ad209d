"""Requests to deployed services, over the client that also sends the API calls.

The errors are those of `eas_deploy.clients.http`; what they mean for a service is said in ``lifecycle``.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from urllib.parse import urlsplit

from eas_deploy.clients.clock import Clock
from eas_deploy.clients.exchange import Transmit
from eas_deploy.clients.http import (
    Arriving,
    AsyncArriving,
    open_answer,
    open_answer_async,
    service_answer,
    service_answer_async,
)
from eas_deploy.clients.wire import AsyncHttpClient, HttpClient, SignedRequest, WireAnswer
from eas_deploy.lifecycle.invocation import Content, Invocation, Reply


def invoke(client: HttpClient, invocation: Invocation, connect_s: float, agent: str, clock: Clock) -> Reply:
    """The answer of a service, read whole.

    Raises:
        TransportError: There was none; a subclass says how far it came.
    """
    step = _step(invocation, connect_s, agent, _for_blocking(invocation.content))
    return _reply(service_answer(client, step, clock))


async def invoke_async(
    client: AsyncHttpClient, invocation: Invocation, connect_s: float, agent: str, clock: Clock
) -> Reply:
    """The answer of a service, read whole; see `invoke`."""
    step = _step(invocation, connect_s, agent, _for_asyncio(invocation.content))
    return _reply(await service_answer_async(client, step, clock))


def begin(client: HttpClient, invocation: Invocation, connect_s: float, agent: str, clock: Clock) -> Arriving:
    """The answer of a service as soon as it begins; read whole if it is no success."""
    return open_answer(client, _step(invocation, connect_s, agent, _for_blocking(invocation.content)), clock)


async def begin_async(
    client: AsyncHttpClient, invocation: Invocation, connect_s: float, agent: str, clock: Clock
) -> AsyncArriving:
    """The answer of a service as soon as it begins; see `begin`."""
    step = _step(invocation, connect_s, agent, _for_asyncio(invocation.content))
    return await open_answer_async(client, step, clock)


def _step(invocation: Invocation, connect_s: float, agent: str, content: Content | None) -> Transmit:
    headers = {"User-Agent": agent, **invocation.headers}
    if invocation.token is not None:
        headers["Authorization"] = invocation.token.get_secret_value()
    return Transmit(
        request=SignedRequest(invocation.method, invocation.url, headers, content),
        operation=invocation.method,
        host=urlsplit(invocation.url).netloc,
        connect_s=connect_s,
        read_s=invocation.timeout_s,
        until=invocation.until,
    )


def _reply(answer: WireAnswer) -> Reply:
    return Reply(answer.status, answer.headers, answer.body)


def _for_blocking(content: Content | None) -> Content | None:
    """The body as a blocking client takes it.

    Raises:
        TypeError: It comes asynchronously.
    """
    if isinstance(content, AsyncIterable):
        raise TypeError(
            "an async iterator can be sent by AsyncService only; give bytes, a file or an iterator"
        )
    return content


def _for_asyncio(content: Content | None) -> Content | None:
    """The body as an asyncio client takes it: not as a plain iterator."""
    if content is None or isinstance(content, (bytes, AsyncIterable)):
        return content
    return _one_by_one(content)


async def _one_by_one(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
