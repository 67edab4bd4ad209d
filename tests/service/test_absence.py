"""What a look that does not find a service proves: the API may lag behind. The clock takes no time."""

import pytest

from eas_deploy._defaults import GONE_AFTER_S
from eas_deploy.emulator import Fault
from eas_deploy.errors import NotFoundError, ServiceFailedError, WaitTimeoutError


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo", status="Creating")


def test_a_service_that_vanishes(emulator, handles, demo, clock):
    """What was there, and is found by no look for as long as one may lag behind, was deleted."""
    emulator.services["demo"].move(("Creating", "Deleted"), emulator.clock.now())
    with pytest.raises(ServiceFailedError) as caught:
        handles("demo").wait()
    assert caught.value.status == "Deleted"
    assert not caught.value.service_may_exist
    assert GONE_AFTER_S <= sum(clock.pauses) < 2 * GONE_AFTER_S
    assert len(clock.pauses) > 4


@pytest.mark.parametrize("goal", ["Running", "Deleted"])
def test_a_look_that_misses_the_service_is_no_deletion(handles, demo, goal):
    """The API may lag behind for a moment: one NotFound in between neither ends the wait nor is kept."""
    demo.status, demo.upcoming = "Waiting", []
    service = handles("demo")
    service.refresh()
    demo.hidden_reads = 2
    with pytest.raises(WaitTimeoutError, match=f"not {goal} .*last status: Waiting") as caught:
        service.wait(timeout_s=60, until=goal)
    assert caught.value.service_may_exist
    assert service.status == "Waiting"


def test_a_miss_now_and_then_does_not_add_up(emulator, handles, demo):
    """Only what no look finds is gone, however often it was missed before."""
    demo.status, demo.upcoming = "Waiting", []
    service = handles("demo")
    service.refresh()
    missed = {"status": 404, "code": "InvalidService.NotFound"}
    for turn in range(0, 200, 2):
        emulator.inject(Fault("DescribeService", "refuse", after=turn, **missed))
    with pytest.raises(WaitTimeoutError):
        service.wait(timeout_s=60)


def test_a_wait_that_ends_before_the_proof_says_that_it_may_exist(handles, demo):
    service = handles("demo")
    service.refresh()
    demo.hidden_reads = 1000
    with pytest.raises(WaitTimeoutError, match=r"trouble: .*NotFound") as caught:
        service.wait(timeout_s=5)
    assert caught.value.service_may_exist
    assert service.status == "Creating"


def test_a_new_service_that_could_not_be_deleted_yet(handles, demo):
    """Its delete was never sent, so that nothing proves that it is gone."""
    demo.status, demo.upcoming, demo.hidden_reads = "Running", [], 3
    service = handles("demo")
    with pytest.raises(NotFoundError):
        service.delete()
    with pytest.raises(WaitTimeoutError, match="last status: Running"):
        service.wait(timeout_s=30, until="Deleted")


def test_a_young_service_may_show_up_late(emulator, handles):
    emulator.add_service("demo").hidden_reads = 3
    assert handles("demo").wait().status == "Running"


def test_a_service_that_never_was(handles, clock):
    """It is looked for a little, since a young one may show up late, and not for half an hour."""
    with pytest.raises(NotFoundError):
        handles("demo").wait(timeout_s=1800)
    assert 10 < sum(clock.pauses) < 60


def test_what_never_was_is_not_deleted(handles, clock):
    """It may be a new service that does not show up yet, or another name."""
    with pytest.raises(NotFoundError):
        handles("demo").wait(until="Deleted")
    assert sum(clock.pauses) >= GONE_AFTER_S


@pytest.mark.parametrize("known", ["seen", "own"])
def test_what_is_known_to_go_is_gone_at_once(handles, demo, clock, known):
    """It was seen to be deleted, or deleted by this handle."""
    demo.status, demo.upcoming = "Deleting" if known == "seen" else "Running", []
    service = handles("demo")
    (service.refresh if known == "seen" else service.delete)()
    demo.hidden_reads = 1000
    service.wait(until="Deleted")
    service.wait(until="Deleted")
    assert clock.pauses == []
