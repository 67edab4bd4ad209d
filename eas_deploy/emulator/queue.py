"""The queue in front of an asynchronous service: requests go in, results are asked for."""

from __future__ import annotations

import uuid
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from eas_deploy.emulator.wire import Answer, AsgiApp, Exchange, Receive, Scope, Send

SINK = "/sink"
REQUEST_ID = "X-Eas-Queueservice-Request-Id"


@dataclass
class _Result:
    answer: Answer
    withheld: int


@dataclass
class Queue:
    """The requests and results of one service.

    Attributes:
        slow_polls: Every result is withheld from so many polls, as if the service were still at it.
        capacity: Requests that may be in the queue; more are answered with 450.
    """

    slow_polls: int = 1
    capacity: int = 100
    _results: dict[str, _Result] = field(default_factory=dict)
    _taken: int = 0

    async def serve(self, scope: Scope, receive: Receive, send: Send, container: AsgiApp) -> int:
        """Answer one request; the status of the answer."""
        exchange = Exchange(scope, receive, send)
        if exchange.method == "GET" and scope["path"] == SINK:
            await exchange.read()
            answer = self._result(exchange.query.get("requestId", ""))
        elif exchange.method == "POST":
            answer = await self._put(scope, receive, container)
        else:
            await exchange.read()
            answer = Answer(405, b"Method Not Allowed", "text/plain")
        await exchange.answer(answer)
        return answer.status

    async def _put(self, scope: Scope, receive: Receive, container: AsgiApp) -> Answer:
        if len(self._results) >= self.capacity:
            return Answer(450, b"queue full", "text/plain")
        self._taken += 1
        request_id = str(uuid.uuid5(uuid.NAMESPACE_OID, str(self._taken)))
        self._results[request_id] = _Result(await _answer_of(container, scope, receive), self.slow_polls)
        return Answer(200, str(self._taken).encode(), "text/plain", {REQUEST_ID: request_id})

    def _result(self, request_id: str) -> Answer:
        result = self._results.get(request_id)
        if result is None:
            return Answer(404, b"no such request", "text/plain")
        if result.withheld > 0:
            result.withheld -= 1
            return Answer(204)
        del self._results[request_id]
        return result.answer


async def _answer_of(container: AsgiApp, scope: Scope, receive: Receive) -> Answer:
    """What the container answers, taken down in place of being sent."""
    status, kind, body = 500, "", b""

    async def take_down(message: MutableMapping[str, Any]) -> None:
        nonlocal status, kind, body
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {bytes(name).lower(): bytes(value) for name, value in message["headers"]}
            kind = headers.get(b"content-type", b"").decode("latin-1")
        else:
            body += bytes(message.get("body", b""))

    await container(scope, receive, take_down)
    return Answer(status, body, kind)
