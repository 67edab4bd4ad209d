"""How a fleet that is under way is shown: a bar of tqdm, or what the caller makes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from eas_deploy.fleet import FleetOutcome
from eas_deploy.fleet_flow import OnEnd
from eas_deploy.service.progress import new_bar

Progress: TypeAlias = bool | Callable[[FleetOutcome, int, int], object] | None
"""True shows a bar; a callable is told of every outcome, how many there are by then, and of how many."""


@contextmanager
def shown(progress: Progress, total: int) -> Iterator[OnEnd | None]:
    """Something to tell the outcomes to, from any number of threads.

    Args:
        progress: What the caller wants to see.
        total: How many outcomes there will be.

    Raises:
        ConfigError: A bar is wanted and tqdm is not installed.
    """
    if not progress:
        yield None
    elif callable(progress):
        yield _Counted(progress, total)
    else:
        with new_bar(total=total, unit="service", desc="deploy") as bar:

            def advance(outcome: FleetOutcome, _ended: int, _total: int) -> None:
                bar.set_postfix_str(f"{outcome.name} {outcome.state}", refresh=False)
                bar.update()

            yield _Counted(advance, total)


class _Counted:
    """Calls back one outcome at a time, with how many there are."""

    def __init__(self, callback: Callable[[FleetOutcome, int, int], object], total: int) -> None:
        self._callback = callback
        self._total = total
        self._ended = 0
        self._lock = threading.Lock()

    def __call__(self, outcome: FleetOutcome) -> None:
        with self._lock:
            self._ended += 1
            self._callback(outcome, self._ended, self._total)
