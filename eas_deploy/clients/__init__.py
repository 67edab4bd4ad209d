"""The edge: the only place with sockets, sleeping and credentials.

Importing it loads nothing; a sender loads an HTTP package and the official ones with its first call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eas_deploy.clients.asynchronous import AsyncSender
    from eas_deploy.clients.blocking import BlockingSender
    from eas_deploy.clients.clock import Clock, SystemClock

_HOMES = {
    "AsyncSender": "eas_deploy.clients.asynchronous",
    "BlockingSender": "eas_deploy.clients.blocking",
    "Clock": "eas_deploy.clients.clock",
    "SystemClock": "eas_deploy.clients.clock",
}

__all__ = ["AsyncSender", "BlockingSender", "Clock", "SystemClock"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
