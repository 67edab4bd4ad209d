"""The asyncio deployer has the names, the signatures and the behaviour of the blocking one."""

from __future__ import annotations

import asyncio
import gc
import inspect
import itertools
import json
import logging
import threading
import warnings
from pathlib import Path

import pytest

from eas_deploy import AsyncDeployer, Deployer, driver
from eas_deploy.emulator import Emulator, Fault
from eas_deploy.errors import (
    AmbiguousWorkspaceError,
    ConfigError,
    ConfirmationDeclined,
    DuplicateServiceError,
    GateError,
    PermissionDeniedError,
    ResourceNotFoundError,
)
from eas_deploy.patterns import VllmOss

PATTERNS = sorted((Path(__file__).parents[1] / "examples" / "patterns").glob("*.json"))
REQUEST = VllmOss(
    name="qwen_demo",
    image="vllm:0.14.0-gpu",
    model="oss://my-bucket/qwen2.5-7b-instruct/",
    instance_type="ecs.gn7i-c16g1.4xlarge",
)
STAGES = [
    "ListServices",
    "ListWorkspaces",
    "ListImages",
    "DescribeMachineSpec",
    "CreateService",
    "DescribeService",
    "DescribeServiceEndpoints",
]
OTHER_NAMES = {"close": "aclose", "__enter__": "__aenter__", "__exit__": "__aexit__"}


def public(kind):
    """The public members, under the names of the blocking deployer."""
    ours = {theirs: name for name, theirs in OTHER_NAMES.items()}
    return {
        ours.get(name, name): member
        for name, member in ((name, inspect.getattr_static(kind, name)) for name in dir(kind))
        if not name.startswith("_") or name in OTHER_NAMES or name in ours
    }


class TestNames:
    def test_the_same_names(self):
        assert set(public(Deployer)) == set(public(AsyncDeployer))

    @pytest.mark.parametrize("name", ["__init__", *sorted(public(Deployer))])
    def test_the_same_arguments(self, name):
        if name == "__init__":
            assert inspect.signature(Deployer) == inspect.signature(AsyncDeployer)
            return
        blocking, awaited = public(Deployer)[name], public(AsyncDeployer)[name]
        if isinstance(blocking, property):
            assert isinstance(awaited, property)
            return
        assert inspect.signature(blocking).parameters == inspect.signature(awaited).parameters

    def test_what_does_io_is_awaited(self):
        """Iterators become async iterators; ``service`` asks nothing and stays a plain call."""
        kinds = {
            name: inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member)
            for name, member in public(AsyncDeployer).items()
            if inspect.isfunction(member)
        }
        assert [name for name, awaited in kinds.items() if not awaited] == ["service"]

    @pytest.mark.parametrize("product", ["eas", "aiworkspace", "vpc", "ecs", "nlb"])
    def test_the_same_operations(self, product):
        clients = [
            getattr(kind("cn-hangzhou", access_key_id="i", access_key_secret="s"), product)
            for kind in (Deployer, AsyncDeployer)
        ]
        blocking, awaited = ({name for name in dir(one) if not name.startswith("_")} for one in clients)
        assert blocking == awaited


class Blocking:
    """Runs a method of the blocking deployer."""

    def __init__(self, emulator):
        self.emulator = emulator

    def call(self, method, *arguments, **options):
        with Deployer("cn-hangzhou", **self.emulator.connection(), **options) as deployer:
            return getattr(deployer, method)(*arguments)


class Awaited(Blocking):
    """Runs a method of the asyncio deployer."""

    def call(self, method, *arguments, **options):
        async def course():
            async with AsyncDeployer("cn-hangzhou", **self.emulator.connection(), **options) as deployer:
                return await getattr(deployer, method)(*arguments)

        return asyncio.run(course())


@pytest.fixture
def emulator():
    with Emulator(lifecycle="immediate") as running:
        yield running


@pytest.fixture(params=[Blocking, Awaited], ids=["blocking", "asyncio"])
def both(request, emulator):
    return request.param(emulator)


def created(emulator):
    return [call for call in emulator.calls if call.operation == "CreateService"]


