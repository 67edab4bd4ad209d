"""What several folders share; a folder that needs another emulator has a fixture of its own."""

import httpx
import pytest

from eas_deploy.emulator import Emulator


@pytest.fixture(scope="session")
def shared_emulator():
    with Emulator(lifecycle="immediate") as running:
        yield running


@pytest.fixture
def emulator(shared_emulator):
    """One emulator for many tests, as it was at the start for each."""
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture(scope="session")
def http_client():
    """Nothing here is encrypted: without verification no certificates are loaded for every deployer."""
    with httpx.Client(verify=False, trust_env=False) as client:
        yield client
