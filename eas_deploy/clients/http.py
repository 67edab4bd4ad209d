"""Requests and their answers over a client of the HTTP package, given or made here.

``httpx2``, the maintained successor of ``httpx``, is preferred where it is installed; a client of either
package can be given. Nothing here depends on details in which the two differ. Neither is imported before
a client is needed.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from eas_deploy._defaults import CONNECT_TIMEOUT_S
from eas_deploy.clients.arguments import refuse
from eas_deploy.clients.clock import Clock
from eas_deploy.clients.exchange import Transmit
from eas_deploy.clients.failures import late, no_connection, translated
from eas_deploy.clients.own import OwnAsyncClient, OwnClient, is_behind_proxy, packaged_client
from eas_deploy.clients.patience import OutOfPatienceError, within
from eas_deploy.clients.wire import AsyncHttpClient, HttpClient, WireAnswer

if TYPE_CHECKING:
    import httpx

UserClient: TypeAlias = "httpx.Client"
"""A client that is handed to users; of ``httpx2`` where that is installed."""

AsyncUserClient: TypeAlias = "httpx.AsyncClient"
"""The same for asyncio."""

_PACKAGES = ("httpx2", "httpx")

_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*")
"""URLs that are sent as they are written."""


def new_client() -> HttpClient:
    """A client with connections of its own: TLS is verified, proxies come from the environment."""
    package = _preferred()
    client: HttpClient = packaged_client(package, "Client") if is_behind_proxy() else OwnClient(package)
    return client


def new_async_client() -> AsyncHttpClient:
    """The same for asyncio."""
    package = _preferred()
    client: AsyncHttpClient = (
        packaged_client(package, "AsyncClient") if is_behind_proxy() else OwnAsyncClient(package)
    )
    return client


def new_service_client(kind: str, base_url: str, headers: Mapping[str, str], timeout_s: float) -> Any:
    """A client for users to call a service with.

    Args:
        kind: ``"Client"`` or ``"AsyncClient"``.
        base_url: What all its paths are relative to.
        headers: Sent with every request.
        timeout_s: Seconds without a byte.
    """
    package = _preferred()
    return getattr(package, kind)(
        base_url=base_url, headers=headers, timeout=package.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
    )


def _preferred() -> ModuleType:
    try:
        return import_module("httpx2")
    except ImportError:
        return import_module("httpx")


def package_of(client: Any, kind: str) -> ModuleType:
    """The HTTP package that ``client`` comes from.

    Args:
        client: A client.
        kind: What it must be: ``"Client"`` or ``"AsyncClient"``.

    Raises:
        ConfigError: It is none of that kind.
    """
    if isinstance(client, (OwnClient, OwnAsyncClient)):
        return client.package
    for name in _PACKAGES:
        package = sys.modules.get(name)
        if package is not None and isinstance(client, getattr(package, kind)):
            return package
    raise refuse("http_client", f"it is not a {kind} of httpx", f"pass an httpx.{kind}")


def transmit(client: HttpClient, step: Transmit, clock: Clock) -> WireAnswer:
    """The answer to an API call, read whole.

    Raises:
        TransportError: There was none; a subclass says how far it came.
    """
    if isinstance(client, OwnClient):
        return client.lanes.transmit(step, clock)
    return whole_answer(client, step, clock, trace=partial(_hold_back, step, clock))


async def transmit_async(client: AsyncHttpClient, step: Transmit, clock: Clock) -> WireAnswer:
    """The answer to an API call, read whole, as `transmit` gives it."""
    if isinstance(client, OwnAsyncClient):
        return await client.lanes.transmit(step, clock)
    return await whole_answer_async(client, step, clock)


def service_answer(client: HttpClient, step: Transmit, clock: Clock) -> WireAnswer:
    """The answer of a service, read whole: over a lane where that makes no difference but in time.

    Raises:
        TransportError: There was none; a subclass says how far it came.
    """
    if isinstance(client, OwnClient) and _suits_a_lane(step):
        return client.lanes.transmit(_with_host(step), clock)
    return whole_answer(client, step, clock)


async def service_answer_async(client: AsyncHttpClient, step: Transmit, clock: Clock) -> WireAnswer:
    """The answer of a service, read whole, as `service_answer` gives it."""
    if isinstance(client, OwnAsyncClient) and _suits_a_lane(step):
        return await client.lanes.transmit(_with_host(step), clock)
    return await whole_answer_async(client, step, clock)


def _suits_a_lane(step: Transmit) -> bool:
    """Whether nothing has to be encoded first, or sent in pieces."""
    body = step.request.body
    return (body is None or isinstance(body, bytes)) and _PLAIN_URL.fullmatch(step.request.url) is not None


def _with_host(step: Transmit) -> Transmit:
    headers = {"Host": step.host, **step.request.headers}
    return replace(step, request=replace(step.request, headers=headers))


def whole_answer(client: HttpClient, step: Transmit, clock: Clock, **extensions: Any) -> WireAnswer:
    """The answer to any request, read whole.

    Args:
        client: What to send it with.
        step: The request, and what it may take.
        clock: The time.
        extensions: What else to tell the HTTP package about it.

    Raises:
        TransportError: There was none; a subclass says how far it came.
    """
    package = package_of(client, "Client")
    with translated(package, step):
        try:
            return within(
                step.until - clock.monotonic(), partial(_transmit, client, package, step, clock, **extensions)
            )
        except OutOfPatienceError as error:
            raise late(step) from error


async def whole_answer_async(client: AsyncHttpClient, step: Transmit, clock: Clock) -> WireAnswer:
    """The answer to any request, read whole, as `whole_answer` gives it."""
    package = package_of(client, "AsyncClient")
    with translated(package, step):
        remaining_s = max(0.0, step.until - clock.monotonic())
        try:
            return await asyncio.wait_for(_transmit_async(client, package, step, clock), remaining_s)
        except asyncio.TimeoutError as error:
            raise late(step) from error


def open_answer(client: HttpClient, step: Transmit, clock: Clock) -> Arriving:
    """The answer to a request as soon as it begins; read whole and closed if it is no success.

    Raises:
        TransportError: There was none; a subclass says how far it came.
    """
    package = package_of(client, "Client")
    with translated(package, step):
        try:
            response = within(
                step.until - clock.monotonic(), partial(_begin, client, package, step, clock), _close
            )
        except OutOfPatienceError as error:
            raise late(step) from error
    return Arriving(response, lambda: translated(package, step))


async def open_answer_async(client: AsyncHttpClient, step: Transmit, clock: Clock) -> AsyncArriving:
    """The answer to a request as soon as it begins, as `open_answer` gives it."""
    package = package_of(client, "AsyncClient")
    with translated(package, step):
        remaining_s = max(0.0, step.until - clock.monotonic())
        try:
            response = await asyncio.wait_for(_begin_async(client, package, step, clock), remaining_s)
        except asyncio.TimeoutError as error:
            raise late(step) from error
    return AsyncArriving(response, lambda: translated(package, step))


def _transmit(
    client: HttpClient, package: ModuleType, step: Transmit, clock: Clock, **extensions: Any
) -> WireAnswer:
    timeout = _timeout(step, clock)
    request = _request(package, step, timeout, **extensions)
    response = client.send(request, stream=True, auth=None, follow_redirects=False)
    try:
        # The transport reads this dict when the body begins: less time may remain than before.
        timeout.update(_timeout(step, clock))
        body = BytesIO()
        for chunk in response.iter_bytes():
            body.write(chunk)
            del chunk  # it may hold a token, and a traceback may show it
            _check_time(step, clock, response, body.tell())
        return _answer(response, body)
    finally:
        response.close()


async def _transmit_async(
    client: AsyncHttpClient, package: ModuleType, step: Transmit, clock: Clock
) -> WireAnswer:
    timeout = _timeout(step, clock)
    response = await client.send(
        _request(package, step, timeout), stream=True, auth=None, follow_redirects=False
    )
    try:
        timeout.update(_timeout(step, clock))
        body = BytesIO()
        async for chunk in response.aiter_bytes():
            body.write(chunk)
            del chunk  # it may hold a token, and a traceback may show it
            _check_time(step, clock, response, body.tell())
        return _answer(response, body)
    finally:
        await response.aclose()


def _begin(client: HttpClient, package: ModuleType, step: Transmit, clock: Clock) -> Any:
    request = _request(package, step, _timeout(step, clock))
    response = client.send(request, stream=True, auth=None, follow_redirects=False)
    if not response.is_success:
        response.read()
    return response


async def _begin_async(client: AsyncHttpClient, package: ModuleType, step: Transmit, clock: Clock) -> Any:
    request = _request(package, step, _timeout(step, clock))
    response = await client.send(request, stream=True, auth=None, follow_redirects=False)
    if not response.is_success:
        await response.aread()
    return response


def _close(response: Any) -> None:
    response.close()


def _timeout(step: Transmit, clock: Clock) -> dict[str, float]:
    # 0 would mean "do not block" to a socket.
    remaining_s = max(0.001, step.until - clock.monotonic())
    read_s = min(step.read_s, remaining_s)
    return {
        "connect": min(step.connect_s, remaining_s),
        "read": read_s,
        "write": read_s,
        "pool": remaining_s,
    }


def _request(package: ModuleType, step: Transmit, timeout: dict[str, float], **extensions: Any) -> Any:
    # Built by hand and sent with send(): a client's own headers, auth, cookies or base URL would change
    # what was signed, and its params= would write a space as "+" where the signature covers "%20".
    signed = step.request
    return package.Request(
        signed.method,
        signed.url,
        headers=signed.headers,
        content=signed.body,
        extensions={"timeout": timeout, **extensions},
    )


def _hold_back(step: Transmit, clock: Clock, event: str, _details: Any) -> None:
    """Keep a request from being sent that nobody waits for any more.

    The thread that makes the connection goes on when the time is over. What it would send then might create
    a service whose absence has been proven meanwhile.
    """
    if event.endswith("send_request_headers.started") and clock.monotonic() >= step.until:
        raise no_connection(step, "none in the time allowed")


def _answer(response: Any, body: BytesIO) -> WireAnswer:
    return WireAnswer(response.status_code, response.headers, body.getvalue())


class _Begun:
    """An answer whose head is there; its body is arriving, or is there too if it is no success.

    Attributes:
        status: HTTP status.
        headers: Headers; names are asked for in lower case.
        body: Bytes of the body of an answer that is no success; empty while it is arriving.
    """

    def __init__(self, response: Any, translated: Callable[[], AbstractContextManager[None]]) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.body: bytes = b"" if response.is_success else response.content
        self._response = response
        self._translated = translated


class Arriving(_Begun):
    """An answer that is read as it arrives; close it when no more is wanted."""

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the body as they come; closes the answer at the end.

        Raises:
            TransportError: It broke off.
        """
        try:
            with self._translated():
                yield from self._response.iter_bytes()
        finally:
            self.close()

    def close(self) -> None:
        """Give up what has not arrived yet."""
        self._response.close()


class AsyncArriving(_Begun):
    """An answer that is read as it arrives, for asyncio; close it when no more is wanted."""

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The bytes of the body as they come; see `Arriving.chunks`."""
        try:
            with self._translated():
                async for chunk in self._response.aiter_bytes():
                    yield chunk
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Give up what has not arrived yet."""
        await self._response.aclose()


def _check_time(step: Transmit, clock: Clock, response: Any, received: int) -> None:
    """Stop a body that drips; one that is whole counts, however late."""
    if clock.monotonic() < step.until:
        return
    length = response.headers.get("content-length")
    # The length of a compressed body says nothing about the bytes received, which are decoded.
    if length is None or "content-encoding" in response.headers or received < int(length):
        raise late(step)
