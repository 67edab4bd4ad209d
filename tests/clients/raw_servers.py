"""Servers on loopback that say what they are told to, and both senders behind one face."""

import asyncio
import re
import socket
import threading
import time

from client_stand_ins import KEYS

from eas_deploy.calls import DescribeService
from eas_deploy.calls.steps import Send
from eas_deploy.clients import AsyncSender, BlockingSender

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


def answering(answer):
    def talk(server, connection, _number):
        while server.request(connection):
            connection.sendall(answer)

    return talk


def until_readable(server):
    """Wait until what the server did last has arrived: loopback is fast, but not immediate."""
    assert server.done.wait(5)
    time.sleep(0.02)


def idle(client):
    """Let an event loop learn what has happened to its connections."""
    if isinstance(client, Awaited):
        client._loop.run_until_complete(asyncio.sleep(0.01))
