"""Waiting for a service, on a clock that takes no time."""

import sys

import pytest
from service_stand_ins import answering

from eas_deploy.calls import ServiceInfo
from eas_deploy.emulator import Fault
from eas_deploy.errors import (
    EasDeployError,
    InvocationError,
    ServiceFailedError,
    WaitTimeoutError,
)
from eas_deploy.lifecycle.pacing import pause_before_look
from eas_deploy.lifecycle.probing import health_path
from eas_deploy.lifecycle.waiting import Progress


def move(emulator, name, *states):
    emulator.services[name].move(states, emulator.clock.now())


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo", status="Creating")


def test_wait_returns_at_running(emulator, handles, demo, clock):
    move(emulator, "demo", "Creating", "Waiting", "Running")
    service = handles("demo")
    assert service.wait() is service.handle
    assert service.status == "Running"
    assert len(clock.pauses) == 2


def test_progress_is_told_at_every_look(emulator, handles, demo):
    move(emulator, "demo", "Creating", "Waiting", "Running")
    told = []
    handles("demo").wait(progress=told.append)
    assert [(one.status, one.ready, one.wanted) for one in told] == [
        ("Creating", 0, 1),
        ("Waiting", 0, 1),
        ("Running", 1, 1),
    ]
    assert told[0].elapsed_s < told[1].elapsed_s < told[2].elapsed_s
    assert str(told[0]).startswith("demo: Creating (0/1 ready, 0 s, ")


def test_progress_as_a_bar(emulator, handles, demo, capsys):
    move(emulator, "demo", "Creating", "Running")
    handles("demo").wait(progress=True)
    assert "demo: Running" in capsys.readouterr().err


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Deleting", "DeleteFailed", "Complete"])
def test_a_state_without_return_ends_it_at_once(emulator, handles, demo, clock, status):
    move(emulator, "demo", status)
    with pytest.raises(ServiceFailedError, match=f"demo is {status}") as caught:
        handles("demo").wait()
    assert caught.value.status == status
    assert clock.pauses == []


def test_the_reason_of_a_failure_is_told(emulator, handles, demo):
    move(emulator, "demo", "Failed")
    with pytest.raises(ServiceFailedError, match="ImagePullBackOff") as caught:
        handles("demo").wait()
    assert caught.value.reason == "ImagePullBackOff"


def test_too_late_tells_the_last_state(handles, demo, clock):
    with pytest.raises(
        WaitTimeoutError, match=r"not Running after 60 s \(last status: Creating, 0 of 1 "
    ) as caught:
        handles("demo").wait(timeout_s=60)
    assert (caught.value.name, caught.value.status) == ("demo", "Creating")
    assert caught.value.service_may_exist
    assert sum(clock.pauses) == pytest.approx(60)


@pytest.mark.parametrize(("action", "status"), [("stop", "Stopping"), ("delete", "Deleting")])
def test_a_late_service_can_be_ended(emulator, handles, demo, action, status):
    """Opt-in: what is late costs nothing more."""
    with pytest.raises(WaitTimeoutError, match="as on_timeout asked") as caught:
        handles("demo").wait(timeout_s=5, on_timeout=action)
    assert emulator.services["demo"].status == status
    assert "may cost money" not in str(caught.value)


def test_a_late_service_is_left_alone_unless_asked(emulator, handles, demo):
    with pytest.raises(WaitTimeoutError):
        handles("demo").wait(timeout_s=5)
    assert {call.operation for call in emulator.calls} == {"DescribeService"}


def test_an_end_that_fails_is_told(emulator, handles, demo):
    demo.safety_lock = "dangerous"
    with pytest.raises(
        WaitTimeoutError, match=r"on_timeout could not stop it: .* safety lock .* set_safety_lock"
    ):
        handles("demo").wait(timeout_s=5, on_timeout="stop")
    assert "StopService" not in {call.operation for call in emulator.calls}


@pytest.mark.parametrize("kind", ["server_error", "reset", "html_502", "throttle"])
def test_what_passes_is_waited_out(emulator, handles, demo, kind):
    """An outage of the API, longer than one call is retried, does not end a wait."""
    move(emulator, "demo", "Creating", "Running")
    emulator.inject(Fault("DescribeService", kind, times=20))
    assert handles("demo").wait().status == "Running"