class TestBehaviour:
    @pytest.mark.parametrize("path", PATTERNS, ids=[path.stem for path in PATTERNS])
    def test_every_pattern_deploys(self, both, path):
        deployment = both.call("deploy", path)

        assert deployment.verified
        assert deployment.service_id
        assert [one.operation for one in deployment.ledger][-3:] == [
            "CreateService",
            "DescribeService",
            "DescribeServiceEndpoints",
        ]
        assert list(both.emulator.services) == [json.loads(path.read_text())["metadata"]["name"]]

    def test_plan_then_execute(self, both):
        plan = both.call("plan", REQUEST)
        assert not created(both.emulator)

        assert both.call("execute", plan).name == "qwen_demo"
        assert len(created(both.emulator)) == 1

    def test_a_duplicate_stops(self, both):
        both.emulator.add_service("qwen_demo")
        with pytest.raises(DuplicateServiceError):
            both.call("deploy", REQUEST)
        assert {call.operation for call in both.emulator.calls} == {"ListServices", "ListWorkspaces"}

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault("ListImages", "server_error", times=None), GateError),
            (Fault("CreateService", "refuse", status=403, code="Forbidden.RAM"), PermissionDeniedError),
        ],
    )
    def test_errors(self, both, fault, error):
        both.emulator.inject(fault)
        with pytest.raises(error) as caught:
            both.call("deploy", REQUEST, max_retries=0)
        assert not caught.value.service_may_exist

    def test_a_bad_request(self, both):
        with pytest.raises(ConfigError):
            both.call("deploy", {"metadata": {"name": "Bad Name"}})
        assert not both.emulator.calls

    def test_a_missing_resource(self, both):
        both.emulator.clear("gateways")
        with pytest.raises(ResourceNotFoundError):
            both.call("deploy", PATTERNS[7])

    def test_confirm_declines(self, both):
        with pytest.raises(ConfirmationDeclined):
            both.call("deploy", REQUEST, confirm=lambda plan: False)
        assert not created(both.emulator)

    def test_several_workspaces(self, both):
        both.emulator.add_workspace("654321")
        with pytest.raises(AmbiguousWorkspaceError):
            both.call("deploy", REQUEST)
        chosen = both.call("deploy", REQUEST, choose_workspace=lambda candidates: candidates[-1])
        assert chosen.config.metadata.workspace_id == "654321"

    @pytest.mark.parametrize("method", ["images", "machine_specs", "workspaces"])
    def test_the_catalogue(self, both, method):
        assert len(both.call(method)) > 0


def test_callbacks_may_be_coroutine_functions(emulator):
    """``confirm`` and ``choose_workspace`` are awaited where they need to be."""
    emulator.add_workspace("654321")
    asked = []

    async def choose(candidates):
        await asyncio.sleep(0)
        asked.append("workspace")
        return candidates[0].workspace_id

    async def confirm(plan):
        await asyncio.sleep(0)
        asked.append(plan.name)
        return True

    Awaited(emulator).call("deploy", REQUEST, choose_workspace=choose, confirm=confirm)

    assert asked == ["workspace", "qwen_demo"]


def test_a_coroutine_that_declines(emulator):
    """The answer counts, not the coroutine, which is always true."""

    async def confirm(plan):
        return False

    with pytest.raises(ConfirmationDeclined):
        Awaited(emulator).call("deploy", REQUEST, confirm=confirm)
    assert not created(emulator)


