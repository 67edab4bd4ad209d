"""Logs, events, replicas and containers."""

from datetime import datetime, timedelta, timezone

import pytest

from eas_deploy.calls import ServiceEvent
from eas_deploy.emulator.services import LogLine
from eas_deploy.errors import NotFoundError
from eas_deploy.lifecycle.insight import Event
from eas_deploy.lifecycle.moments import ago


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo")


def write(demo, *lines, at=1_800_000_000.0):
    demo.logs += [LogLine(at, demo.instance_names[0], line) for line in lines]


def texts(lines):
    return [line.rpartition("] ")[2] for line in lines]


def test_logs_are_read_page_by_page(emulator, handles, demo):
    """The second page is not asked for before the first one is used up."""
    demo.logs.clear()
    write(demo, *(f"line {number}" for number in range(1200)))
    lines = handles("demo").logs()
    assert texts([next(lines)]) == ["line 0"]
    assert len(emulator.calls) == 1
    assert texts(lines) == [f"line {number}" for number in range(1, 1200)]
    assert [call.query["PageNum"] for call in emulator.calls] == ["1", "2", "3"]


def test_logs_of_a_keyword(handles, demo):
    write(demo, "one error", "two")
    assert texts(handles("demo").logs(keyword="error")) == ["one error"]


def test_a_keyword_and_a_time_find_the_application_too(emulator, handles, demo):
    """The service would leave its lines out, so the word is looked for here."""
    moment = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
    write(demo, "an early error", at=moment.timestamp() - 60)
    write(demo, "an error", "fine", at=moment.timestamp())
    found = handles("demo").logs(keyword="error", start=moment, end=moment + timedelta(seconds=5))
    assert texts(found) == ["an error"]
    assert emulator.calls[0].query["StartTime"] == "2026-05-01 12:00:00"
    assert "Keyword" not in emulator.calls[0].query


def test_times_are_given_in_utc(emulator, handles, demo):
    zone = timezone(timedelta(hours=8))
    list(handles("demo").logs(start=datetime(2026, 5, 1, 20, tzinfo=zone), end="2026-05-01 13:00:00"))
    query = emulator.calls[0].query
    assert (query["StartTime"], query["EndTime"]) == ("2026-05-01 12:00:00", "2026-05-01 13:00:00")


def test_following_gives_each_line_once(emulator, handles, demo, clock):
    demo.logs.clear()
    write(demo, "one", "two")
    lines = handles("demo").logs(follow=True)
    assert texts([next(lines), next(lines)]) == ["one", "two"]
    write(demo, "three")
    assert texts([next(lines)]) == ["three"]
    write(demo, *(f"more {number}" for number in range(600)))
    assert texts([next(lines) for _ in range(600)]) == [f"more {number}" for number in range(600)]
    emulator.clear("services")
    assert list(lines) == []


def test_following_pauses_while_nothing_comes(emulator, handles, demo, clock):
    demo.logs.clear()
    write(demo, "one")
    lines = handles("demo").logs(follow=True)
    next(lines)

    def speak(seconds):
        clock.pauses.append(seconds)
        if len(clock.pauses) == 3:
            write(demo, "two")

    clock.sleep = speak
    assert texts([next(lines)]) == ["two"]
    assert len(clock.pauses) == 3
    assert all(1 <= pause <= 3 for pause in clock.pauses)


def test_logs_of_an_absent_service(handles):
    with pytest.raises(NotFoundError):
        list(handles("demo").logs())


def test_events_are_decoded(handles, demo):
    """Their message is a JSON text."""
    demo.scenario("image_pull_failure")
    event = handles("demo").events(event_type="Warning")[0]
    assert event.type == "Warning"
    assert event.reason == "Failed"
    assert event.message.startswith("Failed to pull image")
    assert event.details["service"] == "demo"
    assert "Failed to pull image" in str(event)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("plain words", "plain words"),
        ('["a list"]', '["a list"]'),
        (None, ""),
        ('{"msg": "in msg"}', "in msg"),
    ],
)
def test_events_of_other_forms(message, words):
    assert Event.of(ServiceEvent(message=message)).message == words


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T12:00:00Z",
        "2026-05-01T12:00:00.123456789Z",
        "2026-05-01T20:00:00+08:00",
        "2026-05-01 12:00:00",
    ],
)
def test_times_are_read_in_many_forms(text):
    assert Event.of(ServiceEvent(time=text)).moment == datetime(2026, 5, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("text", [None, "", "yesterday"])
def test_what_is_no_time(text):
    assert Event.of(ServiceEvent(time=text)).moment is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s ago"), (59, "59 s ago"), (60, "1 min ago"), (7199, "1 h ago"), (172_800, "2 d ago")],
)
def test_ages_in_words(seconds, words):
    assert ago(seconds) == words


def test_instances_and_containers(handles, demo):
    service = handles("demo")
    (instance,) = service.instances()
    assert (instance.status, instance.restart_count) == ("Running", 0)
    (container,) = service.containers()
    assert container.ready
    assert container.port == 8000
    assert service.containers(instance.instance_name) == [container]


def test_a_stopped_service_has_none(emulator, handles, demo):
    demo.move(("Stopped",), 0.0)
    assert handles("demo").instances() == []
    assert handles("demo").containers() == []