@pytest.mark.parametrize("status", ["Running", "Stopped"])
def test_what_was_read_before_the_wait_does_not_count(emulator, handles, demo, status):
    """While the API is out nothing is known: the last status may be from before a restart or a start."""
    demo.status = status
    service = handles("demo")
    service.refresh()
    move(emulator, "demo", "Starting", "Running")
    emulator.inject(Fault("DescribeService", "server_error", times=None))
    with pytest.raises(WaitTimeoutError, match=r"last status: unknown; trouble: DescribeService") as caught:
        service.wait(timeout_s=5)
    assert "It may exist and cost money" in str(caught.value)


def test_an_outage_is_told_when_time_is_over(emulator, handles, demo):
    emulator.inject(Fault("DescribeService", "server_error", times=None))
    with pytest.raises(WaitTimeoutError, match="trouble: DescribeService"):
        handles("demo").wait(timeout_s=100)


@pytest.mark.parametrize(
    ("goal", "advice"),
    [("Running", r"diagnose\(\)"), ("Stopped", r"stop\(\) it if"), ("Deleted", r"delete\(\) it if")],
)
def test_advice_fits_what_is_waited_for(handles, demo, goal, advice):
    demo.status, demo.upcoming = "Waiting", []
    with pytest.raises(WaitTimeoutError, match=rf"not {goal} after 5 s .*timeout_s, .*{advice}"):
        handles("demo").wait(timeout_s=5, until=goal)


def test_a_failed_service_is_stopped_by_stop(emulator, handles, demo):
    """Who waits for its end is not told how to bring it up."""
    move(emulator, "demo", "Failed")
    with pytest.raises(
        ServiceFailedError, match=r"become Stopped by itself.* stop\(\) or delete\(\) it"
    ) as caught:
        handles("demo").wait(until="Stopped")
    assert "restart()" not in str(caught.value)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("demo", "Scaling", 3, 1, 2.4), "demo: Scaling (3 ready, 1 wanted, 2 s)"),
        (Progress("demo", "Running", 1, 1, 2.6, "ready"), "demo: Running (1/1 ready, 3 s, ready)"),
        (Progress("demo", "Deleted", 0, 0, 7), "demo: Deleted (7 s)"),
        (Progress("demo", None, 0, 0, 0), "demo: not seen yet (0 s)"),
    ],
)
def test_progress_in_words(progress, words):
    assert str(progress) == words


def test_waiting_for_the_end(emulator, handles, demo):
    move(emulator, "demo", "Deleting", "Deleted")
    gone = handles("demo").wait(until="Deleted")
    assert emulator.services == {}
    assert (gone.status, gone.running_instance, gone.message) == ("Deleted", 0, None)


def test_ready_needs_a_gateway_that_leads_there(emulator, handles, demo):
    """Running and 503 "no healthy upstream" is not ready yet."""
    move(emulator, "demo", "Creating", "Running")
    demo.unrouted_requests = 3
    told = []
    handles("demo").wait_until_ready(progress=told.append)
    assert demo.unrouted_requests == 0
    assert [call.status for call in emulator.data_calls] == [503, 503, 503, 200]
    assert any("no healthy upstream" in one.detail for one in told)
    assert told[-1].detail == "ready"


def test_an_empty_404_is_not_ready(emulator, handles, demo):
    move(emulator, "demo", "Running")
    app = answering(404, 404, (404, b"no such path"))
    emulator.plug("demo", app)
    handles("demo").wait_until_ready()
    assert len(app.requests) == 3


def test_never_ready_tells_what_is_missing(emulator, handles, demo):
    move(emulator, "demo", "Running")
    demo.unrouted_requests = 10_000
    with pytest.raises(
        WaitTimeoutError, match=r"demo is not ready after 60 s .*the gateway answers 503"
    ) as caught:
        handles("demo").wait_until_ready(timeout_s=60)
    assert caught.value.status == "Running"


def test_a_service_that_fails_while_the_gateway_waits(emulator, handles, demo):
    move(emulator, "demo", "Running", "Failed")
    demo.unrouted_requests = 10_000
    with pytest.raises(ServiceFailedError):
        handles("demo").wait_until_ready(timeout_s=600)


