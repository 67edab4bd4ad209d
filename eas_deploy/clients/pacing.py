"""The pace of each operation: found when the service throttles, then held.

Decides and never sleeps; the moments come in as numbers. A pace is unlimited until the first throttled
answer. From then on calls start at even intervals: the rate grows until the service throttles again and
steps back then, so that it stays close under a limit that nobody told.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Protocol

from eas_deploy._defaults import OPERATION_LIMIT_PER_S
from eas_deploy.clients.arguments import refuse

_LOWEST_PER_S = 0.5
"""No slower than a call in two seconds: every answer is also news about the limit."""

_SEARCH_GAIN = 2.0
"""Growth while the limit is looked for, in calls a second for each accepted call: 7-fold in a second."""

_HOLD_GAIN = 0.12
"""Growth near the limit, likewise: some 12 % a second. The numbers here are the best of those that were
tried on simulated token buckets of 2 to 1,000 calls a second."""

_CALM_S = 1.5
"""Seconds at the present rate without a throttled call after which the limit is looked for again."""

_LEAST_STEP, _DEEPEST_STEP = 0.93, 0.4
"""What is kept of a rate that was too high, at most and at least."""

_PRIOR = 3
"""Calls that are taken for accepted before any was: a first throttled call alone proves little."""

_SHORTEST_LOOK_S = 0.2
"""Seconds that a rate is measured over at least: what gets through at once is a burst, and no rate."""


class Limiter(Protocol):
    """Paces calls; may be shared by any number of deployers, and by processes through a proxy."""

    def reserve(self, key: str, now: float) -> float:
        """Seconds from ``now`` until a call of ``key`` may start; its place is taken."""
        ...

    def learn(self, key: str, started: float, now: float, asked_s: float | None, throttled: bool) -> None:
        """Take in an answer.

        Args:
            key: The operation and its host.
            started: When the call was started.
            now: When the answer came.
            asked_s: Seconds that the service asks to wait; None if it did not.
            throttled: Whether the answer was that there are too many requests.
        """
        ...


@dataclass(slots=True)
class _Pace:
    """The pace of one operation.

    Attributes:
        ceiling: The rate never exceeds it; None for no ceiling.
        rate: Calls a second; None while no limit is known.
        free_at: When the next call may start.
        stepped_at: Calls that were started before tell nothing of the present rate.
        accepted: Accepted calls since then.
        since: When the first of them was started.
        searching: Whether the limit has not been met since the first time.
    """

    ceiling: float | None
    rate: float | None
    free_at: float = 0.0
    stepped_at: float = float("-inf")
    accepted: int = 0
    since: float = float("inf")
    searching: bool = True

    def reserve(self, now: float) -> float:
        start = max(now, self.free_at)
        if self.rate is not None:
            self.free_at = start + 1 / self.rate
        return start - now

    def accept(self, started: float) -> None:
        if started < self.stepped_at:
            return
        self.accepted += 1
        if self.rate is None:
            self.since = min(self.since, started)
            return
        calm = self.accepted > _CALM_S * self.rate
        self._set(self.rate + (_SEARCH_GAIN if calm or self.searching else _HOLD_GAIN))

    def step_back(self, started: float, now: float, asked_s: float) -> None:
        self.free_at = max(self.free_at, now + asked_s)
        if started < self.stepped_at:
            return
        if self.rate is None:
            seen = self.accepted / max(now - self.since, _SHORTEST_LOOK_S)
            self._set(max(seen * _LEAST_STEP, OPERATION_LIMIT_PER_S / 2))
        else:
            # The share of calls that got through before this one tells how far too high the rate is.
            through = (self.accepted + _PRIOR) / (self.accepted + _PRIOR + 1)
            self._set(self.rate * min(_LEAST_STEP, max(_DEEPEST_STEP, through)))
            self.searching = False
        # Calls that have their place already still start at the old rate.
        self.stepped_at = max(now, self.free_at)
        self.accepted = 0

    def _set(self, rate: float) -> None:
        self.rate = max(_LOWEST_PER_S, rate if self.ceiling is None else min(rate, self.ceiling))


class AdaptiveLimiter:
    """The pace of every operation of an account; safe to use from several threads, and to share.

    Pickled, it keeps its ceiling and forgets what it learnt.

    Args:
        per_second: Calls a second of each operation that are never exceeded; None for no such ceiling.
            Workers that share an account take each their part of it.

    Raises:
        ConfigError: ``per_second`` is not more than 0.
    """

    def __init__(self, per_second: float | None = None) -> None:
        if per_second is not None and not per_second > 0:
            raise refuse("per_second", f"{per_second} is not a rate", "give calls a second, more than 0")
        self.per_second = per_second
        self._paces: dict[str, _Pace] = {}
        self._lock = threading.Lock()

    def reserve(self, key: str, now: float) -> float:
        """Seconds from ``now`` until a call of ``key`` may start; its place is taken."""
        with self._lock:
            return self._pace(key).reserve(now)

    def learn(self, key: str, started: float, now: float, asked_s: float | None, throttled: bool) -> None:
        """Take in an answer; see `Limiter.learn`."""
        with self._lock:
            if throttled:
                self._pace(key).step_back(started, now, asked_s or 0.0)
            else:
                self._pace(key).accept(started)

    def rate(self, key: str) -> float | None:
        """Calls a second of ``key`` at present; None while no limit is known."""
        with self._lock:
            return self._pace(key).rate

    def _pace(self, key: str) -> _Pace:
        return self._paces.setdefault(key, _Pace(self.per_second, self.per_second))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.per_second,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.per_second!r})"
