"""Two who create the same name at the same moment: one succeeds, the other is told that it is taken."""

import asyncio
import threading

import httpx
import pytest
from fault_laboratory import LeapingClock
from fault_matrix import REGION, REQUESTS

from eas_deploy import AsyncDeployer, Deployer, Deployment
from eas_deploy.emulator import Fault
from eas_deploy.errors import DuplicateServiceError, EasDeployError
from eas_deploy.planning.settle import OWNER_LABEL

ROUNDS = 12
LOST = {
    "no fault": None,
    "a lost answer": Fault("CreateService", "reset", applied=True),
    "a lost request": Fault("CreateService", "reset"),
    "a cut answer": Fault("CreateService", "truncated_json", applied=True),
}


def assert_one_won(emulator, results):
    """Exactly one service was made, and it is the winner's."""
    assert emulator.services_made == 1
    (service,) = emulator.services.values()
    (winner,) = [one for one in results if isinstance(one, Deployment)]
    (loser,) = [one for one in results if not isinstance(one, Deployment)]
    assert winner.service_id == service.service_id
    assert winner.verified
    assert type(loser) is DuplicateServiceError
    assert loser.name == winner.name
    assert not loser.service_may_exist
    sends = [call.query["Labels"] for call in emulator.calls if call.operation == "CreateService"]
    assert service.labels[OWNER_LABEL] in "".join(sends)


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_two_threads(emulator, http_client, lost):
    options = {"http_client": http_client, **emulator.connection()}
    for _ in range(ROUNDS if lost is None else 5):
        emulator.reset()
        clock = LeapingClock(emulator)
        deployers = [Deployer(REGION, clock=clock, **options) for _ in range(2)]
        plans = [deployer.plan(REQUESTS[1]) for deployer in deployers]
        if lost is not None:
            emulator.inject(lost)
        start, results = threading.Barrier(2), [None, None]

        def create(index, deployers=deployers, plans=plans, start=start, results=results):
            start.wait(10)
            try:
                results[index] = deployers[index].execute(plans[index])
            except EasDeployError as error:
                results[index] = error

        threads = [threading.Thread(target=create, args=(index,)) for index in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert_one_won(emulator, results)


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_two_tasks(emulator, lost):
    async def main():
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            for _ in range(ROUNDS if lost is None else 5):
                emulator.reset()
                clock = LeapingClock(emulator)
                deployers = [
                    AsyncDeployer(REGION, http_client=client, clock=clock, **emulator.connection())
                    for _ in range(2)
                ]
                plans = [await deployer.plan(REQUESTS[1]) for deployer in deployers]
                if lost is not None:
                    emulator.inject(lost)
                results = await asyncio.gather(
                    *(deployer.execute(plan) for deployer, plan in zip(deployers, plans, strict=True)),
                    return_exceptions=True,
                )
                assert_one_won(emulator, results)

    asyncio.run(main())


def test_one_deployer_in_two_threads(emulator, http_client):
    """The same deployer, the same plan, twice at once: two executions, so one of them is a duplicate."""
    with Deployer(REGION, http_client=http_client, **emulator.connection()) as deployer:
        plan = deployer.plan(REQUESTS[1])
        start, results = threading.Barrier(2), []

        def create():
            start.wait(10)
            try:
                results.append(deployer.execute(plan))
            except EasDeployError as error:
                results.append(error)

        threads = [threading.Thread(target=create) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert_one_won(emulator, results)


def test_a_plan_executed_twice_creates_once(emulator, http_client):
    with Deployer(REGION, http_client=http_client, **emulator.connection()) as deployer:
        plan = deployer.plan(REQUESTS[1])
        first = deployer.execute(plan)
        with pytest.raises(DuplicateServiceError) as caught:
            deployer.execute(plan)
    assert_one_won(emulator, [first, caught.value])
