import pytest
from service_stand_ins import FakeClock, Handles

from eas_deploy.emulator import Emulator


@pytest.fixture
def emulator():
    with Emulator(lifecycle="per_read") as running:
        yield running


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(params=["blocking", "async"])
def handles(request, emulator, clock):
    """Handles to the emulator's services, of one kind after the other; their pauses take no time."""
    with Handles(request.param, emulator, clock) as opened:
        yield opened