@pytest.mark.parametrize(
    ("container", "path"),
    [
        ({}, "/health"),
        ({"startup_check": {"http_get": {"path": "/up", "port": 8000}}}, "/up"),
        ({"readiness_check": {"tcp_socket": {"port": 8000}}}, "/health"),
        ({"readiness_check": {"http_get": {"path": "/../other", "port": 8000}}}, "/health"),
    ],
)
def test_readiness_is_asked_where_the_service_says(emulator, handles, demo, container, path):
    """The path of its probe, else the one of its framework."""
    demo.config["containers"][0].update(container)
    move(emulator, "demo", "Running")
    handles("demo").wait_until_ready()
    assert emulator.data_calls[-1].path == path


def test_readiness_is_asked_where_the_caller_says(emulator, handles, demo):
    move(emulator, "demo", "Running")
    handles("demo").wait_until_ready(path="/v1/models")
    assert emulator.data_calls[-1].path == "/v1/models"


def test_a_service_without_replicas_is_never_ready(emulator, handles, demo, clock):
    """Nothing answers until somebody scales it, so that the time is not waited out."""
    demo.config["metadata"]["instance"] = 0
    demo.status, demo.upcoming, demo.ready = "Running", [], 0
    with pytest.raises(ServiceFailedError, match=r"has 0 replicas.*scale\(\)") as caught:
        handles("demo").wait_until_ready()
    assert caught.value.service_may_exist
    assert caught.value.status == "Running"
    assert clock.pauses == []


@pytest.mark.parametrize("autoscaler", ["there", "unreadable"])
def test_a_service_that_may_scale_itself_is_waited_for(emulator, handles, demo, autoscaler):
    demo.config["metadata"]["instance"] = 0
    demo.status, demo.upcoming, demo.ready = "Running", [], 0
    demo.autoscaler = {"min": 0, "max": 2} if autoscaler == "there" else None
    if autoscaler == "unreadable":
        emulator.inject(Fault("DescribeServiceAutoScaler", "refuse", times=None))
    with pytest.raises(WaitTimeoutError):
        handles("demo").wait_until_ready(timeout_s=30)


def test_a_bar_without_tqdm(handles, demo, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(EasDeployError, match=r"eas-deploy\[progress\]"):
        handles("demo").wait(progress=True)


@pytest.mark.parametrize("fault", ["server_error", "reset", "throttle"])
def test_addresses_that_cannot_be_read_yet_are_waited_for(emulator, handles, demo, fault):
    move(emulator, "demo", "Running")
    emulator.inject(Fault("DescribeServiceEndpoints", fault, times=20))
    assert handles("demo").wait_until_ready().status == "Running"
    assert len([call for call in emulator.calls if call.operation == "DescribeServiceEndpoints"]) > 20


def test_a_token_that_was_reset_is_read_again(emulator, handles, demo):
    move(emulator, "demo", "Running")
    service = handles("demo")
    service.get_endpoints()
    demo.access_token = "another"
    service.wait_until_ready()
    assert [call.status for call in emulator.data_calls] == [401, 200]


def test_a_token_that_stays_refused_ends_it(emulator, handles, demo):
    move(emulator, "demo", "Running")
    emulator.plug("demo", answering(401))
    with pytest.raises(InvocationError, match="token was refused"):
        handles("demo").wait_until_ready()


@pytest.mark.parametrize("config", [None, "", "no json", "[1]", '{"containers": 1}', '{"containers": [1]}'])
def test_health_path_of_a_config_that_says_nothing(config):
    assert health_path(ServiceInfo(service_config=config, image="registry/team/vllm:1")) == "/health"
    assert health_path(ServiceInfo(service_config=config, image="registry/team/app:1")) == "/"


@pytest.mark.parametrize("dice", [0.0, 0.5, 1.0])
def test_pauses_grow_to_a_limit(dice):
    """Half of each pause is left to chance; a thousand looks later it is still a pause."""
    pauses = [pause_before_look(looks, dice) for looks in (1, 2, 3, 20, 10_000)]
    assert pauses == [pytest.approx(full * (0.5 + 0.5 * dice)) for full in (0.5, 0.75, 1.125, 15, 15)]
