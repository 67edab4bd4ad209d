"""Fleets on one emulator, by the blocking and the asyncio deployer."""

import pytest
from fleet_runs import AsyncFleets, Fleets

from eas_deploy.emulator import Emulator


@pytest.fixture
def emulator():
    with Emulator(lifecycle="immediate") as running:
        yield running


@pytest.fixture(params=[Fleets, AsyncFleets], ids=["blocking", "asyncio"])
def fleets(request, emulator):
    return request.param(emulator)
