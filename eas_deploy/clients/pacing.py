"""The pace of each operation: found when the service throttles, then held.

Decides and never sleeps; the moments come in as numbers. A pace is unlimited until the first throttled
answer. From then on calls start at even intervals, and the limit is measured: a throttled call finds nothing
left, whatever bursts the service allows, so between two of them it took just as many calls as its limit is.
The pace keeps a little above that, so that nothing is left unused, and grows while no call is throttled.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Protocol

from eas_deploy._defaults import OPERATION_LIMIT_PER_S
from eas_deploy.clients.arguments import refuse

_LOWEST_PER_S = 0.5
"""No slower than a call in two seconds: every answer is also news about the limit."""

_ABOVE = 1.02
"""The pace, as a share of the measured limit: so one call in fifty is throttled, and no capacity is lost.
This number and those below are the best of those tried on simulated services of 2 to 1,000 calls a second."""

_CALM_CALLS, _CALM_S = 50, 1.0
"""Accepted calls in a row, and seconds' worth of them, at least, after which the pace has doubled. It grows with
their square: hardly while throttled answers come as often as they should, and fast when the limit was raised."""

_OUTGROWN = 1.25
"""A pace that grew so far beyond what was measured has met another limit, or calls that had been saved up."""

_KEPT_OF_OUTGROWN = 0.8
"""What is kept of such a pace: it was throttled only after it had been too high for a while."""

_GUESS_CALLS = 3.0
"""Calls that a guess counts for when what follows is measured; the least that any measurement counts for."""

_KEPT_OF_MEASURED = 0.8
"""What the old measurement counts for beside a new one: together they reach back over some five."""

_LONGEST_GAP = 4.0
"""A measurement counts no more seconds than its calls take at a quarter of the pace: the rest was idle."""

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
        calls: Accepted calls that the measurement of the limit rests on; None while no limit is known.
        seconds: How long the service took for them.
        free_at: When the next call may start.
        settled_at: Calls that were started before tell nothing of the present rate.
        calm: Accepted calls since then that the pace held up.
        emptied_at: When the throttled call was started that was measured last; before the first one, when
            the first call was.
        passed: Accepted calls since then.
    """

    ceiling: float | None
    calls: float | None = None
    seconds: float = 1.0
    free_at: float = 0.0
    settled_at: float = float("-inf")
    calm: int = 0
    emptied_at: float = float("inf")
    passed: int = 0

    @property
    def rate(self) -> float | None:
        """Calls a second; None for as many as there are."""
        if self.calls is None:
            return self.ceiling
        base = self._base(self.calls)
        rate = base * (1 + (self.calm / max(_CALM_CALLS, _CALM_S * base)) ** 2)
        return rate if self.ceiling is None else min(rate, self.ceiling)

    def reserve(self, now: float) -> float:
        start = max(now, self.free_at)
        rate = self.rate
        if rate is not None:
            self.free_at = start + 1 / rate
        return start - now

    def accept(self, started: float, now: float) -> None:
        if self.calls is None:
            self.emptied_at = min(self.emptied_at, started)
        if started >= self.emptied_at:
            self.passed += 1
        # Calls that come more slowly than they might prove nothing about a higher rate.
        if started >= self.settled_at and self.free_at > now:
            self.calm += 1

    def step_back(self, started: float, now: float, asked_s: float) -> None:
        self.free_at = max(self.free_at, now + asked_s)
        if started < self.settled_at:
            return
        self._measure(started, now)
        self.emptied_at, self.passed, self.calm = started, 0, 0
        # Calls that have their place already still start at the old rate.
        self.settled_at = max(now, self.free_at)

    def _measure(self, emptied_at: float, now: float) -> None:
        rate = self.rate
        if self.calls is None or rate is None:
            seen = self.passed / max(now - self.emptied_at, _SHORTEST_LOOK_S)
            self._guess(max(OPERATION_LIMIT_PER_S, seen))
        elif rate > _OUTGROWN * self._base(self.calls):
            self._guess(rate * _KEPT_OF_OUTGROWN)
        else:
            kept = min(1.0, max(_KEPT_OF_MEASURED, _GUESS_CALLS / self.calls))
            took_s = min(emptied_at - self.emptied_at, _LONGEST_GAP * (self.passed + 1) / rate)
            self.calls = self.calls * kept + self.passed
            self.seconds = self.seconds * kept + took_s

    def _guess(self, limit: float) -> None:
        likely = limit if self.ceiling is None else min(limit, self.ceiling)
        self.calls, self.seconds = _GUESS_CALLS, _GUESS_CALLS / likely

    def _base(self, calls: float) -> float:
        """The rate right after a measurement."""
        return max(_LOWEST_PER_S, _ABOVE * calls / self.seconds)


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
                self._pace(key).accept(started, now)

    def rate(self, key: str) -> float | None:
        """Calls a second of ``key`` at present; None while no limit is known."""
        with self._lock:
            return self._pace(key).rate

    def _pace(self, key: str) -> _Pace:
        return self._paces.setdefault(key, _Pace(self.per_second))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.per_second,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.per_second!r})"
