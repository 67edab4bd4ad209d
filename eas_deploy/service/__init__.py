"""The handle to one service, blocking and for asyncio."""

from __future__ import annotations

from eas_deploy.service.asynchronous import AsyncService
from eas_deploy.service.blocking import Service

__all__ = ["AsyncService", "Service"]
