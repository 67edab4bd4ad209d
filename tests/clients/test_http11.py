"""One request and its answer over a connection of our own, whatever the server does."""

import asyncio
import gzip
import json
import math
import socket
import threading
import time

import httpx
import pytest
from client_stand_ins import KEYS
from raw_servers import BODY, GOOD, READ, REGION, Server, answering

from eas_deploy.calls import CreateService
from eas_deploy.calls.steps import Send
from eas_deploy.clients import AsyncSender, BlockingSender
from eas_deploy.errors import (
    ApiError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    NotFoundError,
    ServerError,
    TransportError,
    UnreadableAnswerError,
)


def test_a_refusal_before_the_whole_request_is_read(any_sender):
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
        any_sender(server.url) as client,
        pytest.raises(ApiError, match="Too big") as caught,
    ):
        client.send(big)
    assert caught.value.http_status == 413


def test_a_body_has_its_length(any_sender):
    with Server(answering(GOOD)) as server, any_sender(server.url) as client:
        client.send(Send(CreateService({"name": "demo"}), ""))
        client.send()
    created, read = server.received
    head, _, body = created.lower().partition(b"\r\n\r\n")
    assert json.loads(body) == {"name": "demo"}
    assert b"\r\ncontent-length: %d\r\n" % len(body) in head + b"\r\n"
    assert b"content-length" not in read.lower()


def test_a_big_body_arrives_whole(any_sender):
    size = 3_000_000

    big = Send(CreateService({"name": "demo", "filler": "x" * size}), "")
    with Server(answering(GOOD)) as server, any_sender(server.url) as client:
        client.send(big)
    assert len(server.received[0]) > size


def test_an_answer_in_pieces_is_read_whole(any_sender):
    pieces = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"a\r\n" + BODY[:10] + b"\r\n"]
    pieces += [b"%x\r\n" % len(BODY[10:]) + BODY[10:] + b"\r\n", b"0\r\n\r\n"]

    def talk(server, connection, _number):
        server.request(connection)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.01)

    with Server(talk) as server, any_sender(server.url) as client:
        assert client.send().service_name == "demo"


def test_a_compressed_answer(any_sender):
    packed = gzip.compress(BODY)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    with Server(answering(head + packed)) as server, any_sender(server.url) as client:
        assert client.send().service_name == "demo"


def test_an_answer_that_is_compressed_wrongly(any_sender):
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(BODY)
    with (
        Server(answering(head + BODY)) as server,
        any_sender(server.url, max_retries=0) as client,
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
def test_what_an_answer_is(any_sender, answer, kind):
    def talk(server, connection, _number):
        server.request(connection)
        connection.sendall(answer)

    with (
        Server(talk) as server,
        any_sender(server.url, max_retries=0) as client,
        pytest.raises(kind),
    ):
        client.send()
    assert server.connections == 1


def frames(error):
    """What a traceback may show: the variables of our own frames, those of its causes included."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if "eas_deploy" in trace.tb_frame.f_code.co_filename:
                yield from map(repr, trace.tb_frame.f_locals.values())
            trace = trace.tb_next
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{"AccessToken": "c4nary"}\r\n',
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nc4nary\r\nc4nary\r\n",
        b"c4nary\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 6\r\n\r\nc4nary",
    ],
    ids=["no chunk", "a bad chunk", "no HTTP", "not compressed"],
)
def test_an_answer_that_is_not_understood_is_not_shown(any_sender, caplog, answer):
    caplog.set_level("DEBUG", "eas_deploy")
    ledger = []
    with (
        Server(answering(answer)) as server,
        any_sender(server.url, max_retries=0) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.send(ledger=ledger)
    shown = [str(caught.value), str(ledger), caplog.text, *frames(caught.value)]
    assert not [one for one in shown if "c4nary" in one]


def test_a_body_that_the_server_does_not_take_ends_in_time_and_is_not_shown(any_sender):
    """More than the buffers on the way hold."""

    def talk(server, _connection, _number):
        server.done.wait(10)

    big = Send(CreateService({"name": "demo", "filler": "c4nary" * 3_400_000}), "")
    with Server(talk) as server, any_sender(server.url, read_timeout_s=0.2) as client:
        server.done = threading.Event()
        with pytest.raises(ConnectionLostError) as caught:
            client.send(big)
        server.done.set()
    assert not [one for one in frames(caught.value) if "c4nary" in one]


def test_no_limit_of_time(any_sender):
    with (
        Server(answering(GOOD)) as server,
        any_sender(
            server.url, connect_timeout_s=math.inf, read_timeout_s=math.inf, call_timeout_s=math.inf
        ) as client,
    ):
        assert client.send().service_name == "demo"


def test_an_event_loop_of_another_make():
    """uvloop's takes fewer arguments than asyncio's own."""

    class Loop(asyncio.SelectorEventLoop):
        async def create_connection(self, factory, host, port, *, ssl=None, server_hostname=None):
            return await super().create_connection(
                factory, host, port, ssl=ssl, server_hostname=server_hostname
            )

    loop = Loop()
    with Server(answering(GOOD)) as server:
        sender = AsyncSender(REGION, endpoint_url=server.url, **KEYS)
        assert loop.run_until_complete(sender.send(READ)).service_name == "demo"
        loop.run_until_complete(sender.aclose())
    loop.close()


def test_a_request_that_nobody_waits_for_any_more_is_not_sent(monkeypatch):
    """By a given client: its name is looked up in a thread that goes on when the call has ended."""
    found = threading.Event()
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **b: found.wait(5) and look_up(*a, **b))
    with Server(answering(GOOD)) as server, httpx.Client(trust_env=False) as given:
        sender = BlockingSender(
            REGION, endpoint_url=server.url, http_client=given, call_timeout_s=0.1, max_retries=0, **KEYS
        )
        with pytest.raises(DeadlineExceededError):
            sender.send(Send(CreateService({"name": "demo"}), ""))
        found.set()
        for _ in range(100):
            if server.connections:
                break
            time.sleep(0.01)
        time.sleep(0.1)
        assert server.connections == 1
        assert server.received == []


def test_a_connection_that_is_reset(any_sender):
    def talk(server, connection, _number):
        server.request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with (
        Server(talk) as server,
        any_sender(server.url, max_retries=0) as client,
        pytest.raises(ConnectionLostError),
    ):
        client.send()


def test_a_name_that_takes_too_long_to_be_looked_up(any_sender, monkeypatch):
    """No timeout of a socket bounds it."""
    looked_up = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: looked_up.wait(5) and [])
    began = time.monotonic()
    with any_sender("http://slow.test", connect_timeout_s=0.1, max_retries=0) as client:
        with pytest.raises(ConnectError, match="nothing was sent"):
            client.send()
        assert time.monotonic() - began < 3
        looked_up.set()


def test_a_name_that_no_host_can_have(any_sender):
    with (
        any_sender(f"http://{'a' * 64}.test", max_retries=0) as client,
        pytest.raises(ConnectError, match="no name that a host can have"),
    ):
        client.send()


def test_a_deadline_before_a_connection_is_made(any_sender):
    """The time of the call bounds the connection too."""
    with (
        any_sender("http://127.0.0.1:9", call_timeout_s=1e-9) as client,
        pytest.raises(DeadlineExceededError, match="nothing was sent"),
    ):
        client.send()
