"""Both handles behind one face, a clock that takes no time, and services made of scripted answers."""

import asyncio
import inspect
from datetime import datetime, timezone

import httpx

from eas_deploy import AsyncDeployer, Deployer


class FakeClock:
    """Goes on only when somebody sleeps."""

    def __init__(self):
        self.seconds = 1000.0
        self.pauses = []

    def now(self):
        return datetime.now(timezone.utc)  # what signatures are dated with

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.seconds += seconds

    async def sleep_async(self, seconds):
        self.sleep(seconds)


class Handles:
    """Makes handles of one kind whose methods are called alike: awaited ones are run to their end."""

    def __init__(self, kind, emulator, clock):
        self.is_async = kind == "async"
        self._loop = asyncio.new_event_loop() if self.is_async else None
        # Nothing here is encrypted: without verification no certificates are loaded.
        self.client = (httpx.AsyncClient if self.is_async else httpx.Client)(verify=False, trust_env=False)
        self.deployer = (AsyncDeployer if self.is_async else Deployer)(
            "cn-hangzhou", clock=clock, http_client=self.client, **emulator.connection()
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._loop is None:
            self.client.close()
        else:
            self._loop.run_until_complete(self.client.aclose())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def __call__(self, name):
        return Alike(self, self.deployer.service(name))

    def settle(self, value):
        """The value itself; what must be awaited is, what comes asynchronously is collected."""
        if self._loop is None:
            return value
        if inspect.iscoroutine(value):
            return self._loop.run_until_complete(value)
        if hasattr(value, "__anext__"):
            return _Pulled(self, value)
        return value

    def run(self, coroutine):
        return self._loop.run_until_complete(coroutine)


class Alike:
    """A handle, with every method made to block."""

    def __init__(self, handles, handle):
        self._handles = handles
        self.handle = handle

    def __getattr__(self, name):
        member = getattr(self.handle, name)
        if not callable(member):
            return member
        return lambda *args, **kwargs: self._handles.settle(member(*args, **kwargs))


class _Pulled:
    """An async iterator that is pulled step by step."""

    def __init__(self, handles, items):
        self._handles = handles
        self._items = items

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self._handles.run(self._items.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def close(self):
        self._handles.run(self._items.aclose())


def answering(*answers):
    """An ASGI application that gives the answers in order, the last one for ever, and keeps the requests.

    Args:
        answers: Each a status, or a status with a body and perhaps headers.
    """
    waiting = list(answers)
    requests = []

    async def app(scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        requests.append(
            {"method": scope["method"], "path": scope["path"], "query": scope["query_string"].decode()}
            | {"headers": headers, "body": body}
        )
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        status, content, sent = (answer, b"", {}) if isinstance(answer, int) else (*answer, {})[:3]
        sent = {"content-length": str(len(content)), **sent}
        pairs = [(name.encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    app.requests = requests
    return app


def lag(service, reads):
    """Let DescribeService tell of an emulated service as it is now this many more times, whatever happens."""
    told = []
    describe = service.describe

    def trailing(*args):
        told.append(told[0] if told else describe(*args))
        return told[0] if len(told) <= reads else describe(*args)

    service.describe = trailing
