"""What is wrong with a service, in words."""

import pytest

from eas_deploy.calls import ServiceInfo
from eas_deploy.emulator import Fault
from eas_deploy.emulator.scenarios import SCENARIOS
from eas_deploy.emulator.services import LogLine
from eas_deploy.errors import NotFoundError, ServiceFailedError
from eas_deploy.lifecycle.causes import Symptoms, causes_of

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
    assert "no cause found" in str(diagnosis)


def test_troubles_that_are_over_are_no_causes(emulator, handles, demo):
    """Probes fail at every start of a large model; once it runs and answers, nothing is wrong."""
    demo.scenario("probe_failing")
    demo.move(("Running",), emulator.clock.now())
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
