"""Stopping, starting, scaling, updating, locking: what is sent, what is told, what is never sent twice."""

import json

import pytest
from service_stand_ins import lag

from eas_deploy.config import Autoscaler, ScaleStrategy, ServiceConfig
from eas_deploy.emulator import Fault
from eas_deploy.errors import (
    ApiError,
    ChangeOutcomeUnknownError,
    ConfigError,
    ConfirmationDeclined,
    NotFoundError,
    PermissionDeniedError,
    SafetyLockError,
)

CHANGES = [
    ("StopService", lambda service: service.stop()),
    ("StartService", lambda service: service.start()),
    ("RestartService", lambda service: service.restart()),
    ("DeleteService", lambda service: service.delete()),
    ("UpdateService", lambda service: service.scale(3)),
    ("UpdateService", lambda service: service.update({"metadata": {"shm_size": 8}})),
    ("ReleaseService", lambda service: service.release(weight=50)),
    ("UpdateServiceVersion", lambda service: service.roll_back(2)),
    ("UpdateServiceSafetyLock", lambda service: service.set_safety_lock("all")),
    ("UpdateServiceLabel", lambda service: service.set_labels({"team": "search"})),
    ("DeleteServiceLabel", lambda service: service.remove_labels("team")),
    ("CreateServiceAutoScaler", lambda service: service.create_autoscaler({"min": 1, "max": 3})),
    ("UpdateServiceAutoScaler", lambda service: service.update_autoscaler({"min": 1, "max": 3})),
]
every_change = pytest.mark.parametrize(
    ("operation", "change"), CHANGES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(CHANGES)]
)


def sent(emulator, operation):
    return [call for call in emulator.calls if call.operation == operation]


def with_a_later_version(emulator):
    """A service that runs the first of two versions."""
    service = emulator.add_service("demo")
    first = service.versions[0]
    service.take_config({**service.config, "labels": {"second": "version"}}, service.per_instance, 0.0)
    service.run_version(first, service.per_instance)
    return service


def test_through_every_state_and_back(emulator, handles):
    """Running, Stopped, Running again, scaled, and gone."""
    emulator.add_service("demo")
    service = handles("demo")
    stopped = service.stop()
    assert (stopped.action, stopped.name, stopped.status_before) == ("stop", "demo", "Running")
    service.wait(until="Stopped")
    assert service.status == "Stopped"
    assert service.start().status_before == "Stopped"
    service.wait()
    assert service.status == "Running"
    service.restart()
    service.wait()
    service.scale(2)
    service.wait()
    assert service.running_instance == 2
    service.delete()
    service.wait(until="Deleted")
    assert emulator.services == {}


@every_change
def test_a_lost_answer_is_not_sent_again(emulator, handles, operation, change):
    """The outcome is unknown, so the error says what may have happened, how the service is, and how to look."""
    with_a_later_version(emulator)
    emulator.inject(Fault(operation, "reset", applied=True))
    with pytest.raises(ChangeOutcomeUnknownError, match="not sent again") as caught:
        change(handles("demo"))
    assert len(sent(emulator, operation)) == 1
    assert caught.value.name == "demo"
    assert "refresh()" in caught.value.how_to_check
    assert "its answer was lost (ConnectionLostError)" in str(caught.value)
    assert "Try again" not in str(caught.value)
    assert caught.value.service_may_exist


def test_a_lost_delete_is_looked_up(emulator, handles):
    emulator.add_service("demo")
    emulator.inject(Fault("DeleteService", "server_error", applied=True))
    with pytest.raises(ChangeOutcomeUnknownError, match="The service is Deleting now and was Running before"):
        handles("demo").delete()


