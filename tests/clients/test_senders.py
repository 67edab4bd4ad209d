"""The two senders: what they hold, how they are opened, closed and shared."""

import asyncio
import pickle
import re
import socket
import threading

import httpx
import pytest
from client_stand_ins import KEYS, FakeClock

from eas_deploy.calls import DescribeService, Send
from eas_deploy.clients import AsyncSender, BlockingSender
from eas_deploy.clients.sender import official_packages, official_packages_loaded
from eas_deploy.errors import ConfigError, ConnectError, DeadlineExceededError

CALL = Send(DescribeService("x"))
SENDERS = pytest.mark.parametrize("kind", [BlockingSender, AsyncSender])


@SENDERS
def test_the_user_agent(kind):
    """One trace id a sender, the caller's token at the end."""
    ours = (
        r"AlibabaCloud-Agent-Skills/alibabacloud-pai-eas-service-deploy/[0-9a-f]{32} eas-deploy/\d+\.\d+\.\d+"
    )
    one, two = kind("cn-hangzhou").user_agent, kind("cn-hangzhou", user_agent="tool/1 more/2").user_agent
    assert re.fullmatch(ours, one)
    assert re.fullmatch(ours + " tool/1 more/2", two)
    assert one.split("/")[2] != two.split("/")[2]


def test_all_requests_of_a_sender_carry_one_user_agent():
    seen = []

    def server(request):
        seen.append(request.headers["user-agent"])
        return httpx.Response(200, json={})

    sender = BlockingSender(
        "cn-hangzhou", http_client=httpx.Client(transport=httpx.MockTransport(server)), **KEYS
    )
    sender.send(CALL)
    sender.send(CALL)
    assert seen == [sender.user_agent] * 2


@SENDERS
def test_a_sender_refuses_to_be_pickled(kind):
    """It holds keys and connections."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(kind("cn-hangzhou", **KEYS))


@SENDERS
def test_a_sender_shows_no_keys(kind):
    assert repr(kind("cn-hangzhou", **KEYS)) == f"{kind.__name__}('cn-hangzhou')"


@SENDERS
def test_explicit_keys_are_known_as_such(kind):
    assert kind("cn-hangzhou", **KEYS).has_explicit_keys
    assert not kind("cn-hangzhou").has_explicit_keys


@pytest.mark.parametrize(
    ("kind", "client"),
    [(BlockingSender, object()), (BlockingSender, httpx.AsyncClient()), (AsyncSender, httpx.Client())],
)
def test_a_wrong_http_client_is_refused(kind, client):
    with pytest.raises(ConfigError, match="http_client"):
        kind("cn-hangzhou", http_client=client)


def test_a_given_client_is_left_open():
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={})))
    with BlockingSender("cn-hangzhou", http_client=client, **KEYS) as sender:
        sender.send(CALL)
    assert not client.is_closed


def test_a_closed_sender_sends_nothing():
    ledger = []
    sender = BlockingSender("cn-hangzhou", **KEYS)
    sender.close()
    sender.close()
    with pytest.raises(ConnectError, match="closed"):
        sender.send(CALL, ledger=ledger)
    assert [record.attempts for record in ledger] == [0]


def test_a_closed_async_sender_sends_nothing():
    async def main():
        sender = AsyncSender("cn-hangzhou", **KEYS)
        await sender.aclose()
        with pytest.raises(ConnectError, match="closed"):
            await sender.send(CALL)

    asyncio.run(main())


@pytest.fixture
def server():
    """A raw server on loopback: gives each connection to the function that a test sets."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served = threading.Event()
        state = {"url": f"http://127.0.0.1:{listening.getsockname()[1]}", "talk": None, "connections": 0}

        def serve():
            while not served.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                state["connections"] += 1
                with connection:
                    state["talk"](connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield state
        served.set()
        with socket.create_connection(listening.getsockname()):
            pass
        thread.join(5)


def good(connection):
    """Answers every request of a connection."""
    while connection.recv(65536):
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n" + b'{"ServiceName": "s" }')


def test_connections_are_kept_and_closed(server):
    """The sender's own client is made for the first call, pooled, and closed with it."""
    server["talk"] = good
    with BlockingSender("cn-hangzhou", endpoint_url=server["url"], **KEYS) as sender:
        assert sender._client is None
        assert [sender.send(CALL).service_name for _ in range(3)] == ["s"] * 3
        own = sender._client
    assert own.is_closed
    assert server["connections"] == 1


def test_an_async_sender_over_a_real_connection(server):
    server["talk"] = good

    async def main():
        async with AsyncSender("cn-hangzhou", endpoint_url=server["url"], **KEYS) as sender:
            first = await sender.send(CALL)
            own = sender._client
        return first.service_name, own.is_closed

    assert asyncio.run(main()) == ("s", True)


def test_the_first_call_of_all_loads_what_it_needs(server):
    """Not in the event loop, which would stand still meanwhile."""
    server["talk"] = good
    official_packages.cache_clear()

    async def main():
        async with AsyncSender("cn-hangzhou", endpoint_url=server["url"], **KEYS) as sender:
            return await sender.send(CALL)

    assert asyncio.run(main()).service_name == "s"
    assert official_packages_loaded()


def test_a_refused_connection_sent_nothing():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            BlockingSender("cn-hangzhou", endpoint_url=url, max_retries=0, **KEYS) as sender,
            pytest.raises(ConnectError, match="nothing was sent"),
        ):
            sender.send(CALL)


