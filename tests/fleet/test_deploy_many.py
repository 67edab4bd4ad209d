"""A fleet asks once what its services share, and one that fails does not stop the others."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from fleet_runs import HastyClock, request_for

from eas_deploy.clients import SystemClock
from eas_deploy.emulator import Fault
from eas_deploy.errors import (
    AmbiguousWorkspaceError,
    ConfigError,
    ConfirmationDeclined,
    CreateOutcomeUnknownError,
    DuplicateServiceError,
    GateError,
    NotStartedError,
    PermissionDeniedError,
    RepeatedNameError,
    ResourceNotFoundError,
)

PATTERNS = sorted((Path(__file__).parents[2] / "examples" / "patterns").glob("*.json"))


def named(count, prefix="demo"):
    return [request_for(f"{prefix}_{index}") for index in range(count)]


def test_what_is_shared_is_asked_once(fleets):
    """Three calls for each service, and four for all of them."""
    report = fleets.deploy(named(12))

    assert report.ok
    assert fleets.sent() == {
        "ListServices": 1,
        "ListWorkspaces": 1,
        "ListImages": 1,
        "DescribeMachineSpec": 1,
        "CreateService": 12,
        "DescribeService": 12,
        "DescribeServiceEndpoints": 12,
    }


def test_network_discovery_is_shared(fleets):
    """Two services on NLBs and two on a gateway ask for each network once."""
    nlb = json.loads(PATTERNS[2].read_text())
    gateway = json.loads(PATTERNS[7].read_text())

    def renamed(config, name):
        return {**config, "metadata": {**config["metadata"], "name": name}}

    report = fleets.deploy(
        [renamed(nlb, "nlb_1"), renamed(gateway, "gw_1"), renamed(nlb, "nlb_2"), renamed(gateway, "gw_2")]
    )

    assert report.ok, report.summary()
    sent = fleets.sent()
    assert sent["CreateService"] == 4
    assert sent["ListGateway"] == sent["DescribeGateway"] == sent["DescribeVSwitches"] == 1
    assert sent["ListImages"] == sent["DescribeMachineSpec"] == 1


def test_all_eight_patterns_in_one_fleet(fleets):
    report = fleets.deploy(PATTERNS)

    assert report.ok, report.summary()
    assert len(fleets.emulator.services) == 8


def test_outcomes_come_in_the_order_of_the_requests(fleets):
    fleets.emulator.inject(Fault("CreateService", "slow", applied=True, delay_s=0.1))

    report = fleets.deploy(named(6), max_concurrency=3)

    assert [one.name for one in report] == [f"demo_{index}" for index in range(6)]
    assert [one.deployment.name for one in report] == [one.name for one in report]


def test_each_deployment_tells_its_own_story(fleets):
    """Its ledger holds the shared calls and its own, and its handle works."""
    first, second = fleets.deploy(named(2)).deployments

    operations = [record.operation for record in second.ledger]
    assert operations[:4] == ["ListServices", "ListWorkspaces", "ListImages", "DescribeMachineSpec"]
    assert sorted(operations[4:]) == ["CreateService", "DescribeService", "DescribeServiceEndpoints"]
    assert first.plan.ledger == second.plan.ledger
    assert second.service.name == "demo_1"
    assert first.verified


def test_a_taken_name_is_that_services_error(fleets):
    fleets.emulator.add_service("demo_1")

    report = fleets.deploy(named(3))

    assert [one.state for one in report] == ["created", "not created", "created"]
    assert isinstance(report[1].error, DuplicateServiceError)
    assert fleets.sent()["CreateService"] == 2


def test_a_fleet_of_taken_names_looks_no_further(fleets):
    """A duplicate means that no evidence is gathered."""
    fleets.emulator.add_service("demo_0")

    report = fleets.deploy(named(1))

    assert isinstance(report[0].error, DuplicateServiceError)
    assert set(fleets.sent()) == {"ListServices", "ListWorkspaces"}


def test_the_later_of_two_equal_names_is_refused(fleets):
    report = fleets.deploy([request_for("twin"), request_for("other"), request_for("twin")])

    assert [one.ok for one in report] == [True, True, False]
    assert isinstance(report[2].error, RepeatedNameError)
    assert isinstance(report[2].error, DuplicateServiceError)
    assert "request 1" in str(report[2].error).lower()
    assert fleets.sent()["CreateService"] == 2


def test_prefixes_get_names_of_their_own(fleets):
    report = fleets.deploy([request_for(name_prefix="skill_") for _ in range(5)])

    assert report.ok
    assert len({one.name for one in report}) == 5


def test_single_failures_are_survived(fleets, tmp_path):
    """A bad config, a missing file, an unknown image and a refused create cost nobody else."""
    fleets.emulator.inject(Fault("CreateService", "refuse", code="InvalidParameter"))

    report = fleets.deploy(
        [
            request_for("refused"),
            {"metadata": {"name": "broken"}},
            tmp_path / "missing.json",
            request_for("no_image", image="vllm:99"),
            request_for("good"),
        ],
        max_concurrency=1,
    )

    assert [one.ok for one in report] == [False, False, False, False, True]
    assert isinstance(report[1].error, ConfigError)
    assert isinstance(report[2].error, OSError)
    assert isinstance(report[3].error, ResourceNotFoundError)
    assert [one.name for one in report] == [
        "refused",
        "broken",
        str(tmp_path / "missing.json"),
        "no_image",
        "good",
    ]
    assert {one.state for one in report.failed} == {"not created"}


def test_a_failed_gate_fails_all_and_creates_nothing(fleets):
    fleets.emulator.inject(Fault("ListImages", "server_error", times=None))

    report = fleets.deploy(named(3), deployer={"max_retries": 0})

    assert all(isinstance(one.error, GateError) for one in report)
    assert len({id(one.error) for one in report}) == 3
    assert fleets.sent()["ListImages"] == 1
    assert "CreateService" not in fleets.sent()


def test_a_refused_listing_is_everyones_error(fleets):
    fleets.emulator.inject(Fault("ListServices", "refuse", status=403, code="Forbidden.RAM", times=None))

    report = fleets.deploy(named(2))

    assert all(isinstance(one.error, PermissionDeniedError) for one in report)
    assert set(fleets.sent()) == {"ListServices", "ListWorkspaces"}


def test_an_unknown_outcome_may_exist(fleets):
    fleets.emulator.inject(Fault("CreateService", "reset", applied=True))
    fleets.emulator.inject(Fault("DescribeService", "refuse", status=403, code="Forbidden.RAM", times=5))

    report = fleets.deploy(
        named(2), max_concurrency=1, deployer={"clock": HastyClock(), "deploy_timeout_s": 1e6}
    )

    assert [one.state for one in report] == ["may exist", "created"]
    assert isinstance(report[0].error, CreateOutcomeUnknownError)


class TestWorkspaces:
    """One question for the whole fleet."""

    @pytest.fixture(autouse=True)
    def two_workspaces(self, emulator):
        emulator.add_workspace("654321")

    def test_chosen_once(self, fleets):
        asked = []

        def choose(candidates):
            asked.append(candidates)
            return "654321"

        report = fleets.deploy(named(3), deployer={"choose_workspace": choose})

        assert len(asked) == 1
        assert {one.config.metadata.workspace_id for one in report.deployments} == {"654321"}
        assert all("workspace" in str(one.plan.decisions) for one in report.deployments)

    def test_an_open_choice_fails_only_those_that_depend_on_it(self, fleets):
        report = fleets.deploy([request_for("open"), request_for("settled", workspace_id="123456")])

        assert isinstance(report[0].error, AmbiguousWorkspaceError)
        assert report[1].ok

    def test_not_listed_when_all_are_given(self, fleets):
        assert fleets.deploy([request_for("settled", workspace_id="123456")]).ok
        assert "ListWorkspaces" not in fleets.sent()


class TestFailFast:
    """Begin no further service once one has failed."""

    def test_the_rest_is_not_started(self, fleets):
        fleets.emulator.inject(Fault("CreateService", "refuse", after=1))

        report = fleets.deploy(named(4), max_concurrency=1, fail_fast=True)

        assert [one.state for one in report] == ["created", "not created", "not created", "not created"]
        assert isinstance(report[3].error, NotStartedError)
        assert "demo_1" in str(report[3].error)
        assert fleets.sent()["CreateService"] == 2

    def test_a_request_that_cannot_be_read_stops_everything(self, fleets):
        report = fleets.deploy([request_for("good"), {"metadata": {}}], fail_fast=True)

        assert isinstance(report[0].error, NotStartedError)
        assert not fleets.emulator.calls


def test_confirm_is_asked_for_each_before_the_first_is_created(fleets):
    asked = []

    def confirm(plan):
        asked.append((plan.name, fleets.sent()["CreateService"]))
        return plan.name != "demo_1"

    report = fleets.deploy(named(3), deployer={"confirm": confirm})

    assert asked == [("demo_0", 0), ("demo_1", 0), ("demo_2", 0)]
    assert [one.ok for one in report] == [True, False, True]
    assert isinstance(report[1].error, ConfirmationDeclined)


def test_a_name_is_looked_at_again_when_its_turn_comes_late(fleets):
    """A look at the names holds for a minute, in a fleet as elsewhere."""

    class Jumping(SystemClock):
        """After the shared evidence two minutes have passed."""

        def now(self):
            late = "DescribeMachineSpec" in fleets.sent()
            return datetime.now(timezone.utc) + timedelta(minutes=2 if late else 0)

    report = fleets.deploy(named(1), deployer={"clock": Jumping()})

    # The emulator takes a date that is two minutes off.
    assert report.ok, report.summary()
    assert fleets.sent()["ListServices"] == 2


def test_nothing_to_deploy(fleets):
    report = fleets.deploy([])

    assert report.ok
    assert len(report) == 0
    assert not fleets.emulator.calls


@pytest.mark.parametrize("wrong", [0, -1])
def test_max_concurrency_must_be_positive(fleets, wrong):
    with pytest.raises(ConfigError, match="max_concurrency"):
        fleets.deploy(named(1), max_concurrency=wrong)


def test_a_single_request_is_no_fleet(fleets):
    with pytest.raises(ConfigError, match="one request"):
        fleets.deploy(request_for("alone"))


def test_fail_fast_tells_which_of_two_with_one_name_failed(fleets):
    """The first of them is stopped by the second, and not by itself."""
    report = fleets.deploy([request_for("same"), request_for("same")], fail_fast=True)

    assert "failure of same (request 2) before service same was created" in str(report[0].error)
