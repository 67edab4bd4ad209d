"""Runs the whole fault matrix and writes what came of it; ends with 1 if any law was broken.

``python tests/faults/whole_matrix.py [part ...]``: the parts are the keys of ``MATRIX``; all if none is named.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from fault_laboratory import Laboratory
from fault_laws import broken_laws
from fault_matrix import MATRIX

from eas_deploy import Deployment


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(part: str, laboratory: Laboratory) -> tuple[int, int]:
    """How many cells a part has, and how many laws were broken in it."""
    began = time.monotonic()
    broken = 0
    creates: Counter[int] = Counter()
    endings: Counter[str] = Counter()
    for cell in MATRIX[part]():
        outcome = laboratory.run(cell)
        creates[[call.operation for call in laboratory.emulator.calls].count("CreateService")] += 1
        well = isinstance(outcome.result, Deployment)
        endings["Deployment" if well else type(outcome.result).__name__] += 1
        for law in broken_laws(cell, outcome, laboratory.emulator):
            broken += 1
            say(f"VIOLATION {cell}: {law}")
    cells = creates.total()
    say(f"{part}: {cells} cells, {broken} violations, {time.monotonic() - began:.0f} s")
    say(f"  CreateService sent (times: cells): {dict(sorted(creates.items()))}")
    say(f"  ended in: {dict(endings.most_common())}")
    return cells, broken


def main(chosen: list[str]) -> int:
    """The exit status."""
    with Laboratory() as laboratory:
        counts = [run(part, laboratory) for part in chosen or MATRIX]
    cells, broken = (sum(column) for column in zip(*counts, strict=True))
    say(f"fault matrix: {cells} cells, {broken} violations")
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
