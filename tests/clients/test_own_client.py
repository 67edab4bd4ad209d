"""Requests to services over the client that a sender makes for itself."""

import asyncio
import time

import pytest
from client_stand_ins import KEYS

from eas_deploy.clients import AsyncSender, BlockingSender
from eas_deploy.emulator import Emulator
from eas_deploy.errors import ConnectError
from eas_deploy.lifecycle.invocation import Invocation


@pytest.fixture(scope="module")
def url():
    with Emulator() as emulator:
        yield emulator.url


def invocation(url, path="/api/predict/nobody", content=b"{}"):
    """A request to no service at all: the emulator answers it with a 404."""
    return Invocation("POST", f"{url}{path}", {}, content, None, 5.0, time.monotonic() + 5.0)


@pytest.mark.parametrize(
    ("path", "content", "on_a_lane"),
    [
        ("/api/predict/nobody", b"{}", True),
        ("/api/predict/nobody?a=b%20c&d=[1]", None, True),
        ("/api/predict/nobödy", b"{}", False),
        ("/api/predict/no body", b"{}", False),
        ("/api/predict/nobody", iter([b"{", b"}"]), False),
    ],
    ids=["plain", "with a query", "not ASCII", "a space", "in pieces"],
)
@pytest.mark.parametrize("kind", [BlockingSender, AsyncSender])
def test_what_can_go_over_a_lane_does(url, kind, path, content, on_a_lane):
    """It is quicker. What must be encoded, or comes in pieces, is the HTTP package's to send."""

    async def awaited():
        async with AsyncSender("cn-hangzhou", endpoint_url=url, **KEYS) as sender:
            reply = await sender.invoke(invocation(url, path, content))
            return reply, sender._client

    def blocking():
        with BlockingSender("cn-hangzhou", endpoint_url=url, **KEYS) as sender:
            return sender.invoke(invocation(url, path, content)), sender._client

    reply, own = asyncio.run(awaited()) if kind is AsyncSender else blocking()
    assert reply.status == 404
    assert (own._client is None) is on_a_lane


def test_a_service_is_asked_over_a_client_made_for_it(url):
    with BlockingSender("cn-hangzhou", endpoint_url=url, **KEYS) as sender:
        own = sender._open()
        assert own._client is None
        statuses = {sender.invoke(invocation(url)).status, sender.begin(invocation(url)).status}
        services = own._client
    assert statuses == {404}
    assert services.is_closed


def test_under_asyncio_too(url):
    async def main():
        async with AsyncSender("cn-hangzhou", endpoint_url=url, **KEYS) as sender:
            own = sender._open()
            statuses = {
                (await sender.invoke(invocation(url))).status,
                (await sender.begin(invocation(url))).status,
            }
            return statuses, own

    statuses, own = asyncio.run(main())
    assert statuses == {404}
    assert own._client.is_closed


def test_a_closed_sender_asks_no_service(url):
    sender = BlockingSender("cn-hangzhou", endpoint_url=url, **KEYS)
    sender.close()
    with pytest.raises(ConnectError, match="closed"):
        sender.invoke(invocation(url))
