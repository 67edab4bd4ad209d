"""A worker that does not come back: what it has left is looked up, and never created again."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import Counter
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest
from executor_stand_ins import Foreign, Losing, Pickling
from fleet_runs import HastyClock, request_for, wait_until

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.emulator import Fault
from eas_deploy.errors import ConfigError, CreateOutcomeUnknownError, DuplicateServiceError, NotStartedError

pytestmark = pytest.mark.usefixtures("keys_in_environment")


def named(count):
    return [request_for(f"demo_{index}") for index in range(count)]


def deploy(executor, count=2, **options):
    with Deployer(clock=HastyClock(), deploy_timeout_s=1e6) as deployer:
        return deployer.deploy_many(named(count), executor=executor, **options)


async def deploy_async(executor, count=2):
    async with AsyncDeployer(clock=HastyClock(), deploy_timeout_s=1e6) as deployer:
        return await deployer.deploy_many(named(count), executor=executor)


def sent(emulator):
    return Counter(call.operation for call in emulator.calls)


def check_found(report, emulator):
    assert [one.state for one in report] == ["created", "created"], report.summary()
    assert all(one.deployment.verified for one in report)
    assert [one.service_id for one in report] == [emulator.services[one.name].service_id for one in report]
    assert "BrokenProcessPool" in report[0].deployment.notices[0]
    assert sent(emulator)["CreateService"] == 2


def test_what_it_created_is_found(emulator):
    """The ids are made here, so the labels tell that the services are the fleet's."""
    check_found(deploy(Losing(BrokenProcessPool(), after_the_work=True)), emulator)


def test_what_it_created_is_found_under_asyncio(emulator):
    report = asyncio.run(deploy_async(Losing(BrokenProcessPool(), after_the_work=True)))

    check_found(report, emulator)


def test_what_never_shows_up_was_not_created(emulator):
    """Five looks over ten seconds are the proof; the create is not sent again."""
    report = deploy(Losing(BrokenProcessPool()))

    assert [one.state for one in report] == ["not created", "not created"]
    assert all(isinstance(one.error, NotStartedError) for one in report)
    assert "BrokenProcessPool" in str(report[0].error)
    assert sent(emulator)["CreateService"] == 0
    assert sent(emulator)["DescribeService"] == 2 * 5


def test_someone_elses_service_is_told_from_ours(emulator):
    def meanwhile():
        if "demo_1" not in emulator.services:
            emulator.add_service("demo_1", labels={"eas-deploy-id": "another"})

    report = deploy(Losing(BrokenProcessPool(), meanwhile=meanwhile))

    assert report[1].state == "not created"
    assert isinstance(report[1].error, DuplicateServiceError)
    assert not isinstance(report[0].error, DuplicateServiceError)


def test_what_cannot_be_looked_up_may_exist(emulator):
    emulator.inject(Fault("DescribeService", "refuse", status=403, code="Forbidden.RAM", times=None))

    report = deploy(Losing(BrokenProcessPool(), after_the_work=True))

    assert [one.state for one in report] == ["may exist", "may exist"]
    assert all(isinstance(one.error, CreateOutcomeUnknownError) for one in report)
    label = emulator.services["demo_0"].labels["eas-deploy-id"]
    assert label in report[0].error.how_to_check


@pytest.mark.parametrize("why", [ConnectionError("worker lost"), CancelledError()])
def test_a_worker_out_of_sight_may_still_create(emulator, why):
    """Only of the pools of the standard library is a share over when its future is."""
    report = deploy(Foreign(Losing(why)))

    assert [one.state for one in report] == ["may exist", "may exist"]
    assert all(isinstance(one.error, CreateOutcomeUnknownError) for one in report)
    assert "may still be at work" in str(report[0].error)


def test_what_one_out_of_sight_has_created_is_found(emulator):
    report = deploy(Foreign(Losing(ConnectionError("worker lost"), after_the_work=True)))

    assert [one.state for one in report] == ["created", "created"]
    assert sent(emulator)["CreateService"] == 2