class TestCancellation:
    """Clean at every point: recorded, told, no task left, no warning."""

    @pytest.mark.parametrize("operation", STAGES)
    def test_at_every_call(self, emulator, operation, caplog):
        emulator.inject(Fault(operation, "timeout", delay_s=5, times=None))
        ledgers = []

        async def course():
            async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
                original = driver.run_async

                async def watched(plan, sender, ledger, deadline=None):
                    ledgers.append(ledger)
                    return await original(plan, sender, ledger, deadline)

                deploying = asyncio.create_task(deployer.deploy(REQUEST))
                before = asyncio.all_tasks() - {deploying}
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(driver, "run_async", watched)
                    while not any(call.operation == operation for call in emulator.calls):  # noqa: ASYNC110 - the emulator is in another thread
                        await asyncio.sleep(0.005)
                deploying.cancel()
                with pytest.raises(asyncio.CancelledError) as caught:
                    await deploying
                assert asyncio.all_tasks() == before
                return caught.value

        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            cancelled = asyncio.run(course(), debug=False)
            gc.collect()

        assert not warned
        records = {record.operation: record for record in ledgers[0]}
        assert records[operation].attempts == 1
        assert records[operation].http_status is None
        assert "Cancelled" in records[operation].error
        told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
        late = STAGES.index(operation) >= STAGES.index("CreateService")
        assert bool(told) == late
        assert all("qwen_demo" in line for line in told)
        notes = getattr(cancelled, "__notes__", None) or getattr(cancelled.__context__, "__notes__", [])
        assert bool(notes) == (late and hasattr(cancelled, "add_note"))

    def test_while_a_callback_is_awaited(self, emulator):
        asked = asyncio.Event()

        async def confirm(plan):
            asked.set()
            await asyncio.sleep(60)

        async def course():
            async with AsyncDeployer("cn-hangzhou", confirm=confirm, **emulator.connection()) as deployer:
                deploying = asyncio.create_task(deployer.deploy(REQUEST))
                await asked.wait()
                deploying.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await deploying

        asyncio.run(course())
        assert not created(emulator)

    def test_a_timeout_of_the_callers_own(self, emulator):
        """``asyncio.wait_for`` around a deployment ends it, and the create is told of."""
        emulator.inject(Fault("CreateService", "timeout", delay_s=5))

        async def course():
            async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
                await deployer.workspaces()  # what is loaded once is not part of this
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(deployer.deploy(REQUEST), 0.5)

        asyncio.run(course())


def test_no_thread_and_no_tls_context_per_call(emulator, monkeypatch):
    """After the first deployment further ones start no thread and make no TLS context."""
    import ssl

    started, contexts = [], []
    thread_start, context_new = threading.Thread.start, ssl.SSLContext.__new__

    def counted_start(thread):
        started.append(thread.name)
        thread_start(thread)

    def counted_new(kind, *arguments, **options):
        contexts.append(kind)
        return context_new(kind, *arguments, **options)

    async def course():
        async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
            await deployer.deploy(REQUEST)
            monkeypatch.setattr(threading.Thread, "start", counted_start)
            monkeypatch.setattr(ssl.SSLContext, "__new__", counted_new)
            for index in range(3):
                await deployer.deploy(REQUEST.model_copy(update={"name": f"demo_{index}"}))
            await deployer.deploy_many(
                [REQUEST.model_copy(update={"name": f"many_{index}"}) for index in range(3)]
            )

    asyncio.run(course())
    assert started == []
    assert contexts == []


class TestOverlap:
    """Calls of a stage are under way at the same time; stages follow each other."""

    @pytest.mark.parametrize(
        "stage", [STAGES[0:2], STAGES[2:4], STAGES[5:7]], ids=["identity", "evidence", "verify"]
    )
    def test_calls_of_a_stage(self, both, stage):
        """Both are held back: together they take as long as one."""
        for operation in stage:
            both.emulator.inject(Fault(operation, "slow", applied=True, delay_s=0.2))

        records = {record.operation: record for record in both.call("deploy", REQUEST).ledger}

        first, second = (records[operation] for operation in stage)
        begin = max(first.started_at, second.started_at).timestamp()
        end = min(one.started_at.timestamp() + one.duration_s for one in (first, second))
        assert end - begin > 0.1

    def test_stages_follow_each_other(self, both):
        for operation in STAGES:
            both.emulator.inject(Fault(operation, "slow", applied=True, delay_s=0.05))

        ledger = both.call("deploy", REQUEST).ledger

        spans = {
            one.operation: (one.started_at.timestamp(), one.started_at.timestamp() + one.duration_s)
            for one in ledger
        }
        stages = [STAGES[0:2], STAGES[2:4], STAGES[4:5], STAGES[5:7]]
        for before, after in itertools.pairwise(stages):
            assert max(spans[one][1] for one in before) <= min(spans[one][0] for one in after) + 0.01

    def test_mandatory_calls_start_in_order(self, both):
        ledger = both.call("deploy", REQUEST).ledger

        started = {one.operation: one.started_at for one in ledger}
        order = [started[operation] for operation in STAGES[2:]]
        assert order == sorted(order)
