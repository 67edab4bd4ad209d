"""A fleet can be created by the workers of any executor; keys stay where they are."""

import asyncio
import multiprocessing
import pickle
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from executor_stand_ins import Foreign, OneAtOnce, Pickling, Silent
from fleet_runs import HastyClock, request_for

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.clients.pacing import AdaptiveLimiter
from eas_deploy.emulator import Fault
from eas_deploy.errors import ConfigError, DuplicateServiceError, NotStartedError
from eas_deploy.workers import Crew


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

    @pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(2), Pickling, lambda: Foreign(Pickling())])
    def test_any_executor(self, emulator, make):
        emulator.add_service("demo_1")
        with make() as executor, Deployer(clock=HastyClock()) as deployer:
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
        """Workers in processes of their own."""
        distributed = pytest.importorskip("distributed")
        emulator.add_service("demo_1")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
            Deployer(clock=HastyClock()) as deployer,
        ):
            report = deployer.deploy_many(named(4), executor=client.get_executor(), workers=2)

        check(report, emulator)

    def test_errors_come_back_whole(self, emulator):
        emulator.inject(Fault("CreateService", "refuse", code="QuotaExceeded", message="No quota."))

        with Deployer() as deployer:
            (outcome,) = deployer.deploy_many(named(1), executor=Pickling())

        assert outcome.error.code == "QuotaExceeded"
        assert outcome.state == "not created"

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

    def test_threads_share_one_pace(self):
        """It is that of a fleet without workers, and none of them keeps to a part of it."""
        sent = []

        class Looking(ThreadPoolExecutor):
            def submit(self, work, /, *arguments, **options):
                sent.append(arguments[0].keywords["limiter"])
                return super().submit(work, *arguments, **options)

        with Deployer() as deployer, Looking(4) as executor:
            deployer.deploy_many(named(4), executor=executor)
        assert len(sent) == 4
        assert all(limiter is sent[0] for limiter in sent)
        assert sent[0].per_second is None

    def test_what_a_process_pool_cannot_send_is_refused(self, emulator):
        """Before anything is asked, by the argument's name."""

        class Local(AdaptiveLimiter):
            """Of a class that no other process can find."""

        with (
            Deployer(limiter=Local()) as deployer,
            pytest.raises(ConfigError, match="limiter: the Local") as caught,
        ):
            deployer.deploy_many(named(1), executor=Pickling())

        assert "another process" in str(caught.value)
        assert not emulator.calls

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"executor": "threads"}, "executor: a str is no"),
            ({"workers": 0}, "workers: 0 is no count"),
            ({"workers": -1}, "workers: -1"),
            ({"workers": "2"}, "workers: '2'"),
            ({"max_concurrency": 0}, "max_concurrency: 0"),
            ({"max_concurrency": "x"}, "max_concurrency: 'x'"),
            ({"max_concurrency": 2.5}, "max_concurrency: 2.5"),
            ({"max_concurrency": True}, "max_concurrency: True"),
            ({"max_concurrency": None}, "max_concurrency: None"),
            ({"max_concurrency": "x", "executor": None}, "max_concurrency: 'x'"),
        ],
    )
    def test_arguments_of_no_use_are_refused(self, emulator, options, told):
        with Deployer() as deployer, pytest.raises(ConfigError, match=told):
            deployer.deploy_many(named(1), **{"executor": Pickling(), **options})
        assert not emulator.calls

    def test_a_pickled_deployer_takes_its_keys_from_the_environment(self, emulator):
        with pickle.loads(pickle.dumps(Deployer(deploy_timeout_s=77))) as deployer:
            assert deployer.deploy(request_for("elsewhere")).verified
            assert deployer._deploy_timeout_s == 77
            assert b"emulated-secret" not in pickle.dumps(deployer)


