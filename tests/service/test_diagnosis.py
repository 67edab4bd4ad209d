"""What is wrong with a service, in words."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from eas_deploy.calls import ServiceInfo, ServiceInstance
from eas_deploy.emulator import Fault
from eas_deploy.emulator.scenarios import SCENARIOS
from eas_deploy.emulator.services import LogLine
from eas_deploy.errors import NotFoundError, ServiceFailedError
from eas_deploy.lifecycle.causes import causes_of
from eas_deploy.lifecycle.diagnosis import Diagnosis
from eas_deploy.lifecycle.insight import Event
from eas_deploy.lifecycle.symptoms import Symptoms

# Each scenario, a word of what is told, and a word of what to do.
TOLD = {
    "image_pull_failure": ("cannot be pulled", "registry"),
    "crash_loop": ("again and again", "previous=True"),
    "out_of_memory": ("was killed", "memory"),
    "gpu_out_of_memory": ("memory of the GPU", "--max-model-len"),
    "no_stock": ("No machine", "another instance type"),
    "no_gpu": ("finds no GPU", "GPU instance type"),
    "wrong_chip": ("does not fit the chip", "newer GPU"),
    "wrong_port": ("port 9999", "containers[0].port"),
    "probe_failing": ("health check fails", "initial_delay_seconds"),
    "model_path_missing": ("model is not where", "mount_path"),
    "token_rejected": ("token was refused", "HF_TOKEN"),
    "quota": ("quota", "Raise the quota"),
}


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo")


def test_every_scenario_is_tried():
    assert set(TOLD) == set(SCENARIOS)


@pytest.mark.parametrize("scenario", TOLD)
def test_each_trouble_is_named_first(emulator, handles, demo, scenario):
    """The cause that explains most comes first, with what to do and what was seen."""
    demo.scenario(scenario)
    diagnosis = handles("demo").diagnose()
    cause = diagnosis.causes[0]
    what, fix = TOLD[scenario]
    assert cause.kind == scenario
    assert what in cause.what
    assert fix in cause.fix
    assert cause.evidence
    assert cause.what in str(diagnosis)
    assert cause.fix in str(diagnosis)
    assert diagnosis.unread == ()
    assert "<table>" in diagnosis._repr_html_()


def test_a_healthy_service_has_nothing(emulator, handles, demo):
    diagnosis = handles("demo").diagnose()
    assert diagnosis.causes == ()
    assert diagnosis.replicas == (1, 1)
    assert "1 of 1 replicas run" in str(diagnosis)
    assert "nothing wrong was found" in str(diagnosis)
    assert "nothing wrong was found" in diagnosis._repr_html_()


def test_replicas_while_a_service_scales_in():
    """More run than are wanted, which is not "3 of 1"."""
    assert "3 replicas run, 1 wanted" in str(Diagnosis("demo", "Scaling", None, (), (3, 1)))


def test_a_stopped_service_is_told_to_be_stopped(handles, demo):
    demo.move(("Stopped",), 0.0)
    assert "start() runs it again" in str(handles("demo").diagnose())


def test_nothing_is_said_to_be_right_that_was_not_read(emulator, handles, demo):
    emulator.inject(Fault("DescribeServiceEvent", "refuse", times=2))
    assert "no cause found" in str(handles("demo").diagnose())


def test_troubles_that_are_over_are_no_causes(emulator, handles, demo):
    """Probes fail at every start of a large model; once it runs and answers, nothing is wrong."""
    demo.scenario("probe_failing")
    demo.move(("Running",), emulator.clock.now())
    assert handles("demo").diagnose().causes == ()


def test_what_is_counted_for_ever_is_no_cause_of_a_service_that_is_well():
    """Its restarts, and the words before the last one, may be a month old."""
    info = ServiceInfo(status="Running", running_instance=1, total_instance=1)
    replica = ServiceInstance(instance_name="demo-0", restart_count=7)
    past = ["torch.cuda.OutOfMemoryError: CUDA out of memory."]
    assert causes_of(Symptoms(info, instances=[replica], previous_log=past)) == ()
    ill = info.model_copy(update={"running_instance": 0})
    found = causes_of(Symptoms(ill, instances=[replica], previous_log=past))
    assert [cause.kind for cause in found] == ["gpu_out_of_memory", "crash_loop"]


WELL = ServiceInfo(status="Running", running_instance=1, total_instance=1)


def test_other_ports_of_a_service_that_is_well_are_no_trouble():
    """Its metrics may be served at another port."""
    config = {"containers": [{"image": "i", "port": 8000}]}
    log = ["prometheus metrics serving on http://0.0.0.0:9100"]
    assert causes_of(Symptoms(WELL, config, log=log)) == ()


def test_words_in_the_log_of_a_service_that_is_well_may_be_anybodys():
    """A prompt that was logged is no trouble of the service."""
    log = ['"POST /v1/chat/completions" prompt="why do I get CUDA out of memory?" 200']
    (cause,) = causes_of(Symptoms(WELL, log=log))
    assert (cause.kind, cause.is_current) == ("gpu_out_of_memory", False)
    assert "it may be over" in str(cause)
    told = str(Diagnosis("demo", "Running", None, (cause,), (1, 1)))
    assert told.index("nothing wrong was found") < told.index("it may be over")


@pytest.mark.parametrize(
    ("end", "kind", "words"),
    [
        ("stop", "stopped", "It was stopped.\n    do: start() runs it again."),
        ("scale", "no_replicas", "It has 0 replicas.\n    do: scale() runs it."),
    ],
)
def test_what_nobody_wants_to_run_is_told_first(emulator, handles, demo, end, kind, words):
    """What went wrong before is not why nothing runs."""
    demo.scenario("crash_loop")
    service = handles("demo")
    if end == "stop":
        service.stop()
        service.wait(until="Stopped")
    else:
        service.scale(0)
        service.wait()
    diagnosis = service.diagnose()
    assert (diagnosis.causes[0].kind, diagnosis.causes[0].is_current) == (kind, True)
    assert "1. " + words in str(diagnosis)
    assert "not_routed" not in {cause.kind for cause in diagnosis.causes}
    assert not any(cause.is_current for cause in diagnosis.causes[1:])


NOW = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
PULL = Event(None, "Warning", "Failed", "Failed to pull image a/b:c")
KILL = Event(None, "Warning", "OOMKilling", "Memory cgroup out of memory: Kill process 77")
FINE = Event(None, "Normal", "Started", "Started container worker0")


def happened(*told, **info):
    """The causes of events, each given with how many minutes ago it was."""
    events = [
        replace(event, time=(NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for event, minutes in told
    ]
    return causes_of(Symptoms(ServiceInfo(status="Waiting", **info), events=events, now=NOW))


def test_an_old_event_does_not_outrank_a_new_one():
    """An image that could not be pulled two hours ago was pulled since."""
    new, old = happened((PULL, 125), (KILL, 1))
    assert (new.kind, new.is_current, new.age_s) == ("out_of_memory", True, 60)
    assert (old.kind, old.is_current, old.age_s) == ("image_pull_failure", False, 7500)
    assert old.evidence == ("event, 2 h ago: Failed: Failed to pull image a/b:c",)
    assert "The image cannot be pulled. (last 2 h ago; it may be over)" in str(old)
    assert "over" not in str(new)


def test_events_of_one_time_are_ranked_by_what_explains_most():
    assert [cause.kind for cause in happened((PULL, 5), (KILL, 1))] == ["image_pull_failure", "out_of_memory"]


def test_what_was_before_the_last_change_does_not_outrank_what_came_after():
    """The image may be another one now."""
    found = happened((PULL, 5), (KILL, 1), update_time="2026-05-01T11:58:00Z")
    assert [(cause.kind, cause.is_current) for cause in found] == [
        ("out_of_memory", True),
        ("image_pull_failure", False),
    ]


def test_what_led_to_the_last_change_of_status_is_of_now():
    (cause,) = happened((PULL, 5), update_time="2026-05-01T11:55:30Z")
    assert cause.is_current


def test_the_last_that_happened_counts_however_old():
    """A service that failed three days ago is still down for the reason of then."""
    (cause,) = happened((PULL, 3 * 24 * 60))
    assert cause.is_current
    assert cause.evidence[0].startswith("event, 3 d ago: ")


def test_a_trouble_that_was_followed_by_good_news_may_be_over():
    (cause,) = happened((PULL, 60), (FINE, 1))
    assert not cause.is_current


def test_what_is_told_again_is_shown_once_with_its_last_time():
    (cause,) = happened((PULL, 9), (PULL, 4), (PULL, 6))
    assert cause.evidence == ("event, 4 min ago: Failed: Failed to pull image a/b:c",)
    assert cause.age_s == 240


def test_events_without_a_time_are_of_now():
    (cause,) = causes_of(Symptoms(ServiceInfo(status="Waiting"), events=[PULL], now=NOW))
    assert (cause.is_current, cause.age_s) == (True, None)


def test_old_events_are_read_where_there_are_no_others(emulator, handles, demo):
    """A day of events is enough, unless nothing happened in it."""
    demo.scenario("probe_failing")
    now = emulator.clock.now()
    demo.events = [replace(event, at=now - 3 * 86_400) for event in demo.events]
    assert handles("demo").diagnose().causes[0].evidence[0].startswith("event, 3 d ago: ")
    demo.events.append(replace(demo.events[0], at=now))
    assert handles("demo").diagnose().causes == ()


def test_what_may_not_be_read_is_named(emulator, handles, demo):
    """One missing permission does not keep the rest from being read."""
    demo.scenario("no_gpu")
    allowed = ["eas:DescribeService", "eas:DescribeServiceLog"]
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    emulator.set_policy({"Version": "1", "Statement": [statement]})
    diagnosis = handles("demo").diagnose()
    assert [cause.kind for cause in diagnosis.causes] == ["no_gpu"]
    assert {one.partition(":")[0] for one in diagnosis.unread} == {
        "events",
        "instances",
        "containers",
        "diagnosis",
    }


def test_a_gateway_that_leads_nowhere(emulator, handles, demo):
    demo.unrouted_requests = 100
    assert [cause.kind for cause in handles("demo").diagnose().causes] == ["not_routed"]


def test_a_refused_token(emulator, handles, demo):
    from service_stand_ins import answering

    emulator.plug("demo", answering(401))
    diagnosis = handles("demo").diagnose()
    assert [cause.kind for cause in diagnosis.causes] == ["token_rejected"]
    assert demo.access_token not in str(diagnosis)


def test_what_the_service_reports_comes_too(emulator, handles, demo):
    demo.scenario("image_pull_failure")
    reported = handles("demo").diagnose().causes[-1]
    assert reported.kind == "reported"
    assert reported.fix == "Use an image of this region."


def test_a_failed_wait_brings_the_diagnosis(emulator, handles, demo):
    demo.scenario("model_path_missing")
    with pytest.raises(ServiceFailedError, match="model is not where") as caught:
        handles("demo").wait()
    assert caught.value.diagnosis.causes[0].kind == "model_path_missing"


def test_a_failed_diagnosis_does_not_hide_the_failure(emulator, handles, demo):
    demo.scenario("no_gpu")
    emulator.inject(Fault("DescribeService", "refuse", after=1, times=None, status=400))
    with pytest.raises(ServiceFailedError) as caught:
        handles("demo").wait()
    assert caught.value.diagnosis is None


def test_the_last_lines_of_a_long_log(handles, demo):
    """What matters is at its end."""
    demo.logs += [LogLine(0.0, demo.instance_names[0], f"line {number}") for number in range(1000)]
    demo.logs.append(LogLine(0.0, demo.instance_names[0], "RuntimeError: No CUDA GPUs are available"))
    assert [cause.kind for cause in handles("demo").diagnose().causes] == ["no_gpu"]


def test_an_absent_service(handles):
    with pytest.raises(NotFoundError):
        handles("demo").diagnose()


@pytest.mark.parametrize(
    "line",
    [
        "INFO:     Uvicorn running on http://0.0.0.0:9999 (Press CTRL+C to quit)",
        "Listening at: http://[::]:9999 (7)",
        "Server listening on 0.0.0.0:9999",
        "To see the GUI go to: http://0.0.0.0:9999",
        "Serving on http://*:9999",
    ],
)
def test_ports_are_heard_in_many_words(line):
    config = {"containers": [{"image": "i", "port": 8000}]}
    found = causes_of(Symptoms(ServiceInfo(), config, log=[line]))
    assert [cause.kind for cause in found] == ["wrong_port"]
    right = {"containers": [{"image": "i", "port": 9999}]}
    assert causes_of(Symptoms(ServiceInfo(), right, log=[line])) == ()


def test_the_same_line_is_shown_once():
    log = ["RuntimeError: No CUDA GPUs are available"] * 50
    (cause,) = causes_of(Symptoms(ServiceInfo(), {}, log=log))
    assert cause.evidence == ("log: RuntimeError: No CUDA GPUs are available",)