@pytest.mark.parametrize(
    ("look", "seen"),
    [("refuse", "could not be looked at either"), ("gone", "cannot be found any more")],
)
def test_a_lost_answer_and_nothing_to_see(emulator, handles, look, seen):
    emulator.add_service("demo")
    emulator.inject(Fault("DeleteService", "reset", applied=True))
    if look == "refuse":
        emulator.inject(Fault("DescribeService", "refuse", after=1))
    else:
        gone = {"status": 404, "code": "InvalidService.NotFound"}
        emulator.inject(Fault("DescribeService", "refuse", after=1, **gone))
    with pytest.raises(ChangeOutcomeUnknownError, match=seen):
        handles("demo").delete()


@every_change
def test_throttled_changes_are_sent_again(emulator, handles, operation, change):
    """A refusal proves that nothing happened."""
    with_a_later_version(emulator)
    emulator.inject(Fault(operation, "throttle"))
    assert change(handles("demo")).message
    assert len(sent(emulator, operation)) == 2


@pytest.mark.parametrize(
    ("lock", "change"),
    [
        ("dangerous", lambda service: service.stop()),
        ("dangerous", lambda service: service.delete()),
        ("all", lambda service: service.stop()),
        ("all", lambda service: service.start()),
        ("all", lambda service: service.restart()),
        ("all", lambda service: service.scale(3)),
        ("all", lambda service: service.roll_back(2)),
        ("all", lambda service: service.release(weight=10)),
        ("all", lambda service: service.create_autoscaler({"min": 1, "max": 3})),
    ],
)
def test_a_safety_lock_is_respected(emulator, handles, lock, change):
    """A locked service is not even asked; the error names the lock and the way out."""
    emulator.add_service("demo").safety_lock = lock
    with pytest.raises(SafetyLockError, match=r'set_safety_lock\("none"\)') as caught:
        change(handles("demo"))
    assert caught.value.lock == lock
    assert {call.operation for call in emulator.calls} == {"DescribeService"}


def test_a_dangerous_lock_lets_pass_what_is_not(emulator, handles):
    emulator.add_service("demo").safety_lock = "dangerous"
    assert handles("demo").restart().message


def test_a_lock_that_only_the_service_knows_of(emulator, handles):
    """A lock put on between looking and changing is told by the service in words."""
    demo = emulator.add_service("demo")
    lag(demo, reads=2)
    service = handles("demo")
    service.refresh()
    demo.safety_lock = "dangerous"
    with pytest.raises(SafetyLockError, match="nothing was changed") as caught:
        service.stop()
    assert caught.value.lock == "dangerous"
    assert len(sent(emulator, "StopService")) == 1


@pytest.mark.parametrize("look", ["there", "refused"])
def test_the_word_lock_is_no_safety_lock(emulator, handles, look):
    """Without a lock on the service its refusal is about another one, and goes on as it is."""
    emulator.add_service("demo")
    words = "The service is updating: a deployment lock is held."
    emulator.inject(Fault("StopService", "refuse", status=409, code="Conflict", message=words))
    if look == "refused":
        emulator.inject(Fault("DescribeService", "refuse", after=1))
    with pytest.raises(ApiError, match="deployment lock is held") as caught:
        handles("demo").stop()
    assert caught.value.operation == "StopService"


def test_locking_and_unlocking(emulator, handles):
    emulator.add_service("demo")
    service = handles("demo")
    assert str(service.set_safety_lock("all").changes[0]) == '~ safety_lock: "none" -> "all"'
    assert emulator.services["demo"].safety_lock == "all"
    service.set_safety_lock("none")
    service.stop()


