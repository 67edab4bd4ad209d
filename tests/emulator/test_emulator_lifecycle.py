"""How services move from state to state, and what can be done to them."""

import json

import pytest

from eas_deploy.emulator import Emulator


@pytest.fixture
def timed(make_caller):
    with Emulator() as emulator:
        yield emulator, make_caller(emulator)


def statuses(caller, times):
    return [caller.describe("demo_service")["Status"] for _ in range(times)]


def test_immediate(caller, config):
    assert caller.create(config).json()["Status"] == "Creating"
    assert statuses(caller, 1) == ["Running"]


def test_per_read(make_caller, config):
    """Each DescribeService takes one step; other reads take none."""
    with Emulator(lifecycle="per_read") as emulator:
        caller = make_caller(emulator)
        caller.create(config)
        caller.eas("ListServices", "GET", "/services")
        assert statuses(caller, 4) == ["Creating", "Waiting", "Running", "Running"]
        caller.service("DeleteService", "DELETE", "demo_service")
        assert statuses(caller, 1) == ["Deleting"]
        assert emulator.services == {}


def test_timed(timed, config):
    """A service runs after about a second of the emulator's clock."""
    emulator, caller = timed
    caller.create(config)
    assert statuses(caller, 1) == ["Creating"]
    emulator.clock.advance(0.6)
    assert statuses(caller, 1) == ["Waiting"]
    emulator.clock.advance(0.5)
    assert statuses(caller, 1) == ["Running"]


@pytest.mark.parametrize(
    ("action", "method", "tail", "body", "passing", "final"),
    [
        ("StopService", "PUT", "/stop", None, "Stopping", "Stopped"),
        ("StartService", "PUT", "/start", None, "Starting", "Running"),
        ("RestartService", "PUT", "/restart", None, "Updating", "Running"),
        ("UpdateService", "PUT", "", {"metadata": {"instance": 3}}, "Scaling", "Running"),
        ("UpdateService", "PUT", "", {"metadata": {"cpu": 8}}, "Updating", "Running"),
        ("UpdateServiceVersion", "PUT", "/version", {"Version": 1}, "Updating", "Running"),
    ],
)
def test_passing_states(timed, config, action, method, tail, body, passing, final):
    emulator, caller = timed
    emulator.add_service("demo_service", config=config)
    assert "demo_service" in caller.service(action, method, "demo_service", tail, body=body)["Message"]
    assert statuses(caller, 1) == [passing]
    emulator.clock.advance(1)
    assert statuses(caller, 1) == [final]


def test_deleting(timed, config):
    emulator, caller = timed
    emulator.add_service("demo_service", config=config)
    caller.service("DeleteService", "DELETE", "demo_service")
    assert statuses(caller, 1) == ["Deleting"]
    emulator.clock.advance(1)
    answer = caller.send("DescribeService", path="/api/v2/services/cn-hangzhou/demo_service")
    assert (answer.status_code, answer.json()["Code"]) == (404, "InvalidService.NotFound")


def test_instances_follow_the_state(timed, config):
    """While it scales, the old instances go on; a stopped service has none."""
    emulator, caller = timed
    emulator.add_service("demo_service", config=config)
    caller.service("UpdateService", "PUT", "demo_service", body={"metadata": {"instance": 3}})
    counts = ("TotalInstance", "RunningInstance", "PendingInstance")
    described = caller.describe("demo_service")
    assert [described[count] for count in counts] == [3, 1, 2]
    emulator.clock.advance(1)
    described = caller.describe("demo_service")
    assert [described[count] for count in counts] == [3, 3, 0]
    caller.service("StopService", "PUT", "demo_service", "/stop")
    emulator.clock.advance(1)
    described = caller.describe("demo_service")
    assert [described[count] for count in counts] == [3, 0, 0]