@pytest.mark.usefixtures("keys_in_environment")
class TestFailFast:
    """A failure in one share keeps the others from being begun."""

    @pytest.fixture(autouse=True)
    def first_create_fails(self, emulator):
        emulator.inject(Fault("CreateService", "refuse"))

    def deploy(self, executor, count, **options):
        with Deployer(clock=HastyClock()) as deployer:
            return deployer.deploy_many(named(count), executor=executor, fail_fast=True, **options)

    def check(self, report, emulator):
        assert [one.state for one in report] == ["not created"] * len(report)
        assert all(isinstance(one.error, NotStartedError) for one in report[1:])
        assert all("failure of demo_0" in str(one.error) for one in report[1:])
        assert sum(call.operation == "CreateService" for call in emulator.calls) == 1

    def test_the_rest_of_the_share(self, emulator):
        self.check(self.deploy(Pickling(), 3, max_concurrency=1), emulator)

    def test_shares_that_wait_here(self, emulator):
        """Twenty services are three shares for one worker with one lane."""
        executor = Pickling()

        self.check(self.deploy(executor, 20, max_concurrency=1), emulator)
        assert executor.submitted == 1

    def test_shares_that_wait_in_the_executor(self, emulator):
        """The executor has one thread, and two shares at once are asked for."""
        with OneAtOnce() as executor:
            report = self.deploy(executor, 4, max_concurrency=2, workers=2)

        self.check(report, emulator)
        assert [future.cancelled() for future in executor.futures] == [False, True]

    def test_what_runs_is_not_called_cancelled(self, emulator):
        """Dask cancels whatever it is asked to, so its word is no proof: such a share comes to its end."""
        executor = Silent()

        report = self.deploy(executor, 4, max_concurrency=2, workers=2)
        for thread in executor.threads:
            thread.join()

        assert [one.state for one in report] == ["not created", "created", "not created", "created"]
        assert set(emulator.services) == {"demo_1", "demo_3"}


@pytest.mark.usefixtures("keys_in_environment")
class TestShares:
    """Few enough to be worth their start, and small enough to show how it goes."""

    @pytest.mark.parametrize(
        ("count", "workers", "lanes", "expected"),
        [
            (0, 2, 2, []),
            (3, 2, 4, [[0, 2], [1]]),
            (2, 4, 1, [[0], [1]]),
            (16, 2, 1, [[0, 2, 4, 6, 8, 10, 12, 14], [1, 3, 5, 7, 9, 11, 13, 15]]),
            # One more than a round holds: two rounds of about the same size.
            (17, 2, 1, [[0, 2, 4, 6], [1, 3, 5, 7], [8, 10, 12, 14, 16], [9, 11, 13, 15]]),
        ],
    )
    def test_rounds_of_equal_shares(self, count, workers, lanes, expected):
        crew = Crew(Pickling(), Deployer, workers=workers, lanes=lanes, fail_fast=False)

        assert list(crew.shares(range(count))) == expected

    def test_larger_ones_where_each_looks_first(self):
        """An executor that may run a share again: the ten seconds of its look are worth more creates."""
        crew = Crew(Foreign(Pickling()), Deployer, workers=2, lanes=1, fail_fast=False)

        assert [len(share) for share in crew.shares(range(128))] == [64, 64]
        assert [len(share) for share in crew.shares(range(129))] == [32, 32, 33, 32]

    def test_progress_comes_share_by_share(self):
        """Twenty services are shares of six, seven and seven."""
        told = []
        told_before = []

        class Looking(Pickling):
            def submit(self, work, /, *arguments, **options):
                told_before.append(len(told))
                return super().submit(work, *arguments, **options)

        with Deployer() as deployer:
            deployer.deploy_many(
                named(20), executor=Looking(), max_concurrency=1, progress=lambda one, *_: told.append(one)
            )

        assert told_before == [0, 6, 13]
        assert len(told) == 20

    def test_no_more_at_once_than_workers(self):
        """Otherwise the parts of the rate limit would add up to more than it."""
        running = Counter()
        lock = threading.Lock()

        class Counting(ThreadPoolExecutor):
            def submit(self, work, /, *arguments, **options):
                with lock:
                    running["now"] += 1
                    running["most"] = max(running["most"], running["now"])
                future = super().submit(work, *arguments, **options)
                future.add_done_callback(lambda _: running.subtract(now=1))
                return future

        with Deployer() as deployer, Counting(8) as executor:
            assert deployer.deploy_many(named(40), executor=executor, max_concurrency=2, workers=2).ok

        assert running["most"] == 2


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
