"""One request and its answer over a connection of our own, whatever the server does."""

import gzip
import json
import socket
import threading
import time

import pytest
from raw_servers import BODY, GOOD, Server, answering

from eas_deploy.calls import CreateService
from eas_deploy.calls.steps import Send
from eas_deploy.errors import (
    ApiError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    NotFoundError,
    ServerError,
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


def test_a_body_that_the_server_does_not_take_ends_in_time(any_sender):
    """More than the buffers on the way hold."""

    def talk(server, _connection, _number):
        server.done.wait(10)

    big = Send(CreateService({"name": "demo", "filler": "x" * 20_000_000}), "")
    with Server(talk) as server, any_sender(server.url, read_timeout_s=0.2) as client:
        server.done = threading.Event()
        with pytest.raises(ConnectionLostError):
            client.send(big)
        server.done.set()


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
