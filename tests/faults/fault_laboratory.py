"""Runs cells of the fault matrix on one emulator.

No pause takes time: the clock that deployer and emulator share leaps over them. Only lost answers do, for
as long as the read timeout.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from fault_matrix import REGION, REQUESTS, Cell
from typing_extensions import Self

from eas_deploy import AsyncDeployer, Deployer, Deployment
from eas_deploy.emulator import Emulator

READ_TIMEOUT_S = 0.06
"""What a lost answer costs. So short only where one is ordered: elsewhere it would be one more fault."""


class LeapingClock:
    """A clock that leaps over pauses, and takes the emulator's with it."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._ahead_s = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + timedelta(seconds=self._ahead_s)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead_s

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._ahead_s += seconds
            self._emulator.clock.advance(seconds)

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


class NewSessions:
    """A credential provider that has a new STS session whenever it is asked."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def get_credential(self) -> Any:
        session = self._emulator.add_session()
        del session["endpoint_url"]
        return SimpleNamespace(**session, type="sts")


@dataclass(frozen=True)
class Outcome:
    """What came of a cell.

    Attributes:
        result: A Deployment, or what was raised.
        took_s: Seconds by the leaping clock.
        really_took_s: Seconds that passed.
    """

    result: Deployment | BaseException
    took_s: float
    really_took_s: float


class Laboratory:
    """One emulator for any number of cells."""

    def __init__(self) -> None:
        self.emulator = Emulator(lifecycle="immediate")

    def __enter__(self) -> Self:
        self.emulator.start()
        self._loop = asyncio.new_event_loop()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.close()
        self.emulator.stop()

    def run(self, cell: Cell) -> Outcome:
        """What comes of the deployment of a cell."""
        emulator = self.emulator
        emulator.reset()
        emulator.lag.reads, emulator.lag.labels = cell.late_reads, cell.late_labels
        emulator.inject(*cell.faults)
        clock = LeapingClock(emulator)
        timed = any(fault.kind == "timeout" for fault in cell.faults)
        options = {
            "endpoint_url": emulator.url,
            "credential": NewSessions(emulator),
            "read_timeout_s": READ_TIMEOUT_S if timed else 10.0,
            "clock": clock,
        }
        if cell.rival:
            options["confirm"] = lambda plan: emulator.add_service(plan.name)
        began, really_began = clock.monotonic(), time.monotonic()
        result: Deployment | BaseException
        try:
            result = self._deploy(cell, options)
        except Exception as error:  # noqa: BLE001 - that it is one of ours is one of the laws
            result = error
        return Outcome(result, clock.monotonic() - began, time.monotonic() - really_began)

    def _deploy(self, cell: Cell, options: dict[str, Any]) -> Deployment:
        request = REQUESTS[cell.pattern]
        if not cell.awaited:
            with Deployer(REGION, **options) as deployer:
                return deployer.deploy(request)

        async def main() -> Deployment:
            async with AsyncDeployer(REGION, **options) as deployer:
                return await deployer.deploy(request)

        return self._loop.run_until_complete(main())
