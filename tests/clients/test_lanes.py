"""API calls over kept connections: used again while they are good, and never when they are not."""

import asyncio
import contextlib
import gc
import gzip
import json
import re
import socket
import threading
import time

import httpx
import pytest

from eas_deploy.calls import CreateService, DescribeService
from eas_deploy.calls.steps import Send
from eas_deploy.clients.asynchronous import AsyncSender
from eas_deploy.clients.blocking import BlockingSender
from eas_deploy.clients.lanes import Lanes
from eas_deploy.errors import (
    ApiError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    NotFoundError,
    ReadTimeoutError,
    ServerError,
    UnreadableAnswerError,
)

KEYS = {"access_key_id": "LTAItestid", "access_key_secret": "testsecret"}
REGION = "cn-hangzhou"
READ = Send(DescribeService("demo"), "")
BODY = b'{"ServiceName": "demo"}'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Server:
    """A server on loopback; each connection is talked to by ``talk(connection, number)``."""

    def __init__(self, talk):
        self._talk = talk
        self.connections = 0
        self.received = []

    def __enter__(self):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _serve(self):
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._attend, args=(connection, self.connections), daemon=True).start()

    def _attend(self, connection, number):
        with connection:
            try:
                self._talk(self, connection, number)
            except OSError:
                return

    def request(self, connection):
        """The next request, whole; empty at the end."""
        request = b""
        while not self._is_whole(request):
            piece = connection.recv(65536)
            if not piece:
                return b""
            request += piece
        self.received.append(request)
        return request

    @staticmethod
    def _is_whole(request):
        head, end, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        return bool(end) and len(body) >= (int(length[1]) if length else 0)


class Blocking:
    def __init__(self, url, **options):
        self._sender = BlockingSender(REGION, endpoint_url=url, **{**KEYS, **options})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._sender.close()

    def send(self, step=READ, **options):
        return self._sender.send(step, **options)


class Awaited:
    def __init__(self, url, **options):
        self._loop = asyncio.new_event_loop()
        self._sender = AsyncSender(REGION, endpoint_url=url, **{**KEYS, **options})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.run_until_complete(self._sender.aclose())
        self._loop.close()

    def send(self, step=READ, **options):
        return self._loop.run_until_complete(self._sender.send(step, **options))


@pytest.fixture(params=[Blocking, Awaited], ids=["blocking", "awaited"])
def sender(request):
    """Makes a sender; both kinds keep the same laws."""
    return request.param


def answering(answer):
    def talk(server, connection, _number):
        while server.request(connection):
            connection.sendall(answer)

    return talk


def until_readable(server):
    """Wait until what the server did last has arrived: loopback is fast, but not immediate."""
    assert server.done.wait(5)
    time.sleep(0.02)


def test_one_connection_for_call_after_call(sender):
    with Server(answering(GOOD)) as server, sender(server.url) as client:
        assert [client.send().service_name for _ in range(3)] == ["demo"] * 3
        assert server.connections == 1


def test_threads_that_start_together_keep_their_connections_together():
    """What both find out about the host for the first time is one and the same afterwards."""
    both = threading.Barrier(2)

    class Slow(Lanes):
        def _new_place(self, scheme, authority):
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(0.2)
            return super()._new_place(scheme, authority)

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


def test_a_connection_that_was_closed_meanwhile_is_not_used(sender):
    """A request on it would be lost, and for a change nobody could tell whether it arrived."""

    def talk(server, connection, _number):
        server.request(connection)
        connection.sendall(GOOD)
        connection.shutdown(socket.SHUT_RDWR)
        server.done.set()

    with Server(talk) as server, sender(server.url, max_retries=0) as client:
        for count in (1, 2):
            server.done = threading.Event()
            assert client.send().service_name == "demo"
            until_readable(server)
            _idle(client)
            assert server.connections == count


def _idle(client):
    """Let an event loop learn what has happened to its connections."""
    if isinstance(client, Awaited):
        client._loop.run_until_complete(asyncio.sleep(0.01))


@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_that_nobody_asked_for_is_not_the_next_ones(sender, at_once):
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

    with Server(talk) as server, sender(server.url, max_retries=0) as client:
        server.done = threading.Event()
        client.send()
        until_readable(server)
        _idle(client)
        assert client.send().service_name == "demo"
        assert server.connections == 2


def test_a_refusal_before_the_whole_request_is_read(sender):
    """A server may answer, and close, while a big body is still on its way: its answer counts."""
    body = b'{"Code": "Big", "Message": "Too big."}'

    def talk(server, connection, _number):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    big = Send(CreateService({"name": "demo", "filler": "x" * 3_000_000}), "")
    with (
        Server(talk) as server,
        sender(server.url) as client,
        pytest.raises(ApiError, match="Too big") as caught,
    ):
        client.send(big)
    assert caught.value.http_status == 413


