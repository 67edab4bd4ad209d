"""The emulator's time: the machine's, plus whatever a test has added."""

from __future__ import annotations

import time
from datetime import datetime, timezone


class Clock:
    """A clock that runs with the machine's and can be put forward.

    Service states, time stamps and rate limits follow it, so a test advances it instead of sleeping.
    Signature dates do not: a client keeps the machine's time, so only ``skew_s`` moves what they are
    compared to.
    """

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self.skew_s = 0.0
        """How far the gateway's idea of the time differs from the client's."""

    def reset(self) -> None:
        """Show the machine's time again."""
        self._ahead_s = self.skew_s = 0.0

    def advance(self, seconds: float) -> None:
        """Put the clock forward by ``seconds``."""
        self._ahead_s += seconds

    def now(self) -> float:
        """POSIX time in seconds."""
        return time.time() + self._ahead_s

    def signature_time(self) -> float:
        """POSIX time in seconds that a request's date is compared to."""
        return time.time() + self.skew_s

    def monotonic(self) -> float:
        """Seconds that never jump back, for rates."""
        return time.monotonic() + self._ahead_s


def rfc3339(posix_s: float) -> str:
    """A POSIX time as the API writes it (UTC, whole seconds), such as ``2026-01-02T03:04:05Z``."""
    return datetime.fromtimestamp(posix_s, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
