"""Rate limits: one token bucket for each operation."""

from __future__ import annotations

import math

from eas_deploy.emulator.clock import Clock
from eas_deploy.emulator.refusal import GatewayRefusalError

BURST = 10
"""Requests that a full bucket lets through at once."""


class Throttle:
    """Lets ``qps`` requests a second of each operation pass, after a burst of ten."""

    def __init__(self, qps: float, clock: Clock) -> None:
        if qps <= 0:
            raise ValueError(f"qps must be positive, not {qps}")
        self._qps = qps
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def admit(self, operation: str) -> None:
        """Take one token of ``operation``.

        Raises:
            GatewayRefusalError: If there is none, saying in ``x-acs-retry-after`` when there will be.
        """
        now = self._clock.monotonic()
        tokens, filled_at = self._buckets.get(operation, (float(BURST), now))
        tokens = min(float(BURST), tokens + (now - filled_at) * self._qps)
        if tokens < 1:
            self._buckets[operation] = (tokens, now)
            raise throttled((1 - tokens) / self._qps)
        self._buckets[operation] = (tokens - 1, now)


def throttled(retry_after_s: float) -> GatewayRefusalError:
    """The 429 answer; its header is in milliseconds, as the official SDK reads it."""
    return GatewayRefusalError(
        429,
        "Throttling.User",
        "Request was denied due to user flow control.",
        headers={"x-acs-retry-after": str(math.ceil(retry_after_s * 1000))},
    )
