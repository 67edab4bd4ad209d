"""A fleet can be created by the workers of any executor; keys stay where they are."""

import asyncio
import multiprocessing
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from fleet_runs import request_for

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.clients.pacing import AdaptiveLimiter
from eas_deploy.emulator import Fault
from eas_deploy.errors import ConfigError, CreateOutcomeUnknownError, DuplicateServiceError, NotStartedError


@pytest.fixture
def keys_in_environment(emulator, monkeypatch):
    for name, value in emulator.env().items():
        monkeypatch.setenv(name, value)


def named(count):
    return [request_for(f"demo_{index}") for index in range(count)]


def check(report, emulator):
    assert [one.ok for one in report] == [True, False, True, True], report.summary()
    assert isinstance(report[1].error, DuplicateServiceError)
    assert [one.name for one in report] == [f"demo_{index}" for index in range(4)]
    assert report[0].deployment.service.name == "demo_0"
    operations = [call.operation for call in emulator.calls]
    assert operations.count("ListServices") == operations.count("ListImages") == 1
    assert operations.count("CreateService") == 3


class Pickling(Executor):
    """Runs everything at once, through pickle: a process pool without the processes."""

    def submit(self, work, /, *arguments, **options):
        future = Future()
        try:
            work, arguments, options = pickle.loads(pickle.dumps((work, arguments, options)))
            future.set_result(pickle.loads(pickle.dumps(work(*arguments, **options))))
        except Exception as error:  # noqa: BLE001 - that is what an executor does
            future.set_exception(error)
        return future


@pytest.mark.usefixtures("keys_in_environment")
class TestWorkers:
    def test_a_process_pool(self, emulator):
        """Plans, results and errors go through pickle; what is shared is asked here, once."""
        emulator.add_service("demo_1")
        with (
            ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool,
            Deployer() as deployer,
        ):
            report = deployer.deploy_many(named(4), executor=pool)

        check(report, emulator)

    @pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(2), Pickling])
    def test_any_executor(self, emulator, make):
        emulator.add_service("demo_1")
        with make() as executor, Deployer() as deployer:
            report = deployer.deploy_many(named(4), executor=executor)

        check(report, emulator)

    def test_under_asyncio(self, emulator):
        emulator.add_service("demo_1")

        async def course():
            with ThreadPoolExecutor(2) as executor:
                async with AsyncDeployer() as deployer:
                    return await deployer.deploy_many(named(4), executor=executor)

        check(asyncio.run(course()), emulator)

    def test_dask(self, emulator):
        distributed = pytest.importorskip("distributed")
        emulator.add_service("demo_1")
        with (
            distributed.LocalCluster(
                n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
            Deployer() as deployer,
        ):
            report = deployer.deploy_many(named(4), executor=client.get_executor(), workers=2)

        check(report, emulator)

    def test_errors_come_back_whole(self, emulator):
        emulator.inject(Fault("CreateService", "refuse", code="QuotaExceeded", message="No quota."))

        with Deployer() as deployer:
            (outcome,) = deployer.deploy_many(named(1), executor=Pickling())

        assert outcome.error.code == "QuotaExceeded"
        assert outcome.state == "not created"

    def test_fail_fast_stops_a_worker(self, emulator):
        emulator.inject(Fault("CreateService", "refuse"))

        with Deployer() as deployer:
            report = deployer.deploy_many(named(3), executor=Pickling(), max_concurrency=1, fail_fast=True)

        assert isinstance(report[2].error, NotStartedError)

    def test_a_worker_that_dies(self, emulator):
        """What it did is not known, and is told so."""

        class Broken(Executor):
            def submit(self, work, /, *arguments, **options):
                future = Future()
                future.set_exception(RuntimeError("the worker is gone"))
                return future

        with Deployer() as deployer:
            report = deployer.deploy_many(named(2), executor=Broken())

        assert {one.state for one in report} == {"may exist"}
        assert all(isinstance(one.error, CreateOutcomeUnknownError) for one in report)

    def test_confirm_is_asked_here(self, emulator):
        """A callback need not pickle."""
        asked = []
        with Deployer(confirm=lambda plan: asked.append(plan.name) or True) as deployer:
            assert deployer.deploy_many(named(2), executor=Pickling()).ok

        assert asked == ["demo_0", "demo_1"]

    def test_the_pace_is_divided(self):
        """Together the workers keep to what EAS allows an account."""
        sent = []

        class Looking(Pickling):
            def submit(self, work, /, *arguments, **options):
                sent.append(arguments[0].keywords["limiter"].per_second)
                return super().submit(work, *arguments, **options)

        with Deployer() as deployer:
            deployer.deploy_many(named(4), executor=Looking(), workers=4)
        assert sent == [25.0] * 4

    def test_a_limiter_of_the_callers_own(self):
        limiter = AdaptiveLimiter(per_second=80)
        with Deployer(limiter=limiter) as deployer, ThreadPoolExecutor(2) as executor:
            assert deployer.deploy_many(named(2), executor=executor).ok
        assert limiter.rate("none") == 80.0

    def test_a_pickled_deployer_takes_its_keys_from_the_environment(self, emulator):
        with pickle.loads(pickle.dumps(Deployer(deploy_timeout_s=77))) as deployer:
            assert deployer.deploy(request_for("elsewhere")).verified
            assert deployer._deploy_timeout_s == 77
            assert b"emulated-secret" not in pickle.dumps(deployer)


class TestExplicitKeys:
    """They stay in this process."""

    def test_no_pool_gets_them(self, emulator):
        with (
            Deployer("cn-hangzhou", **emulator.connection()) as deployer,
            pytest.raises(ConfigError) as caught,
        ):
            deployer.deploy_many(named(1), executor=Pickling())

        assert "environment of the workers" in str(caught.value)
        assert not emulator.calls

    @pytest.mark.parametrize("kind", [Deployer, AsyncDeployer])
    def test_a_deployer_with_keys_is_not_pickled(self, kind):
        with pytest.raises(ConfigError, match="access_key_id"):
            pickle.dumps(kind("cn-hangzhou", access_key_id="LTAIkey", access_key_secret="hidden"))


def test_requests_plans_and_reports_pickle(fleets):
    report = fleets.deploy([request_for("one"), {"metadata": {"name": "broken"}}])

    again = pickle.loads(pickle.dumps(report))

    assert again[0].deployment.config == report[0].deployment.config
    assert again[0].deployment.access_token == report[0].deployment.access_token
    assert again[0].deployment.plan.config == report[0].deployment.plan.config
    assert str(again[1].error) == str(report[1].error)
    assert pickle.loads(pickle.dumps(request_for("one"))) == request_for("one")
