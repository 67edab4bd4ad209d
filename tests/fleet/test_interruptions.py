"""Whatever interrupts a fleet, the caller learns what each service has come to."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import warnings

import pytest
from executor_stand_ins import Endless, OneAtOnce, Pickling
from fleet_runs import request_for, wait_until

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.emulator import Fault
from eas_deploy.errors import CreateOutcomeUnknownError, NotStartedError


def named(count):
    return [request_for(f"demo_{index}") for index in range(count)]


def check(report):
    """The first was created, the second is under way, the others had not begun."""
    assert [one.state for one in report] == ["created", "may exist", "not created", "not created"]
    assert report[0].deployment is not None
    assert isinstance(report[1].error, CreateOutcomeUnknownError)
    assert isinstance(report[2].error, NotStartedError)
    assert not report.ok


PROGRAM = f"""
import json, logging, sys
sys.path[:0] = {sys.path!r}
logging.basicConfig()
from eas_deploy import Deployer
from fleet_runs import request_for
try:
    with Deployer() as deployer:
        deployer.deploy_many([request_for(f"demo_{{index}}") for index in range(4)], max_concurrency=1)
except KeyboardInterrupt as interruption:
    print(json.dumps([[one.state, type(one.error).__name__] for one in interruption.fleet_report]))
    raise
"""


def test_ctrl_c(emulator):
    """Ctrl-C ends a program with a fleet at once, and it knows what each service has come to."""
    # The create of the second never answers: it is under way when the interruption comes.
    emulator.inject(Fault("CreateService", "timeout", after=1, times=1, delay_s=20))
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **emulator.env()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: sent(emulator, "CreateService") == 2, 30)
        program.send_signal(signal.SIGINT)
        told, printed = program.communicate(timeout=15)
    finally:
        program.kill()

    assert json.loads(told) == [
        ["created", "NoneType"],
        ["may exist", "CreateOutcomeUnknownError"],
        ["not created", "NotStartedError"],
        ["not created", "NotStartedError"],
    ]
    assert "1 may exist" in printed
    assert "demo_1" in printed


def test_a_cancelled_task(emulator, caplog):
    """Cancelling ends the asyncio fleet cleanly: the report is carried, and no task is left."""
    emulator.inject(Fault("CreateService", "timeout", after=1, times=1, delay_s=5))

    async def course():
        async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
            ended = asyncio.Event()
            before = asyncio.all_tasks()
            fleet = asyncio.create_task(
                deployer.deploy_many(named(4), max_concurrency=1, progress=lambda *_: ended.set())
            )
            await ended.wait()
            while sent(emulator, "CreateService") < 2:  # noqa: ASYNC110 - the emulator is in another thread
                await asyncio.sleep(0.01)
            fleet.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await fleet
            assert asyncio.all_tasks() == before
            return caught.value

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        cancelled = asyncio.run(course())

    assert not warned
    report = getattr(cancelled, "fleet_report", None) or cancelled.__context__.fleet_report
    check(report)
    assert "1 may exist" in caplog.text


def test_cancelled_while_it_looks_around(emulator):
    """Before anything is created the report says so of every service."""
    emulator.inject(Fault("ListImages", "timeout", delay_s=5))

    async def course():
        async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
            fleet = asyncio.create_task(deployer.deploy_many(named(2)))
            while sent(emulator, "ListImages") < 1:  # noqa: ASYNC110 - the emulator is in another thread
                await asyncio.sleep(0.01)
            fleet.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await fleet
            return caught.value

    cancelled = asyncio.run(course())
    report = getattr(cancelled, "fleet_report", None) or cancelled.__context__.fleet_report
    assert {one.state for one in report} == {"not created"}
    assert sent(emulator, "CreateService") == 0


def test_interrupted_after_the_id_is_known(emulator):
    """A service that was created but not looked at yet counts as created, with its id."""
    emulator.inject(Fault("DescribeService", "timeout", delay_s=5))

    async def course():
        async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
            fleet = asyncio.create_task(deployer.deploy_many(named(1)))
            while sent(emulator, "DescribeService") < 1:  # noqa: ASYNC110 - the emulator is in another thread
                await asyncio.sleep(0.01)
            fleet.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await fleet
            return caught.value

    cancelled = asyncio.run(course())
    (outcome,) = getattr(cancelled, "fleet_report", None) or cancelled.__context__.fleet_report
    assert outcome.state == "created"
    assert outcome.service_id.startswith("eas-m-")
    assert outcome.deployment is None
    assert outcome.error.service_may_exist


@pytest.mark.usefixtures("keys_in_environment")
class TestWorkers:
    """Of a fleet that workers carry out, too: eight services of a lane to a share."""

    def test_what_has_come_back_is_told(self):
        """Ctrl-C while the second of four shares is submitted: that one may have got through."""

        class Interrupted(Pickling):
            def submit(self, work, /, *arguments, **options):
                if self.submitted == 1:
                    raise KeyboardInterrupt
                return super().submit(work, *arguments, **options)

        with Deployer() as deployer, pytest.raises(KeyboardInterrupt) as caught:
            deployer.deploy_many(named(20), executor=Interrupted(), max_concurrency=2, workers=2)

        report = caught.value.fleet_report
        assert [one.state for one in report] == ["created", "may exist"] * 5 + ["not created"] * 10
        assert report[0].deployment.verified

    def test_while_a_share_is_told_of(self):
        """Ctrl-C in the callback of the first service hides nothing of those that came back with it."""
        told = []

        def progress(outcome, *_):
            told.append(outcome.name)
            if len(told) == 1:
                raise KeyboardInterrupt

        with Deployer() as deployer, pytest.raises(KeyboardInterrupt) as caught:
            deployer.deploy_many(named(4), executor=Pickling(), max_concurrency=1, progress=progress)

        assert [one.state for one in caught.value.fleet_report] == ["created"] * 4
        assert told == [f"demo_{index}" for index in range(4)]

    @pytest.mark.parametrize(
        ("kind", "states"),
        [
            # A thread pool tells whether a share has begun.
            (lambda: OneAtOnce(does=0), ["may exist", "not created"] * 5 + ["not created"] * 10),
            # Another executor may say what it likes, and all of the fleet are its first two shares.
            (Endless, ["may exist"] * 20),
        ],
    )
    def test_a_cancelled_task(self, kind, states):
        async def course(executor):
            async with AsyncDeployer() as deployer:
                fleet = asyncio.create_task(
                    deployer.deploy_many(named(20), executor=executor, max_concurrency=2, workers=2)
                )
                while len(executor.futures) < 2:  # noqa: ASYNC110 - an executor tells no event
                    await asyncio.sleep(0)
                executor.futures[0].set_running_or_notify_cancel()
                fleet.cancel()
                with pytest.raises(asyncio.CancelledError) as caught:
                    await fleet
                return caught.value

        with kind() as executor:
            cancelled = asyncio.run(course(executor))
            executor.futures[0].set_result([])  # too late for anyone to wait for it

        report = getattr(cancelled, "fleet_report", None) or cancelled.__context__.fleet_report
        assert [one.state for one in report] == states
        assert executor.futures[1].cancelled()


def test_a_broken_progress_callback_stops_nothing(fleets, caplog):
    def broken(outcome, ended, total):
        raise RuntimeError("no display")

    assert fleets.deploy(named(2), progress=broken).ok
    assert "progress callback" in caplog.text


def sent(emulator, operation):
    return sum(call.operation == operation for call in emulator.calls)
