"""The far side of the benchmarks: a TLS server with recorded answers and a proxy that delays.

Each runs in a process of its own (``python loopback.py server|proxy``), so that neither takes time from what is
measured. The server answers from memory, since an emulator that checks and keeps state would be measured too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import ssl
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import certificates

ROUND_TRIP_S = 0.05
RECORDED = "recorded"
"""The service whose answers are kept."""
BURST = 10
"""Requests of one operation that the server takes at once, whatever its limit."""


class Answers:
    """What the server says: the answers that an emulator gave to one deployment."""

    def __init__(self, recorded: dict[str, bytes]) -> None:
        self._recorded = {action: json.loads(body) for action, body in recorded.items()}
        self._bytes = recorded
        self.limit: float | None = None
        self._buckets: dict[str, tuple[float, float]] = {}
        self.seen: Counter[str] = Counter()

    def answer(self, path: str, headers: dict[bytes, bytes], body: bytes) -> bytes:
        """The whole answer to one request."""
        if path.startswith("/control/"):
            return self._control(path)
        action = headers.get(b"x-acs-action", b"").decode()
        if not action:
            return _response(200, body)  # a service: it says what it is told
        self.seen[action] += 1
        wait_s = self._throttled(action)
        if wait_s is not None:
            refusal = {"Code": "Throttling.User", "Message": "Too many requests.", "RequestId": "R"}
            return _response(
                429, json.dumps(refusal).encode(), f"x-acs-retry-after: {math.ceil(wait_s * 1000)}\r\n"
            )
        return _response(200, self._told(action, path, headers, body))

    def _told(self, action: str, path: str, headers: dict[bytes, bytes], body: bytes) -> bytes:
        """The recorded answer, about the service that is asked about."""
        if action == "CreateService":
            return self._named(action, json.loads(body)["metadata"]["name"])
        if action == "DescribeService":
            return self._named(action, path.partition("?")[0].rpartition("/")[2])
        if action == "DescribeServiceEndpoints":
            return self._endpoints(path, headers[b"host"].decode())
        return self._bytes[action]

    def _named(self, action: str, name: str) -> bytes:
        return json.dumps({**self._recorded[action], "ServiceName": name}).encode()

    def _endpoints(self, path: str, host: str) -> bytes:
        """The recorded endpoints, at this server."""
        name = path.partition("?")[0].split("/")[-2]
        told = self._bytes["DescribeServiceEndpoints"].decode()
        told = re.sub(r"https?://127\.0\.0\.1:\d+", f"https://{host}", told)
        return told.replace(f"/predict/{RECORDED}", f"/predict/{name}").encode()

    def _throttled(self, action: str) -> float | None:
        if self.limit is None:
            return None
        now = time.monotonic()
        tokens, filled_at = self._buckets.get(action, (float(BURST), now))
        tokens = min(float(BURST), tokens + (now - filled_at) * self.limit)
        passed = tokens >= 1
        self._buckets[action] = (tokens - passed, now)
        return None if passed else (1 - tokens) / self.limit

    def _control(self, path: str) -> bytes:
        _, _, command, value = path.split("/", 3)
        if command == "limit":
            self.limit = float(value) or None
            self._buckets.clear()
        told = dict(self.seen)
        if command == "reset":
            self.seen.clear()
        return _response(200, json.dumps(told).encode())


def _response(status: int, body: bytes, more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """HTTP/1.1, as much of it as the clients here speak."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._pending = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        self._transport: Any = transport
        self._answers.seen["connections"] += 1

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            first, *lines = bytes(self._pending[:end]).split(b"\r\n")
            pairs = (line.partition(b":") for line in lines)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            size = end + 4 + int(headers.get(b"content-length", b"0"))
            if len(self._pending) < size:
                return
            body = bytes(self._pending[end + 4 : size])
            del self._pending[:size]
            path = first.decode().split(" ", 2)[1]
            self._transport.write(self._answers.answer(path, headers, body))


def recorded() -> dict[str, bytes]:
    """The answers of an emulator to one deployment, by operation."""
    import httpx  # noqa: PLC0415 - the proxy does not need it
    from workloads import request_for  # noqa: PLC0415 - the same

    from eas_deploy import Deployer  # noqa: PLC0415 - the same
    from eas_deploy.emulator import Emulator  # noqa: PLC0415 - the same

    kept: dict[str, bytes] = {}

    class Recorder(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            kept[request.headers["x-acs-action"]] = response.read()
            return response

    with Emulator() as emulator:
        client = httpx.Client(transport=Recorder())
        Deployer("cn-hangzhou", http_client=client, **emulator.connection()).deploy(request_for(RECORDED))
    return kept


async def serve(port: int, folder: Path) -> None:
    """Serve the recorded answers over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / certificates.CHAIN, folder / certificates.KEY)
    answers = Answers(recorded())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        partial(Connection, answers), "127.0.0.1", port, ssl=context, backlog=1024
    )
    print("ready", flush=True)
    await server.serve_forever()


class Delayed(asyncio.Protocol):
    """One direction: passes everything on after half a round trip."""

    def __init__(self) -> None:
        self.peer: Any = None
        self._loop = asyncio.get_running_loop()
        self._opens_at = 0.0

    def hold(self, seconds: float) -> None:
        """Pass nothing on before so many seconds are over."""
        self._opens_at = self._loop.time() + seconds

    def data_received(self, data: bytes) -> None:
        """Pass it on later."""
        at = max(self._loop.time(), self._opens_at) + ROUND_TRIP_S / 2
        self._loop.call_at(at, self._pass_on, data)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - however it was lost
        """Close the other side when it has got everything."""
        self._loop.call_later(ROUND_TRIP_S / 2, self._close)

    def _pass_on(self, data: bytes) -> None:
        if self.peer is not None and not self.peer.is_closing():
            self.peer.write(data)

    def _close(self) -> None:
        if self.peer is not None:
            self.peer.close()


class Accepted(Delayed):
    """The client's side of a connection."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self._target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the server, and hold what comes before."""
        # On loopback a connection is made at once: the handshake's round trip is waited for here.
        self.hold(ROUND_TRIP_S)
        self._task = self._loop.create_task(self._connect(transport))

    async def _connect(self, transport: asyncio.BaseTransport) -> None:
        upstream, back = await self._loop.create_connection(Delayed, "127.0.0.1", self._target)
        back.peer = transport
        self.peer = upstream


async def delay(port: int, target: int) -> None:
    """Pass connections on to ``target``, delayed."""
    server = await asyncio.get_running_loop().create_server(
        partial(Accepted, target), "127.0.0.1", port, backlog=1024
    )
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["server", "proxy"])
    parser.add_argument("port", type=int)
    parser.add_argument("--target", type=int, help="the server's port, for the proxy")
    parser.add_argument("--folder", type=Path, help="where the certificates are, for the server")
    chosen = parser.parse_args()
    asyncio.run(
        serve(chosen.port, chosen.folder) if chosen.role == "server" else delay(chosen.port, chosen.target)
    )
