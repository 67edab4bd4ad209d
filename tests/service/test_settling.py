"""Waiting right after a change, while the API still tells of the time before. The clock takes no time."""

import pytest
from service_stand_ins import lag

from eas_deploy.calls import ServiceInfo
from eas_deploy.emulator import Fault
from eas_deploy.errors import ChangeOutcomeUnknownError, ServiceFailedError, WaitTimeoutError
from eas_deploy.lifecycle.settling import SETTLE_S, Asked, at_version, never, newer_than, with_replicas


@pytest.fixture
def demo(emulator):
    service = emulator.add_service("demo")
    service.take_config({**service.config, "labels": {"second": "version"}}, service.per_instance, 0.0)
    return service


def put_in(service, status, *upcoming):
    service.status, service.upcoming = status, list(upcoming)


def test_scale_waits_for_the_replicas(handles, demo):
    lag(demo, reads=3)
    service = handles("demo")
    service.scale(3)
    assert service.wait().running_instance == 3


@pytest.mark.parametrize(
    ("change", "version"),
    [
        (lambda service: service.update({"metadata": {"shm_size": 8}}), 3),
        (lambda service: service.roll_back(), 1),
    ],
    ids=["update", "roll_back"],
)
def test_another_config_waits_for_its_version(handles, demo, clock, change, version):
    lag(demo, reads=3)
    service = handles("demo")
    change(service)
    assert service.wait().current_version == version
    assert sum(clock.pauses) < SETTLE_S


def test_a_restart_waits_until_it_shows(handles, demo):
    lag(demo, reads=3)
    service = handles("demo")
    service.restart()
    put_in(demo, "Updating", "Updating", "Updating", "Running")
    told = []
    service.wait(progress=told.append)
    assert [one.status for one in told] == ["Running", "Running", "Updating", "Running"]
    assert told[0].detail == "the restart does not show yet"
    assert told[3].detail != told[0].detail


def test_a_restart_that_never_shows_is_believed_in_the_end(handles, demo, clock):
    """It may have been over between two looks."""
    lag(demo, reads=1000)
    service = handles("demo")
    service.restart()
    service.wait()
    assert SETTLE_S <= sum(clock.pauses) < 2 * SETTLE_S


@pytest.mark.parametrize(
    ("status", "change", "goal"),
    [
        ("Stopped", "start", "Running"),
        ("Failed", "restart", "Running"),
        ("Failed", "stop", "Stopped"),
        ("DeleteFailed", "delete", "Deleted"),
    ],
)
def test_an_end_from_before_the_change_is_none(handles, demo, status, change, goal):
    put_in(demo, status)
    lag(demo, reads=3)
    service = handles("demo")
    getattr(service, change)()
    assert service.wait(until=goal).status == goal


def test_an_end_that_stays_is_one(handles, demo, clock):
    """What still looks as before a long time after the change has not moved."""
    put_in(demo, "Failed")
    service = handles("demo")
    service.restart()
    put_in(demo, "Failed")
    with pytest.raises(ServiceFailedError, match="demo is Failed"):
        service.wait()
    assert SETTLE_S <= sum(clock.pauses) < 2 * SETTLE_S


@pytest.mark.parametrize(
    ("status", "change", "goal"),
    [("Stopped", "stop", "Stopped"), ("Running", "start", "Running"), ("Creating", "delete", "Deleted")],
)
def test_what_is_so_already_is_not_waited_for(handles, demo, clock, status, change, goal):
    put_in(demo, status)
    service = handles("demo")
    getattr(service, change)()
    put_in(demo, goal)
    service.wait(until=goal)
    assert clock.pauses == []


def test_a_change_that_shows_at_once_costs_no_time(handles, demo, clock):
    service = handles("demo")
    service.restart()
    service.wait()
    assert len(clock.pauses) == 1


def test_a_look_in_between_counts(handles, demo, clock):
    """Who has refreshed the handle and saw the restart does not wait for it to show again."""
    service = handles("demo")
    service.restart()
    assert service.refresh().status == "Updating"
    service.wait()
    assert clock.pauses == []


def test_a_passing_state_from_before_proves_nothing(handles, demo, clock):
    """A service that was being created becomes Running without the update."""
    put_in(demo, "Creating")
    lag(demo, reads=1)
    service = handles("demo")
    service.update({"metadata": {"shm_size": 8}})
    demo.current_version = 2  # the update has come, and is not carried out yet
    put_in(demo, "Running", "Running", "Updating", "Running")
    told = []
    service.wait(progress=told.append)
    assert sum(clock.pauses) >= SETTLE_S
    assert "Updating" in [one.status for one in told]


def test_of_two_changes_the_last_one_counts(handles, demo):
    """The Running of before the stop is no sign of the start."""
    lag(demo, reads=4)
    service = handles("demo")
    service.stop()
    service.start()
    put_in(demo, "Stopping", "Stopping", "Stopping", "Starting", "Running")
    told = []
    service.wait(progress=told.append)
    assert [one.status for one in told][:5] == ["Running", "Running", "Stopping", "Starting", "Running"]


def test_a_delete_that_is_asked_for_again_costs_no_time(handles, demo, clock):
    """Nothing comes after the end, so it cannot be from before the repeat."""
    service = handles("demo")
    service.delete()
    put_in(demo, "Running")
    service.delete()
    put_in(demo, "Deleted")
    assert service.wait(until="Deleted").status == "Deleted"
    assert clock.pauses == []


def test_a_change_whose_answer_was_lost_may_come(emulator, handles, demo):
    lag(demo, reads=4)
    emulator.inject(Fault("UpdateService", "reset", applied=True))
    service = handles("demo")
    with pytest.raises(ChangeOutcomeUnknownError):
        service.scale(3)
    assert service.wait().running_instance == 3


def test_a_refused_change_is_not_waited_for(emulator, handles, demo, clock):
    emulator.inject(Fault("RestartService", "refuse", status=400))
    service = handles("demo")
    with pytest.raises(Exception, match="RestartService"):
        service.restart()
    service.wait()
    assert clock.pauses == []


def test_too_late_says_that_the_change_does_not_show(handles, demo):
    """Otherwise it would say that a Running service is not Running."""
    lag(demo, reads=1000)
    service = handles("demo")
    service.restart()
    with pytest.raises(WaitTimeoutError, match="the restart does not show yet"):
        service.wait(timeout_s=3)


@pytest.mark.parametrize(
    ("carried", "now", "shows"),
    [
        (with_replicas(1), {"total_instance": 1, "running_instance": 3}, False),
        (with_replicas(1), {"total_instance": 1, "running_instance": 1}, True),
        (with_replicas(0), {}, False),
        (at_version(2), {"current_version": 3}, False),
        (at_version(2), {"current_version": 2}, True),
        (newer_than(ServiceInfo(latest_version=2)), {"latest_version": 3, "current_version": 2}, False),
        (newer_than(ServiceInfo(latest_version=2)), {"latest_version": 3, "current_version": 3}, True),
        (newer_than(ServiceInfo()), {"latest_version": 3, "current_version": 3}, False),
    ],
)
def test_signs_of_a_change(carried, now, shows):
    asked = Asked("change", "Running", 100.0, carried)
    assert asked.shows_in(ServiceInfo(status="Running", **now), 100.0) is shows


def test_nothing_is_known_of_a_service_that_was_not_looked_at():
    """Any status may be the one from before."""
    asked = Asked("restart", None, 100.0, never)
    assert not asked.shows_in(ServiceInfo(status="Running"), 100.0)
    assert asked.shows_in(ServiceInfo(status="Running"), 100.0 + SETTLE_S)
