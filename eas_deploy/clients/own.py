"""The HTTP clients that the package makes for itself, in place of one of ``httpx`` that a caller gives.

What goes over lanes does not pass `send`: all API calls, and requests to services that need nothing encoded. The
others, and answers that stream, do, by a client of the HTTP package that is made when first needed.
"""

from __future__ import annotations

import threading
from types import ModuleType
from typing import Any, Generic, TypeVar
from urllib.request import getproxies

from eas_deploy._defaults import POOL_KEEPALIVE_S
from eas_deploy.clients.lanes import AsyncLanes, Lanes

LanesT = TypeVar("LanesT", Lanes, AsyncLanes)


class _Own(Generic[LanesT]):
    """What both kinds have in common.

    Attributes:
        package: The HTTP package.
        lanes: Where requests go that are sent whole, as they are written.
        is_closed: Whether it was closed.
    """

    def __init__(self, package: ModuleType, kind: str, lanes: LanesT) -> None:
        self.package = package
        self.lanes: LanesT = lanes
        self.is_closed = False
        self._kind = kind
        self._client: Any = None
        self._lock = threading.Lock()

    def _opened(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = packaged_client(self.package, self._kind)
            return self._client


class OwnClient(_Own[Lanes]):
    """For threads."""

    def __init__(self, package: ModuleType) -> None:
        super().__init__(package, "Client", Lanes(package))

    def send(self, request: Any, **how: Any) -> Any:
        """Send a request as it is."""
        return self._opened().send(request, **how)

    def close(self) -> None:
        """Close all connections."""
        self.is_closed = True
        self.lanes.close()
        if self._client is not None:
            self._client.close()


class OwnAsyncClient(_Own[AsyncLanes]):
    """For the tasks of an event loop."""

    def __init__(self, package: ModuleType) -> None:
        super().__init__(package, "AsyncClient", AsyncLanes(package))

    async def send(self, request: Any, **how: Any) -> Any:
        """Send a request as it is."""
        return await self._opened().send(request, **how)

    async def aclose(self) -> None:
        """Close all connections."""
        self.is_closed = True
        await self.lanes.aclose()
        if self._client is not None:
            await self._client.aclose()


def packaged_client(package: ModuleType, kind: str) -> Any:
    """A client of the package, with TLS verified and proxies taken from the environment.

    Args:
        package: ``httpx`` or ``httpx2``.
        kind: ``"Client"`` or ``"AsyncClient"``.
    """
    limits = package.Limits(max_connections=None, keepalive_expiry=POOL_KEEPALIVE_S)
    return getattr(package, kind)(limits=limits, trust_env=True)


def is_behind_proxy() -> bool:
    """Whether the environment names a proxy; which hosts need none is known to the HTTP package."""
    return bool({"http", "https", "all"} & getproxies().keys())
