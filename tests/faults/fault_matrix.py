"""The cells of the fault matrix: which deployment, and what goes wrong in it. Values only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import get_args

from eas_deploy import Planner
from eas_deploy.emulator import Fault
from eas_deploy.emulator.faults import NEVER_APPLIED, FaultKind
from eas_deploy.patterns import PATTERNS

REGION = "cn-hangzhou"
FIELDS = json.loads((Path(__file__).parents[1] / "data" / "open_requests.json").read_text())
REQUESTS = {int(number): PATTERNS[int(number)](**fields) for number, fields in FIELDS.items()}
CALLS = {
    number: tuple(call.operation for call in Planner(REGION).outline(request))
    for number, request in REQUESTS.items()
}
VARIANTS = tuple(
    (kind, applied)
    for kind, applied in product(get_args(FaultKind), (False, True))
    if kind != "refuse" and not (applied and kind in NEVER_APPLIED)
)
"""Every kind of fault, with the operation carried out or not."""
BOTH = (False, True)
"""The blocking deployer and the asyncio one."""

HOLD_S = {"timeout": 0.15, "slow": 0.02}
"""How long the emulator keeps an answer back: longer than the read timeout, or just long enough to drip."""


@dataclass(frozen=True)
class Cell:
    """One deployment and what goes wrong in it.

    Attributes:
        pattern: Number of the pattern.
        faults: What goes wrong.
        awaited: Whether it is the asyncio deployer's.
        late_reads: How many look-ups do not see the new service yet.
        late_labels: How many look-ups see it without its labels.
        rival: Whether someone else takes the name just before the create.
        outlived: Whether it must end well: a single fault always does.
    """

    pattern: int
    faults: tuple[Fault, ...]
    awaited: bool = False
    late_reads: int = 0
    late_labels: int = 0
    rival: bool = False
    outlived: bool = False

    def __str__(self) -> str:
        told = ["async" if self.awaited else "blocking", f"pattern {self.pattern}"]
        for fault in self.faults:
            flags = ["applied"] * fault.applied + ["always"] * (fault.times is None)
            told.append(" ".join([fault.operation, fault.kind, *flags]))
        told += [f"reads {self.late_reads} late", f"labels {self.late_labels} late", "rival" * self.rival]
        return ", ".join(filter(None, told))


def fault(operation: str, kind: FaultKind, *, applied: bool, times: int | None = 1, after: int = 0) -> Fault:
    """A fault that takes as little time as it can."""
    return Fault(operation, kind, applied=applied, times=times, after=after, delay_s=HOLD_S.get(kind, 0.0))


def single_faults() -> Iterator[Cell]:
    """Every pattern, every call of it, every fault, once; all are outlived."""
    for pattern, calls in CALLS.items():
        for operation, (kind, applied), awaited in product(calls, VARIANTS, BOTH):
            yield Cell(pattern, (fault(operation, kind, applied=applied),), awaited, outlived=True)


def lasting_faults() -> Iterator[Cell]:
    """The same faults, every time."""
    for pattern, calls in CALLS.items():
        for operation, (kind, applied), awaited in product(calls, VARIANTS, BOTH):
            yield Cell(pattern, (fault(operation, kind, applied=applied, times=None),), awaited)


def failing_look_ups() -> Iterator[Cell]:
    """A create whose outcome is unknown, and look-ups that fail too: the first, or all after some."""
    failing = [kind for kind, applied in VARIANTS if not applied]
    for (kind, applied), other, (times, after), awaited in product(
        VARIANTS, failing, ((1, 0), (None, 0), (None, 1), (None, 3)), BOTH
    ):
        lost = fault("CreateService", kind, applied=applied)
        failed = fault("DescribeService", other, applied=False, times=times, after=after)
        # Without labels at first, so that the first sighting decides nothing.
        yield Cell(1, (lost, failed), awaited, late_labels=after)


def late_sightings() -> Iterator[Cell]:
    """A create whose outcome is unknown, and a service that shows up late or without its labels."""
    for (kind, applied), reads, labels, awaited in product(VARIANTS, range(8), (0, 1, 3, 4), BOTH):
        lost = fault("CreateService", kind, applied=applied)
        yield Cell(1, (lost,), awaited, late_reads=reads, late_labels=labels)


def repeated_losses() -> Iterator[Cell]:
    """Several creates in a row are lost, and the last of them, or none, has happened."""
    for (kind, applied), before, awaited in product(VARIANTS, (1, 2, 3), BOTH):
        first = fault("CreateService", "reset", applied=False, times=before)
        yield Cell(3, (first, fault("CreateService", kind, applied=applied)), awaited)


def rivals() -> Iterator[Cell]:
    """Someone else takes the name just before the create, and answers get lost as well."""
    failing = [None, *(kind for kind, applied in VARIANTS if not applied)]
    for (kind, applied), other, awaited in product(VARIANTS, failing, BOTH):
        lost = [fault("CreateService", kind, applied=applied)]
        if other:
            lost.append(fault("DescribeService", other, applied=False, times=None))
        yield Cell(1, tuple(lost), awaited, rival=True)


MATRIX = {
    "single faults": single_faults,
    "lasting faults": lasting_faults,
    "failing look-ups": failing_look_ups,
    "late sightings": late_sightings,
    "repeated losses": repeated_losses,
    "rivals": rivals,
}