def test_changing_without_permission_to_look(emulator, handles):
    emulator.add_service("demo")
    emulator.set_policy(
        {"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["eas:StopService"], "Resource": "*"}]}
    )
    done = handles("demo").stop()
    assert done.status_before is None
    assert done.message
    with pytest.raises(PermissionDeniedError):
        handles("demo").delete()


@pytest.mark.parametrize("change", [change for _, change in CHANGES[:5]])
def test_an_absent_service_cannot_be_changed(handles, change):
    with pytest.raises(NotFoundError):
        change(handles("demo"))


def test_scale_says_what_it_changes(emulator, handles):
    emulator.add_service("demo")
    done = handles("demo").scale(3)
    assert [str(one) for one in done.changes] == ["~ metadata.instance: 1 -> 3"]
    assert sent(emulator, "UpdateService")[0].body == {"metadata": {"instance": 3}}
    assert sent(emulator, "UpdateService")[0].query["UpdateType"] == "merge"
    assert "~ metadata.instance: 1 -> 3" in str(done)


def test_scale_to_what_is_there_sends_nothing(emulator, handles):
    emulator.add_service("demo")
    done = handles("demo").scale(1)
    assert done.message is None
    assert "has 1 replica already" in done.notes[0]
    assert sent(emulator, "UpdateService") == []


def test_back_to_what_runs_sends_nothing(emulator, handles):
    emulator.add_service("demo")
    done = handles("demo").roll_back(1)
    assert (done.message, done.changes) == (None, ())
    assert done.notes == ("the service runs version 1 already",)
    assert sent(emulator, "UpdateServiceVersion") == []


def test_preview_shows_a_diff_and_sends_nothing(emulator, handles):
    service = emulator.add_service("demo")
    service.config["containers"][0]["env"] = [{"name": "HF_TOKEN", "value": "hf-old"}]
    change = {
        "metadata": {"instance": 2, "shm_size": 8},
        "containers": [
            {
                **service.config["containers"][0],
                "port": 9000,
                "env": [{"name": "HF_TOKEN", "value": "hf-new"}],
            }
        ],
    }
    diff = handles("demo").preview_update(change)
    assert [str(one) for one in diff.differences] == [
        "~ metadata.instance: 1 -> 2",
        "+ metadata.shm_size: 8",
        "~ containers[0].port: 8000 -> 9000",
        '~ containers[0].env[HF_TOKEN]: {"name": "HF_TOKEN", "value": "***"} -> {"name": "HF_TOKEN", "value": "***"}',
    ]
    assert "Update of demo (merge): 4 differences" in str(diff)
    assert "hf-" not in str(diff)
    assert "<table>" in diff._repr_html_()
    assert sent(emulator, "UpdateService") == []


def test_update_asks_before_it_sends(emulator, handles):
    emulator.add_service("demo")
    asked = []
    with pytest.raises(ConfirmationDeclined, match="nothing was changed"):
        handles("demo").update({"metadata": {"shm_size": 8}}, confirm=lambda diff: asked.append(str(diff)))
    assert "+ metadata.shm_size: 8" in asked[0]
    assert sent(emulator, "UpdateService") == []


def test_update_merges(emulator, handles):
    emulator.add_service("demo")
    done = handles("demo").update({"metadata": {"shm_size": 8}})
    assert [str(one) for one in done.changes] == ["+ metadata.shm_size: 8"]
    assert emulator.services["demo"].config["metadata"] == {"instance": 1, "name": "demo", "shm_size": 8}


def test_update_replaces(emulator, handles, tmp_path):
    """A whole config goes in place of the present one; a path is read."""
    present = emulator.add_service("demo").config
    new = {**present, "metadata": {"name": "demo", "instance": 2}}
    path = tmp_path / "service.json"
    path.write_text(json.dumps(new), "utf-8")
    handles("demo").update(path, mode="replace")
    assert emulator.services["demo"].config == new
    assert sent(emulator, "UpdateService")[0].query["UpdateType"] == "replace"
    done = handles("demo").update(ServiceConfig.load(new), mode="replace")
    assert done.notes == ("the service runs this config already",)
    assert len(sent(emulator, "UpdateService")) == 1


@pytest.mark.parametrize(
    ("change", "mode", "rule"),
    [
        ({"metadata": {"instnace": 2}}, "merge", "key.unknown"),
        ({"containers": [{"image": "a/b:c", "port": 8080}]}, "merge", "port.reserved"),
        ({"metadata": {"name": "other"}}, "merge", "name.conflict"),
        ({"metadata": {"name": "demo"}}, "replace", "containers.required"),
        ("[1]", "merge", "json.invalid"),
    ],
)
def test_an_update_that_cannot_work_is_not_sent(emulator, handles, change, mode, rule):
    emulator.add_service("demo")
    with pytest.raises(ConfigError) as caught:
        handles("demo").update(change, mode=mode)
    assert rule in {one.rule for one in caught.value.findings}
    assert sent(emulator, "UpdateService") == []


def test_errors_that_the_service_lives_with_do_not_stop_an_update(emulator, handles):
    """A config newer than the library has keys that it does not know."""
    emulator.add_service("demo").config["brand_new"] = {"key": 1}
    diff = handles("demo").preview_update({"metadata": {"shm_size": 8}})
    assert [str(one) for one in diff.differences] == ["+ metadata.shm_size: 8"]


def test_versions_and_back(emulator, handles):
    emulator.add_service("demo")
    service = handles("demo")
    service.update({"metadata": {"shm_size": 8}})
    service.wait()
    assert [(one.number, one.is_current) for one in service.versions()] == [(2, True), (1, False)]
    done = service.roll_back()
    assert [str(one) for one in done.changes] == ["~ current_version: 2 -> 1"]
    service.wait()
    assert "shm_size" not in emulator.services["demo"].metadata
    with pytest.raises(ValueError, match="no version before"):
        service.roll_back()


def test_autoscaler_from_none_to_none(emulator, handles):
    emulator.add_service("demo")
    service = handles("demo")
    with pytest.raises(NotFoundError):
        service.describe_autoscaler()
    strategy = ScaleStrategy(metric_name="qps", threshold=10)
    service.create_autoscaler(Autoscaler(min=1, max=3, scale_strategies=[strategy]))
    told = service.describe_autoscaler()
    assert (told.min_replica, told.max_replica) == (1, 3)
    assert [(one.metric_name, one.threshold) for one in told.scale_strategies] == [("qps", 10)]
    changed = service.update_autoscaler({"min": 2, "max": 5, "strategies": {"cpu": 60}})
    assert {one.path for one in changed.changes} >= {"autoscaler.min", "autoscaler.max"}
    assert [(one.old, one.new) for one in changed.changes if one.path == "autoscaler.max"] == [("3", "5")]
    assert emulator.services["demo"].autoscaler["scaleStrategies"] == [{"metricName": "cpu", "threshold": 60}]
    removed = service.delete_autoscaler()
    assert [(one.path, one.kind) for one in removed.changes] == [("autoscaler", "removed")]
    assert emulator.services["demo"].autoscaler is None


def test_a_wrong_autoscaler_is_not_sent(emulator, handles):
    emulator.add_service("demo")
    with pytest.raises(ConfigError, match="autoscaler"):
        handles("demo").create_autoscaler({"min": 3, "max": 1})
    assert sent(emulator, "CreateServiceAutoScaler") == []


def test_release_says_what_it_changes(emulator, handles):
    emulator.add_service("demo")
    done = handles("demo").release(weight=30, traffic_state="grouping")
    assert [str(one) for one in done.changes] == [
        "~ weight: 100 -> 30",
        '~ traffic_state: "standalone" -> "grouping"',
    ]
    assert emulator.services["demo"].weight == 30


def test_release_of_nothing(handles):
    with pytest.raises(ValueError, match="weight or traffic_state"):
        handles("demo").release()


def test_labels_come_and_go(emulator, handles):
    emulator.add_service("demo", labels={"team": "search", "stage": "test"})
    service = handles("demo")
    done = service.set_labels({"team": "ads", "owner": "me"})
    assert [str(one) for one in done.changes] == ['~ labels.team: "search" -> "ads"', '+ labels.owner: "me"']
    service.remove_labels("stage", "owner")
    assert emulator.services["demo"].labels == {"team": "ads"}
