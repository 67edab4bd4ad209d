"""An executor that runs a share again creates nothing a second time: each run looks first what is there."""

from typing import ClassVar

import pytest
from executor_stand_ins import Foreign, Pickling, Twice
from fleet_runs import HastyClock, request_for

from eas_deploy import Deployer
from eas_deploy.emulator import Fault
from eas_deploy.errors import AuthenticationError, DuplicateServiceError

pytestmark = pytest.mark.usefixtures("keys_in_environment")


class NotingClock(HastyClock):
    """Notes how long the pauses would have been that take no time."""

    paused: ClassVar[list] = []

    def sleep(self, seconds):
        self.paused.append(seconds)


def deploy(executor, count=2, clock=None, **options):
    with Deployer(clock=clock or HastyClock(), deploy_timeout_s=1e6) as deployer:
        requests = [request_for(f"demo_{index}") for index in range(count)]
        return deployer.deploy_many(requests, executor=executor, **options)


def creates(emulator):
    return [call.body["metadata"]["name"] for call in emulator.calls if call.operation == "CreateService"]


def test_no_create_is_sent_again(emulator):
    """The second run sees the services, and the label tells that they are the fleet's own."""
    report = deploy(Twice())

    assert [one.state for one in report] == ["created", "created"], report.summary()
    assert "run twice" in report[0].deployment.notices[0]
    assert sorted(creates(emulator)) == ["demo_0", "demo_1"]


def test_not_even_when_the_first_shows_up_late(emulator):
    """The worker died on its create, and the service can be seen from the fourth look on."""

    def hide():
        emulator.services["demo_0"].hidden_reads = 3

    report = deploy(Twice(between=hide), 1)

    assert report.ok, report.summary()
    assert creates(emulator) == ["demo_0"]


def test_what_the_first_did_not_create_is_created(emulator):
    """It was seen absent over the whole window."""
    emulator.inject(Fault("CreateService", "refuse", code="QuotaExceeded", message="No quota.", times=1))

    report = deploy(Twice(), max_concurrency=1)

    assert report.ok, report.summary()
    assert sorted(creates(emulator)) == ["demo_0", "demo_0", "demo_1"]


def test_one_window_for_a_whole_share(emulator):
    """Ten seconds, and five looks at each name, before the first create."""
    NotingClock.paused.clear()

    assert deploy(Foreign(Pickling()), 5, NotingClock(), max_concurrency=1).ok

    assert [pause for pause in NotingClock.paused if pause >= 1] == [1, 2, 3, 4]  # the others are the pace
    operations = [call.operation for call in emulator.calls]
    assert operations[: operations.index("CreateService")].count("DescribeService") == 5 * 5


def test_a_pool_of_the_standard_library_need_not_look(emulator):
    assert deploy(Pickling()).ok

    operations = [call.operation for call in emulator.calls]
    assert "DescribeService" not in operations[: operations.index("CreateService")]


def test_a_stop_does_not_hide_what_an_earlier_run_created(emulator):
    """The first run created the second service; in the second run another failure comes before it."""

    def lose_the_first():
        with Deployer() as deployer:
            deployer.service("demo_0").delete()
        emulator.inject(Fault("CreateService", "refuse", code="QuotaExceeded", message="No quota."))

    report = deploy(Twice(between=lose_the_first), 3, max_concurrency=1, fail_fast=True)

    assert [one.state for one in report] == ["not created", "created", "created"], report.summary()


def test_someone_elses_is_told(emulator):
    def take_the_name(plan):
        emulator.add_service(plan.name, labels={"eas-deploy-id": "another"})
        return True

    with Deployer(clock=HastyClock(), deploy_timeout_s=1e6, confirm=take_the_name) as deployer:
        (outcome,) = deployer.deploy_many([request_for("demo")], executor=Foreign(Pickling()))

    assert isinstance(outcome.error, DuplicateServiceError)
    assert outcome.state == "not created"
    assert creates(emulator) == []


def test_a_worker_that_cannot_look_creates_nothing(emulator):
    """One with a wrong key, say: what it met is the error, once it is known that no run created anything."""

    class WithoutKeys(Pickling):
        def submit(self, work, /, *arguments, **options):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong")
                return super().submit(work, *arguments, **options)

    (outcome,) = deploy(Foreign(WithoutKeys()), 1)

    assert outcome.state == "not created", outcome.error
    assert isinstance(outcome.error, AuthenticationError)
    assert creates(emulator) == []
