"""A sample of the fault matrix for every test run; ``whole_matrix.py`` runs all of it.

After every cell: at most one service was made; success is reported if and only if it exists and is ours;
otherwise a typed error tells the truth; CreateService is never sent again without proof of absence; nothing
outlasts its deadline.
"""

from itertools import islice

import pytest
from fault_laboratory import Laboratory
from fault_laws import broken_laws
from fault_matrix import CALLS, MATRIX, VARIANTS

EVERY = {
    # Steps without a divisor in common with the numbers of faults and of deployers: all of them occur.
    "single faults": 53,
    "lasting faults": 151,
    "failing look-ups": 83,
    "late sightings": 61,
    "repeated losses": 11,
    "rivals": 43,
}


@pytest.fixture(scope="module")
def laboratory():
    with Laboratory() as opened:
        yield opened


def broken(laboratory, cells):
    return [
        f"{cell}: {law}"
        for cell in cells
        for law in broken_laws(cell, laboratory.run(cell), laboratory.emulator)
    ]


@pytest.mark.parametrize("part", MATRIX)
def test_a_sample(laboratory, part):
    assert broken(laboratory, islice(MATRIX[part](), 0, None, EVERY[part])) == []


def test_the_sample_has_every_pattern_and_every_fault():
    sample = list(islice(MATRIX["single faults"](), 0, None, EVERY["single faults"]))
    assert {cell.pattern for cell in sample} == set(CALLS)
    assert {cell.awaited for cell in sample} == {False, True}
    assert {(fault.kind, fault.applied) for cell in sample for fault in cell.faults} == set(VARIANTS)
    assert len(list(MATRIX["single faults"]())) == sum(map(len, CALLS.values())) * len(VARIANTS) * 2


@pytest.mark.parametrize("awaited", [False, True])
def test_every_fault_of_the_create(laboratory, awaited):
    cells = (
        cell
        for cell in MATRIX["single faults"]()
        if cell.pattern == 1 and cell.awaited is awaited and cell.faults[0].operation == "CreateService"
    )
    assert broken(laboratory, cells) == []