class TestTheCauseIsTold:
    @pytest.mark.parametrize(
        ("why", "told"),
        [
            (ConnectionError("worker lost\nat noon"), "(ConnectionError: worker lost)"),
            (
                ModuleNotFoundError("No module named 'eas_deploy'"),
                "install eas-deploy, in the version that is here",
            ),
            (ConfigError([]), "(ConfigError: 0 errors"),
            (RuntimeError(), "(RuntimeError)"),
        ],
    )
    def test_in_a_line(self, why, told):
        (outcome,) = deploy(Losing(why), 1)

        assert told in str(outcome.error)
        assert "noon" not in str(outcome.error)

    def test_but_nothing_that_it_may_quote(self):
        """A ValueError repeats what it was given, which may be a secret."""
        (outcome,) = deploy(Losing(ValueError("bad token canary")), 1)

        assert "(ValueError)" in str(outcome.error)
        assert "canary" not in str(outcome.error)


class TestDuplicates:
    """A worker finds the name taken: it may be that of an earlier run of the same share."""

    def deploy(self, emulator, after_the_work=lambda: None):
        def take_the_name(plan):
            emulator.add_service(plan.name, labels={"eas-deploy-id": "another"})
            return True

        class Executor(Pickling):
            def submit(self, work, /, *arguments, **options):
                future = super().submit(work, *arguments, **options)
                after_the_work()
                return future

        with Deployer(clock=HastyClock(), deploy_timeout_s=1e6, confirm=take_the_name) as deployer:
            (outcome,) = deployer.deploy_many(named(1), executor=Executor())
        return outcome

    def test_someone_elses(self, emulator):
        outcome = self.deploy(emulator)

        assert outcome.state == "not created"
        assert isinstance(outcome.error, DuplicateServiceError)

    def test_one_that_is_gone_again(self, emulator):
        outcome = self.deploy(emulator, lambda: emulator.clear("services"))

        assert outcome.state == "not created"
        assert isinstance(outcome.error, DuplicateServiceError)

    def test_one_that_cannot_be_looked_up(self, emulator):
        denied = Fault("DescribeService", "refuse", status=403, code="Forbidden.RAM", times=None)

        outcome = self.deploy(emulator, lambda: emulator.inject(denied))

        assert outcome.state == "may exist"
        assert isinstance(outcome.error, CreateOutcomeUnknownError)
        assert "found the name taken" in str(outcome.error)


def test_fail_fast_counts_a_loss_as_a_failure(emulator):
    """Eight services to a share with one lane, and the second share is not begun."""
    executor = Losing(BrokenProcessPool())

    report = deploy(executor, 16, max_concurrency=1, fail_fast=True)

    assert executor.submitted == 1
    assert "failure of demo_0" in str(report[15].error)


def test_a_broken_pool_takes_no_more(emulator):
    """What it refuses was not begun, and the report says so."""

    class Broken(Losing):
        def submit(self, work, /, *arguments, **options):
            raise self.why

    report = deploy(Broken(BrokenProcessPool()))

    assert [one.state for one in report] == ["not created", "not created"]
    assert "did not take the work (BrokenProcessPool)" in str(report[0].error)
    assert sent(emulator)["DescribeService"] == 0


def test_a_killed_process(emulator):
    """The create arrived, its answer did not, and the process is gone."""
    emulator.inject(Fault("CreateService", "timeout", applied=True, delay_s=5))
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def kill():
        wait_until(lambda: sent(emulator)["CreateService"] == 1)
        for pid in list(pool._processes):
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    with pool:
        killer.start()
        report = deploy(pool, 1)
    killer.join()

    assert [one.state for one in report] == ["created"], report.summary()
    assert report[0].service_id == emulator.services["demo_0"].service_id
    assert sent(emulator)["CreateService"] == 1