def drip(head):
    """Sends ``head`` whole and then a byte now and then, for as long as anyone listens."""

    def talk(connection):
        connection.recv(65536)
        pause = threading.Event()
        try:
            connection.sendall(head)
            for _ in range(500):
                pause.wait(0.01)
                connection.sendall(b"x")
        except OSError:
            return

    return talk


def test_a_dripping_body_ends_in_time(server):
    server["talk"] = drip(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")
    with (
        BlockingSender("cn-hangzhou", endpoint_url=server["url"], call_timeout_s=0.1, **KEYS) as sender,
        pytest.raises(DeadlineExceededError),
    ):
        sender.send(CALL)


def test_dripping_headers_end_in_time_under_asyncio(server):
    server["talk"] = drip(b"HTTP/1.1 200 OK\r\nx-slow: ")

    async def main():
        async with AsyncSender(
            "cn-hangzhou", endpoint_url=server["url"], call_timeout_s=0.1, **KEYS
        ) as sender:
            with pytest.raises(DeadlineExceededError):
                await sender.send(CALL)

    asyncio.run(main())


def test_a_cancelled_call_is_recorded(server):
    server["reached"] = threading.Event()

    def silent(connection):
        while connection.recv(65536):
            server["reached"].set()

    server["talk"] = silent
    ledger = []

    async def main():
        async with AsyncSender("cn-hangzhou", endpoint_url=server["url"], **KEYS) as sender:
            task = asyncio.create_task(sender.send(CALL, ledger=ledger))
            await asyncio.to_thread(server["reached"].wait, 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    assert [(record.operation, record.error) for record in ledger] == [("DescribeService", "CancelledError")]


def test_many_threads_share_a_sender():
    client = httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"ServiceName": "s"}))
    )
    sender = BlockingSender("cn-hangzhou", http_client=client, **KEYS)
    ledger, wrong = [], []

    def work():
        answers = [sender.send(CALL, ledger=ledger) for _ in range(25)]
        wrong.extend(answer for answer in answers if answer.service_name != "s")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(ledger), wrong) == (200, [])


def test_a_pause_is_the_clocks():
    clock = FakeClock()
    BlockingSender("cn-hangzhou", clock=clock).pause(3.0, deadline=clock.seconds + 5)
    asyncio.run(AsyncSender("cn-hangzhou", clock=clock).pause(4.0))
    assert clock.pauses == [3.0, 4.0]


def test_a_pause_beyond_the_deadline_is_not_begun():
    clock = FakeClock()
    with pytest.raises(DeadlineExceededError):
        BlockingSender("cn-hangzhou", clock=clock).pause(3.0, deadline=clock.seconds + 2)
    with pytest.raises(DeadlineExceededError):
        asyncio.run(AsyncSender("cn-hangzhou", clock=clock).pause(3.0, deadline=clock.seconds + 2))
    assert clock.pauses == []


def test_an_outage_does_not_multiply_requests():
    """The calls of a client share a budget of retries."""
    asked = []

    def down(request):
        asked.append(request)
        return httpx.Response(503, json={"Code": "ServiceUnavailable", "Message": "down"})

    client = httpx.Client(transport=httpx.MockTransport(down))
    sender = BlockingSender("cn-hangzhou", http_client=client, clock=FakeClock(), **KEYS)
    for _ in range(100):
        with pytest.raises(Exception, match="ServiceUnavailable"):
            sender.send(CALL)
    assert len(asked) == 100 + 60
