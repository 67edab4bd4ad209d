"""The pytest fixture ``eas_emulator``.

Loaded at the start of every pytest run, so it imports nothing but pytest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from eas_deploy.emulator.server import Emulator


@pytest.fixture
def eas_emulator() -> Iterator[Emulator]:
    """A running emulator, fresh for each test; its services take about a second to Running."""
    from eas_deploy.emulator.server import Emulator  # noqa: PLC0415 - only for tests that use it

    with Emulator() as emulator:
        yield emulator
