"""API calls over kept connections: used again while they are good, and never when they are not."""

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
import time

import httpx
import pytest
from client_stand_ins import KEYS
from raw_servers import GOOD, READ, REGION, Server, answering, idle, until_readable

from eas_deploy.clients import AsyncSender, BlockingSender, lanes
from eas_deploy.clients.lanes import Lanes
from eas_deploy.clients.sockets import BlockingStream
from eas_deploy.errors import ConnectError, ConnectionLostError, ReadTimeoutError


def test_one_connection_for_call_after_call(any_sender):
    with Server(answering(GOOD)) as server, any_sender(server.url) as client:
        assert [client.send().service_name for _ in range(3)] == ["demo"] * 3
        assert server.connections == 1


def test_threads_that_start_together_keep_their_connections_together():
    """What both find out about the host for the first time is one and the same afterwards."""
    both = threading.Barrier(2)

    class Slow(Lanes):
        def _new_origin(self, scheme, authority):
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(0.2)
            return super()._new_origin(scheme, authority)

    lanes, places = Slow(httpx), []
    threads = [
        threading.Thread(target=lambda: places.append(lanes._aim("https://host.test/path")[0]))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert places[0] is places[1]


def test_a_connection_that_was_closed_meanwhile_is_not_used(any_sender):
    """A request on it would be lost, and for a change nobody could tell whether it arrived."""

    def talk(server, connection, _number):
        server.request(connection)
        connection.sendall(GOOD)
        connection.shutdown(socket.SHUT_RDWR)
        server.done.set()

    with Server(talk) as server, any_sender(server.url, max_retries=0) as client:
        for count in (1, 2):
            server.done = threading.Event()
            assert client.send().service_name == "demo"
            until_readable(server)
            idle(client)
            assert server.connections == count


@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_that_nobody_asked_for_is_not_the_next_ones(any_sender, at_once):
    """A server may say 408 on an idle connection: the next request must not take that for its answer."""
    unasked = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"

    def talk(server, connection, number):
        server.request(connection)
        first = number == 1
        connection.sendall(GOOD + unasked if first and at_once else GOOD)
        if first and not at_once:
            time.sleep(0.05)
            connection.sendall(unasked)
        server.done.set()
        server.request(connection)

    with Server(talk) as server, any_sender(server.url, max_retries=0) as client:
        server.done = threading.Event()
        client.send()
        until_readable(server)
        idle(client)
        assert client.send().service_name == "demo"
        assert server.connections == 2


def test_a_connection_that_the_server_gives_up_is_not_used_again(any_sender):
    answer = GOOD.replace(b"content-length", b"connection: close\r\ncontent-length")
    with Server(answering(answer)) as server, any_sender(server.url) as client:
        client.send()
        client.send()
        assert server.connections == 2


def test_after_a_timeout_the_late_answer_is_nobodys(any_sender):
    """The connection of a call that was given up is closed: its answer may still be on the way."""
    other = GOOD.replace(b"demo", b"late")

    def talk(server, connection, number):
        server.request(connection)
        if number == 1:
            server.done.wait(5)
            connection.sendall(other)
        else:
            connection.sendall(GOOD)

    with Server(talk) as server, any_sender(server.url, read_timeout_s=0.1, max_retries=0) as client:
        server.done = threading.Event()
        with pytest.raises(ReadTimeoutError):
            client.send()
        server.done.set()
        assert client.send().service_name == "demo"
        assert server.connections == 2


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_an_event_loop_after_another():
    """Connections belong to a loop: those of one that is gone are not used, and cannot be closed either."""
    with Server(answering(GOOD)) as server:
        sender = AsyncSender(REGION, endpoint_url=server.url, **KEYS)
        for count in (1, 2):
            assert asyncio.run(sender.send(READ)).service_name == "demo"
            assert server.connections == count
        asyncio.run(sender.aclose())
        gc.collect()


def test_a_cancelled_call_leaves_no_connection_behind():
    """Its answer would be taken for the next one's."""

    def talk(server, connection, number):
        server.request(connection)
        server.reached.set()
        if number > 1:
            connection.sendall(GOOD)
        server.request(connection)

    async def main(server):
        async with AsyncSender(REGION, endpoint_url=server.url, **KEYS) as sender:
            task = asyncio.create_task(sender.send(READ))
            await asyncio.to_thread(server.reached.wait, 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await sender.send(READ)).service_name

    with Server(talk) as server:
        server.reached = threading.Event()
        assert asyncio.run(main(server)) == "demo"
        assert server.connections == 2


def test_closing_ends_what_is_under_way():
    """Closed by another thread: the call ends with an error of ours instead of waiting on."""

    def talk(server, connection, _number):
        server.request(connection)
        server.reached.set()
        server.request(connection)

    with Server(talk) as server:
        server.reached = threading.Event()
        sender = BlockingSender(REGION, endpoint_url=server.url, read_timeout_s=30, max_retries=0, **KEYS)
        outcome = []

        def call():
            try:
                sender.send(READ)
            except ConnectionLostError as error:
                outcome.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        assert server.reached.wait(5)
        sender.close()
        thread.join(5)
        assert len(outcome) == 1


def test_closing_takes_no_encryption_away():
    """Whoever is about to send in another thread would send in the clear."""
    ours, theirs = socket.socketpair()
    with theirs:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        wrapped = context.wrap_socket(ours, do_handshake_on_connect=False)
        stream = BlockingStream(wrapped)
        stream.interrupt()
        assert wrapped._sslobj is not None
        assert theirs.recv(1) == b""
        stream.close()


def test_a_client_that_is_closed_while_it_connects_sends_nothing(monkeypatch):
    found, asked = threading.Event(), threading.Event()
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *a, **b: asked.set() or (found.wait(5) and look_up(*a, **b))
    )
    outcome = []
    with Server(answering(GOOD)) as server:
        sender = BlockingSender(REGION, endpoint_url=server.url, max_retries=0, **KEYS)

        def call():
            try:
                sender.send(READ)
            except ConnectError as error:
                outcome.append(str(error))

        thread = threading.Thread(target=call)
        thread.start()
        assert asked.wait(5)
        sender.close()
        found.set()
        thread.join(5)
        assert "closed" in outcome[0]
        assert server.received == []


def test_a_process_that_was_forked_has_connections_of_its_own(monkeypatch):
    """On those of its parent it would read its parent's answers, and its parent its own."""
    with Server(answering(GOOD)) as server, BlockingSender(REGION, endpoint_url=server.url, **KEYS) as sender:
        sender.send(READ)
        monkeypatch.setattr(lanes.os, "getpid", lambda: 0)
        sender.send(READ)
        sender.send(READ)
        assert server.connections == 2


def test_connections_that_nobody_needs_any_more_are_closed(monkeypatch):
    """Also those at the bottom, which a stack would never come to again."""

    def talk(server, connection, _number):
        while server.request(connection):
            together.wait(5)
            connection.sendall(GOOD)

    now = time.monotonic()
    monkeypatch.setattr(lanes, "monotonic", lambda: now)
    together = threading.Barrier(3)
    with Server(talk) as server, BlockingSender(REGION, endpoint_url=server.url, **KEYS) as sender:
        threads = [threading.Thread(target=sender.send, args=(READ,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        kept = sender._client.lanes._open
        assert len(kept) == server.connections == 3
        now += 15
        together = threading.Barrier(1)
        sender.send(READ)
        now += 15  # the two others have been idle for 30 seconds
        sender.send(READ)
        assert len(kept) == 1
