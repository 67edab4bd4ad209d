"""Workers can share one limiter, which the caller passes in: the pace is then that of all of them."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise

import pytest
from fleet_runs import request_for
from remembering_limiter import LimiterManager, Shared

from eas_deploy import Deployer
from eas_deploy.clients.pacing import AdaptiveLimiter

pytestmark = pytest.mark.usefixtures("keys_in_environment")


def named(count):
    return [request_for(f"demo_{index}") for index in range(count)]


def test_by_threads(emulator):
    """It is handed to the workers as it is, and paces what this process asks first, too."""
    asked = []

    class Asked(AdaptiveLimiter):
        def reserve(self, key, now):
            asked.append(key)
            return super().reserve(key, now)

    with Deployer(limiter=Asked()) as deployer, ThreadPoolExecutor(2) as executor:
        assert deployer.deploy_many(named(4), executor=executor).ok

    # Four calls for all of them and three for each.
    assert len(asked) == len(emulator.calls) == 4 + 3 * 4


def test_by_processes(emulator):
    """Through the proxy of a manager: the workers take their places from one row."""
    spawn = multiprocessing.get_context("spawn")
    with (
        LimiterManager(ctx=spawn) as manager,
        ProcessPoolExecutor(2, mp_context=spawn) as pool,
    ):
        remembering = manager.RememberingLimiter(per_second=100)
        with Deployer(limiter=Shared(remembering)) as deployer:
            assert deployer.deploy_many(named(8), executor=pool).ok
        places = remembering.given()

    assert len(places) == len(emulator.calls) == 4 + 3 * 8
    creates = sorted((start, pid) for key, start, pid in places if "CreateService" in key)
    assert len(creates) == 8
    assert len({pid for _, pid in creates} - {os.getpid()}) == 2
    # A hundred a second for both together, and not for each.
    assert all(later - earlier > 0.0099 for (earlier, _), (later, _) in pairwise(creates))