def test_a_connection_that_the_server_gives_up_is_not_used_again(sender):
    answer = GOOD.replace(b"content-length", b"connection: close\r\ncontent-length")
    with Server(answering(answer)) as server, sender(server.url) as client:
        client.send()
        client.send()
        assert server.connections == 2


def test_after_a_timeout_the_late_answer_is_nobodys(sender):
    """The connection of a call that was given up is closed: its answer may still be on the way."""
    other = GOOD.replace(b"demo", b"late")

    def talk(server, connection, number):
        server.request(connection)
        if number == 1:
            server.done.wait(5)
            connection.sendall(other)
        else:
            connection.sendall(GOOD)

    with Server(talk) as server, sender(server.url, read_timeout_s=0.1, max_retries=0) as client:
        server.done = threading.Event()
        with pytest.raises(ReadTimeoutError):
            client.send()
        server.done.set()
        assert client.send().service_name == "demo"
        assert server.connections == 2


def test_a_body_has_its_length(sender):
    with Server(answering(GOOD)) as server, sender(server.url) as client:
        client.send(Send(CreateService({"name": "demo"}), ""))
        client.send()
    created, read = server.received
    head, _, body = created.lower().partition(b"\r\n\r\n")
    assert json.loads(body) == {"name": "demo"}
    assert b"\r\ncontent-length: %d\r\n" % len(body) in head + b"\r\n"
    assert b"content-length" not in read.lower()


def test_a_body_that_the_server_does_not_take_ends_in_time(sender):
    """More than the buffers on the way hold."""

    def talk(server, _connection, _number):
        server.done.wait(10)

    big = Send(CreateService({"name": "demo", "filler": "x" * 20_000_000}), "")
    with Server(talk) as server, sender(server.url, read_timeout_s=0.2) as client:
        server.done = threading.Event()
        with pytest.raises(ConnectionLostError):
            client.send(big)
        server.done.set()


def test_a_big_body_arrives_whole(sender):
    size = 3_000_000

    big = Send(CreateService({"name": "demo", "filler": "x" * size}), "")
    with Server(answering(GOOD)) as server, sender(server.url) as client:
        client.send(big)
    assert len(server.received[0]) > size


def test_an_answer_in_pieces_is_read_whole(sender):
    pieces = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"a\r\n" + BODY[:10] + b"\r\n"]
    pieces += [b"%x\r\n" % len(BODY[10:]) + BODY[10:] + b"\r\n", b"0\r\n\r\n"]

    def talk(server, connection, _number):
        server.request(connection)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.01)

    with Server(talk) as server, sender(server.url) as client:
        assert client.send().service_name == "demo"


def test_a_compressed_answer(sender):
    packed = gzip.compress(BODY)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    with Server(answering(head + packed)) as server, sender(server.url) as client:
        assert client.send().service_name == "demo"


def test_an_answer_that_is_compressed_wrongly(sender):
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(BODY)
    with (
        Server(answering(head + BODY)) as server,
        sender(server.url, max_retries=0) as client,
        pytest.raises(UnreadableAnswerError, match="decoded"),
    ):
        client.send()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", ConnectionLostError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf", ConnectionLostError),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ConnectionLostError),
        (
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 28\r\n\r\n" + b'{"Code": "Service.NotFound"}',
            NotFoundError,
        ),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>", ServerError),
        (b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", UnreadableAnswerError),
    ],
    ids=["none", "half of one", "another protocol", "an error", "a page", "a redirect"],
)
def test_what_an_answer_is(sender, answer, kind):
    def talk(server, connection, _number):
        server.request(connection)
        connection.sendall(answer)

    with (
        Server(talk) as server,
        sender(server.url, max_retries=0) as client,
        pytest.raises(kind),
    ):
        client.send()
    assert server.connections == 1


def test_a_connection_that_is_reset(sender):
    def talk(server, connection, _number):
        server.request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with (
        Server(talk) as server,
        sender(server.url, max_retries=0) as client,
        pytest.raises(ConnectionLostError),
    ):
        client.send()


def test_a_name_that_takes_too_long_to_be_looked_up(sender, monkeypatch):
    """No timeout of a socket bounds it."""
    looked_up = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: looked_up.wait(5) and [])
    began = time.monotonic()
    with sender("http://slow.test", connect_timeout_s=0.1, max_retries=0) as client:
        with pytest.raises(ConnectError, match="nothing was sent"):
            client.send()
        assert time.monotonic() - began < 3
        looked_up.set()


def test_a_name_that_no_host_can_have(sender):
    with (
        sender(f"http://{'a' * 64}.test", max_retries=0) as client,
        pytest.raises(ConnectError, match="no name that a host can have"),
    ):
        client.send()


def test_a_deadline_before_a_connection_is_made(sender):
    """The time of the call bounds the connection too."""
    with (
        sender("http://127.0.0.1:9", call_timeout_s=1e-9) as client,
        pytest.raises(DeadlineExceededError, match="nothing was sent"),
    ):
        client.send()


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
