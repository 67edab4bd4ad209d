"""One emulator for the tests of races, interruptions and deadlines, as it was at the start for each."""

import httpx
import pytest

from eas_deploy.clients.sender import official_packages
from eas_deploy.emulator import Emulator


@pytest.fixture(scope="session", autouse=True)
def _official_packages_are_loaded():
    """Their import takes half a second, which is not what deadlines are measured by here."""
    official_packages()


@pytest.fixture(scope="session")
def shared_emulator():
    with Emulator(lifecycle="immediate") as running:
        yield running


@pytest.fixture
def emulator(shared_emulator):
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture(scope="session")
def http_client():
    """Nothing here is encrypted: without verification no certificates are loaded for every deployer."""
    with httpx.Client(verify=False, trust_env=False) as client:
        yield client
