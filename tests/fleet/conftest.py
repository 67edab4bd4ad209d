"""Fleets on one emulator, by the blocking and the asyncio deployer."""

import pytest
from fleet_runs import AsyncFleets, Fleets


@pytest.fixture(params=[Fleets, AsyncFleets], ids=["blocking", "asyncio"])
def fleets(request, emulator):
    return request.param(emulator)


@pytest.fixture
def keys_in_environment(emulator, monkeypatch):
    """Where workers take them from."""
    for name, value in emulator.env().items():
        monkeypatch.setenv(name, value)
