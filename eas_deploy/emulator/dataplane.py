"""The data plane: what a deployed service's address answers.

The gateway's part (token, routing) is here; the containers are ASGI applications: built-in ones for the
official images, or whatever a test plugs in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from eas_deploy.emulator.catalog import image_name
from eas_deploy.emulator.faults import Injector
from eas_deploy.emulator.records import DataCall, visible
from eas_deploy.emulator.services import EmulatedService
from eas_deploy.emulator.wire import Answer, AsgiApp, Exchange, Receive, Scope, Send, spoilt
from eas_deploy.emulator.world import World

PREFIX = "/api/predict/"
DATA_PLANE = "DataPlane"
"""The name of a service request where a fault asks for an operation."""


class DataPlane:
    """Routes requests to the containers of emulated services, and keeps a record of each."""

    def __init__(self, world: World, faults: Injector) -> None:
        self._world = world
        self._faults = faults
        self.built_in: Callable[[str, Mapping[str, Any]], AsgiApp]
        """From an image's name and its container config to what answers for it; set at start."""
        self.plugged: dict[str, AsgiApp] = {}
        self.calls: list[DataCall] = []

    def service_of(self, scope: Scope) -> str | None:
        """The name of the service that a request is meant for; None if it is no service request."""
        path: str = scope["path"]
        if path.startswith(PREFIX):
            return path.removeprefix(PREFIX).partition("/")[0]
        server = scope.get("server")
        with self._world.lock:
            return self._world.service_behind(server[1]) if server else None

    async def serve(self, scope: Scope, receive: Receive, send: Send, name: str) -> None:
        """Answer one request to the service ``name``."""
        exchange = Exchange(scope, receive, send)
        inner = _inside(scope, name)
        record = self._record(exchange, name, inner["path"])
        if (fault := self._faults.take(DATA_PLANE)) is not None:
            failure = _text(fault.status, fault.message) if fault.kind == "refuse" else _text(500, "injected")
            answer = spoilt(failure, fault)
            record.status = answer.status if answer else None
            await exchange.deliver(answer, fault)
            return
        with self._world.lock:
            routed = self._route(name, exchange.header("authorization"))
        if isinstance(routed, Answer):
            await exchange.read()
            record.status = routed.status
            await exchange.answer(routed)
            return

        if routed.queue is not None:
            record.status = await routed.queue.serve(inner, receive, send, self._container(routed))
            return

        async def watched(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
            await send(message)

        await self._container(routed)(inner, receive, watched)

    def _record(self, exchange: Exchange, name: str, path: str) -> DataCall:
        record = DataCall(
            service=name,
            method=exchange.method,
            path=path,
            user_agent=exchange.header("user-agent"),
            query=exchange.query,
            headers=visible(exchange.headers),
            at=self._world.clock.now(),
        )
        self.calls.append(record)
        return record

    def _route(self, name: str, authorization: str) -> EmulatedService | Answer:
        """The service that answers, or what the gateway answers in its place."""
        service = self._world.find(name)
        if service is None:
            return Answer(404)
        if authorization.removeprefix("Bearer ") != service.access_token:
            return _text(401, "Unauthorized")
        if service.ready > 0 and service.unrouted_requests == 0:
            return service
        if service.ready > 0:
            service.unrouted_requests -= 1
        return _text(503, "no healthy upstream")

    def _container(self, service: EmulatedService) -> AsgiApp:
        """The application that answers for a service: plugged in by name, by image, or built in."""
        if service.name in self.plugged:
            return self.plugged[service.name]
        image = image_name(service.image)
        fitting = [prefix for prefix in self.plugged if image.startswith(prefix)]
        if fitting:
            return self.plugged[max(fitting, key=len)]
        return self.built_in(image, service.config["containers"][0])


def _inside(scope: Scope, name: str) -> dict[str, Any]:
    """The scope as the container sees it: without the gateway's prefix."""
    prefix = PREFIX + name
    inner = dict(scope)
    if scope["path"].startswith(prefix):
        inner["path"] = scope["path"].removeprefix(prefix) or "/"
        inner["raw_path"] = quote(inner["path"]).encode("ascii")
    return inner


def _text(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), "text/plain")
