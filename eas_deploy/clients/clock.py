"""Time as something that is handed in, so that tests of waiting take none."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timezone
from typing import Protocol


class Clock(Protocol):
    """What the edge needs of time."""

    def now(self) -> datetime:
        """The date and time, UTC, with its zone."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Return after ``seconds``, leaving the event loop to others meanwhile."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The date and time, UTC."""
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Return after ``seconds``, leaving the event loop to others meanwhile."""
        await asyncio.sleep(seconds)
