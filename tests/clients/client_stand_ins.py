"""A clock that takes no time, a scripted server, and both senders behind one function."""

import asyncio
import importlib
import json
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec

from eas_deploy.calls import Send
from eas_deploy.clients import AsyncSender, BlockingSender

KEYS = {"access_key_id": "LTAItestid", "access_key_secret": "testsecret"}
PACKAGES = [importlib.import_module(name) for name in ("httpx", "httpx2") if find_spec(name)]


class FakeClock:
    """Goes on only when somebody sleeps, or when a test says so."""

    def __init__(self):
        self.seconds = 1000.0
        self.pauses = []

    def now(self):
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc) + timedelta(seconds=self.seconds - 1000)

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.seconds += seconds

    async def sleep_async(self, seconds):
        self.sleep(seconds)


def answer(status=200, body=None, **headers):
    """An answer; a body that is no bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda package, _request: package.Response(status, content=content, headers=named)


def error(status, code, message="no", **headers):
    """An error answer as the API gateway writes it."""
    return answer(status, {"Code": code, "Message": message, "RequestId": "R-1", "HostId": "h"}, **headers)


def broken(name, message="broke"):
    """The HTTP package's error of that name."""

    def fail(package, _request):
        raise getattr(package, name)(message)

    return fail


class Script:
    """A server that gives the outcomes in order, and the last one for ever."""

    def __init__(self, package, *outcomes):
        self.package = package
        self.outcomes = list(outcomes)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return outcome(self.package, request)


class Bench:
    """Sends one call through a sender of one kind, against a script, on a fake clock."""

    def __init__(self, kind, package):
        self.kind = kind
        self.package = package
        self.clock = FakeClock()
        self.ledger = []
        self.script = None

    def send(self, call, *outcomes, purpose="", deadline=None, **options):
        self.script = Script(self.package, *outcomes)
        transport = self.package.MockTransport(self.script)
        options = {**KEYS, "clock": self.clock, **options}
        region = options.pop("region_id", "cn-hangzhou")
        step = Send(call, purpose)
        if self.kind == "blocking":
            client = self.package.Client(transport=transport)
            with BlockingSender(region, http_client=client, **options) as sender:
                return sender.send(step, ledger=self.ledger, deadline=deadline)

        async def main():
            async with (
                self.package.AsyncClient(transport=transport) as client,
                AsyncSender(region, http_client=client, **options) as sender,
            ):
                return await sender.send(step, ledger=self.ledger, deadline=deadline)

        return asyncio.run(main())

    @property
    def sent(self):
        return self.script.requests