@pytest.mark.parametrize(
    "image",
    ["vllm:0.14.0-gpu", "eas-registry-vpc.cn-beijing.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu"],
    ids=["bare name", "another region"],
)
def test_image_that_cannot_be_pulled(caller, config, image):
    """Such a service is created, fails, and its diagnosis says why."""
    config["containers"][0]["image"] = image
    assert caller.create(config).status_code == 200
    described = caller.describe("demo_service")
    assert (described["Status"], described["Reason"]) == ("Failed", "ImagePullBackOff")
    diagnosis = caller.service("DescribeServiceDiagnosis", "GET", "demo_service", "/diagnosis")
    assert diagnosis["DiagnosisList"][0]["Error"] == "ImagePullBackOff"
    assert image in diagnosis["DiagnosisList"][0]["Causes"][0]
    logs = caller.service("DescribeServiceLog", "GET", "demo_service", "/logs")["Logs"]
    assert any("Failed to pull image" in line for line in logs)


def test_lag(emulator, caller, config):
    """Answers can trail behind: first no service, then no labels."""
    emulator.lag.reads, emulator.lag.labels = 2, 1
    caller.create(config, {"Labels": '{"a":"b"}'})
    missing = [
        caller.send("DescribeService", path="/api/v2/services/cn-hangzhou/demo_service") for _ in range(2)
    ]
    assert [answer.status_code for answer in missing] == [404, 404]
    assert caller.describe("demo_service")["Labels"] == []
    assert caller.describe("demo_service")["Labels"] == [{"LabelKey": "a", "LabelValue": "b"}]


@pytest.mark.parametrize(
    ("lock", "stop", "start"), [("all", 403, 403), ("dangerous", 403, 200), ("none", 200, 200)]
)
def test_safety_lock(emulator, caller, config, lock, stop, start):
    emulator.add_service("demo_service", config=config)
    caller.service("UpdateServiceSafetyLock", "PUT", "demo_service", "/lock", body={"Lock": lock})
    assert caller.describe("demo_service")["SafetyLock"] == lock
    path = "/api/v2/services/cn-hangzhou/demo_service"
    assert caller.send("StartService", "PUT", f"{path}/start").status_code == start
    assert caller.send("StopService", "PUT", f"{path}/stop").status_code == stop
    assert caller.send("DeleteService", "DELETE", path).status_code == stop


def test_unknown_lock(emulator, caller, config):
    emulator.add_service("demo_service", config=config)
    path = "/api/v2/services/cn-hangzhou/demo_service/lock"
    answer = caller.send("UpdateServiceSafetyLock", "PUT", path, body={"Lock": "some"})
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")


def test_update_merges(caller, config):
    """Objects are merged, lists and values replaced; each update is a version."""
    caller.create(config)
    caller.service("UpdateService", "PUT", "demo_service", body={"metadata": {"instance": 2}, "storage": []})
    described = caller.describe("demo_service")
    now = json.loads(described["ServiceConfig"])
    assert now["metadata"] == {"name": "demo_service", "instance": 2}
    assert now["storage"] == []
    assert now["containers"] == config["containers"]
    assert (described["CurrentVersion"], described["LatestVersion"]) == (2, 2)


def test_update_replaces(caller, config):
    caller.create(config)
    del config["storage"]
    caller.service("UpdateService", "PUT", "demo_service", query={"UpdateType": "replace"}, body=config)
    assert json.loads(caller.describe("demo_service")["ServiceConfig"]) == config


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, {"metadata": {"name": "other_name"}}),
        ({}, {"containers": []}),
        ({"UpdateType": "patch"}, {}),
        ({"UpdateType": "replace"}, {"metadata": {"name": "demo_service"}}),
    ],
)
def test_update_refused(emulator, caller, config, query, body):
    caller.create(config)
    answer = caller.send("UpdateService", "PUT", "/api/v2/services/cn-hangzhou/demo_service", query, body)
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")
    assert emulator.services["demo_service"].config == config


def test_update_of_a_stopped_service(emulator, caller, config):
    """A stopped service takes a new config and stays stopped."""
    emulator.add_service("demo_service", config=config, status="Stopped")
    caller.service("UpdateService", "PUT", "demo_service", body={"metadata": {"instance": 2}})
    assert statuses(caller, 1) == ["Stopped"]


