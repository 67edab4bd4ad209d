"""Raw ASGI in and out: reading a request, sending an answer, and breaking the connection on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from eas_deploy.emulator.faults import Fault, FaultKind

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

TRANSPORT = "eas_deploy.emulator.transport"
"""Where a scope carries its asyncio transport, for faults below HTTP."""

DEFAULT_TIMEOUT_S = 60.0
DEFAULT_DRIP_S = 1.0
DRIPS = 10

BAD_GATEWAY_PAGE = (
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)


@dataclass(frozen=True)
class Answer:
    """An answer, ready to be sent."""

    status: int
    body: bytes = b""
    content_type: str = "application/json;charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Exchange:
    """One request and its answer on one connection."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._transport: asyncio.Transport = scope[TRANSPORT]
        self.method: str = scope["method"]
        self.raw_path: str = scope["raw_path"].decode("ascii")
        self.raw_query: str = scope["query_string"].decode("ascii")
        self.headers: tuple[tuple[str, str], ...] = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        )

    @property
    def query(self) -> dict[str, str]:
        """The query parameters, decoded."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    def header(self, name: str) -> str:
        """The header of that lower-case name; empty without one."""
        return next((value for key, value in self.headers if key == name), "")

    async def read(self) -> bytes | None:
        """The body; None if the client left before it was complete."""
        body = b""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            body += bytes(message.get("body", b""))
            if not message.get("more_body"):
                return body

    async def answer(self, answer: Answer, *, drip_s: float = 0.0) -> None:
        """Send an answer; in drips over ``drip_s`` seconds if that is not 0."""
        headers = {
            "date": formatdate(usegmt=True),
            "content-type": answer.content_type,
            "content-length": str(len(answer.body)),
            **answer.headers,
        }
        await self._send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
                ],
            }
        )
        if drip_s:
            size = -(-len(answer.body) // DRIPS) or 1
            for start in range(0, len(answer.body), size):
                chunk = answer.body[start : start + size]
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
                await self.hold(drip_s / DRIPS)
            await self._send({"type": "http.response.body"})
        else:
            await self._send({"type": "http.response.body", "body": answer.body})

    async def close(self) -> None:
        """Close the connection without an answer."""
        self._transport.close()
        await self.hold(DEFAULT_TIMEOUT_S)

    async def reset(self) -> None:
        """Break the connection: the client gets a TCP reset."""
        connection = self._transport.get_extra_info("socket")
        # Lingering for no time at all makes the kernel send RST in place of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
        await self.hold(DEFAULT_TIMEOUT_S)

    async def hold(self, seconds: float) -> None:
        """Wait until the client is gone, at most ``seconds``."""

        async def gone() -> None:
            while (await self._receive())["type"] != "http.disconnect":
                pass

        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(gone(), seconds)

    async def deliver(self, answer: Answer | None, fault: Fault | None) -> None:
        """Send an answer, or lose it, as ``fault`` has it.

        Args:
            answer: What :func:`spoilt` made of the true answer.
            fault: What goes wrong; None for nothing.
        """
        delay_s = fault.delay_s if fault else 0.0
        kind = fault.kind if fault else None
        if kind == "timeout":
            await self.hold(delay_s or DEFAULT_TIMEOUT_S)
        elif kind != "slow" and delay_s:
            await self.hold(delay_s)
        if answer is not None:
            await self.answer(answer, drip_s=(delay_s or DEFAULT_DRIP_S) if kind == "slow" else 0.0)
        elif kind == "reset":
            await self.reset()
        else:
            await self.close()


def spoilt(answer: Answer, fault: Fault | None) -> Answer | None:
    """What ``fault`` makes of an answer's bytes; None if nothing is sent at all."""
    if fault is None or fault.kind not in _SPOILS:
        return answer
    return _SPOILS[fault.kind](answer)


def _nothing(_: Answer) -> None:
    return None


def _bad_gateway(_: Answer) -> Answer:
    return Answer(502, BAD_GATEWAY_PAGE, "text/html")


def _empty(_: Answer) -> Answer:
    return Answer(200)


def _cut(answer: Answer) -> Answer:
    return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type, answer.headers)


_SPOILS: dict[FaultKind, Callable[[Answer], Answer | None]] = {
    "close": _nothing,
    "reset": _nothing,
    "timeout": _nothing,
    "html_502": _bad_gateway,
    "empty_body": _empty,
    "truncated_json": _cut,
}