def test_versions(caller, config):
    """Versions are listed newest first, without numbers; an old one can be run again."""
    caller.create(config)
    caller.service("UpdateService", "PUT", "demo_service", body={"metadata": {"instance": 2}})
    listed = caller.service("ListServiceVersions", "GET", "demo_service", "/versions")
    instances = [
        json.loads(version["ServiceConfig"])["metadata"]["instance"] for version in listed["Versions"]
    ]
    assert (instances, listed["TotalCount"]) == ([2, 1], 2)
    caller.service("UpdateServiceVersion", "PUT", "demo_service", "/version", body={"Version": 1})
    described = caller.describe("demo_service")
    assert (described["TotalInstance"], described["CurrentVersion"], described["LatestVersion"]) == (1, 1, 2)


def test_version_that_no_longer_fits(emulator, caller, config):
    """A version whose network is gone cannot be run again, and nothing changes."""
    network = {"vpc_id": "vpc-xxx", "vswitch_id": "vsw-zone-a", "security_group_id": "sg-xxx"}
    caller.create({**config, "cloud": {**config["cloud"], "networking": network}})
    caller.service("UpdateService", "PUT", "demo_service", query={"UpdateType": "replace"}, body=config)
    emulator.clear("vpcs")
    path = "/api/v2/services/cn-hangzhou/demo_service/version"
    assert caller.send("UpdateServiceVersion", "PUT", path, body={"Version": 1}).status_code == 400
    described = caller.describe("demo_service")
    assert (described["CurrentVersion"], json.loads(described["ServiceConfig"])) == (2, config)


def test_unknown_version(caller, config):
    caller.create(config)
    path = "/api/v2/services/cn-hangzhou/demo_service/version"
    answer = caller.send("UpdateServiceVersion", "PUT", path, body={"Version": 9})
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")


def test_release(caller, config):
    caller.create(config)
    caller.service(
        "ReleaseService", "PUT", "demo_service", "/release", body={"TrafficState": "grouping", "Weight": 30}
    )
    described = caller.describe("demo_service")
    assert (described["TrafficState"], described["Weight"]) == ("grouping", 30)


def test_labels_of_a_service(caller, config):
    caller.create(config, {"Labels": '{"a":"1","b":"2","c":"3"}'})
    caller.service(
        "UpdateServiceLabel", "PUT", "demo_service", "/label", body={"Labels": {"a": "9", "d": "4"}}
    )
    caller.service("DeleteServiceLabel", "DELETE", "demo_service", "/label", {"Keys": "b"})
    caller.service("DeleteServiceLabel", "DELETE", "demo_service", "/label", {"Keys": '["c"]'})
    labels = {label["LabelKey"]: label["LabelValue"] for label in caller.describe("demo_service")["Labels"]}
    assert labels == {"a": "9", "d": "4"}


def test_autoscaler(caller, config):
    caller.create(config)
    path = "/api/v2/services/cn-hangzhou/demo_service/autoscaler"
    assert caller.send("DescribeServiceAutoScaler", path=path).status_code == 404
    scaler = {"min": 1, "max": 5, "scaleStrategies": [{"metricName": "qps", "threshold": 20}]}
    caller.service("CreateServiceAutoScaler", "POST", "demo_service", "/autoscaler", body=scaler)
    found = caller.service("DescribeServiceAutoScaler", "GET", "demo_service", "/autoscaler")
    assert (found["MinReplica"], found["MaxReplica"]) == (1, 5)
    assert found["ScaleStrategies"] == [{"metricName": "qps", "threshold": 20}]
    answer = caller.send("UpdateServiceAutoScaler", "PUT", path, body={"min": 5, "max": 1})
    assert answer.status_code == 400
    caller.service(
        "UpdateServiceAutoScaler",
        "PUT",
        "demo_service",
        "/autoscaler",
        body={"max": 7, "strategies": {"cpu": 50}},
    )
    found = caller.service("DescribeServiceAutoScaler", "GET", "demo_service", "/autoscaler")
    assert (found["MaxReplica"], found["ScaleStrategies"]) == (7, [{"metricName": "cpu", "threshold": 50}])
    caller.service("DeleteServiceAutoScaler", "DELETE", "demo_service", "/autoscaler")
    assert caller.send("DescribeServiceAutoScaler", path=path).status_code == 404
