"""A valid service JSON comes out of a config as it went in."""

import json
from pathlib import Path

import pytest

from eas_deploy.config import Metadata, ServiceConfig, lint

ROOT = Path(__file__).parents[2]
PATTERNS = sorted((ROOT / "examples" / "patterns").glob("*.json"))
REAL = ROOT / "tests" / "data" / "real"
EXPECTED = json.loads((REAL / "expected.json").read_text())
VALID_REAL = [REAL / name for name, expected in EXPECTED.items() if not expected["errors"]]

MINIMAL = {
    "metadata": {"name": "demo"},
    "containers": [{"image": "registry.example.com/me/app:1", "port": 8000, "command": "python app.py"}],
    "cloud": {"computing": {"instance_type": "ecs.c7.xlarge"}},
}


def _text(value):
    """JSON text, which also tells apart the order of keys, 1 and 1.0, and 1 and true."""
    return json.dumps(value)


def with_metadata(**values):
    return {**MINIMAL, "metadata": {"name": "demo", **values}}


@pytest.mark.parametrize("path", [*PATTERNS, *VALID_REAL], ids=lambda path: path.stem)
def test_files_come_out_as_they_went_in(path):
    assert _text(ServiceConfig.load(path).to_wire()) == _text(json.loads(path.read_text()))


def test_there_are_eight_patterns_and_twenty_two_real_files():
    assert len(PATTERNS) == 8
    assert len(EXPECTED) == 22


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_patterns_give_no_finding(path):
    assert lint(path) == []


@pytest.mark.parametrize("name", EXPECTED)
def test_real_files_give_the_findings_that_they_must(name):
    findings = lint(REAL / name)
    assert sorted({one.rule for one in findings.errors}) == EXPECTED[name]["errors"]
    assert set(EXPECTED[name]["also"]) <= {one.rule for one in findings if one.severity != "error"}


@pytest.mark.parametrize(
    "document",
    [
        {"name": "demo", **MINIMAL},
        {**MINIMAL, "metadata": {}, "name": "demo"},
        {key: value for key, value in MINIMAL.items() if key != "metadata"} | {"name": "demo"},
        with_metadata(enable_webservice="true"),
        with_metadata(enable_webservice=True),
        with_metadata(**{"rpc.worker_threads": 2, "rpc.keepalive": 5, "eas.termination_grace_period": 30}),
        with_metadata(rpc={"worker_threads": 2, "keepalive": 5}, eas={"termination_grace_period": 30}),
        with_metadata(**{"rolling_strategy.max_surge": "20%", "scheduling.spread.policy": "host"}),
        with_metadata(rolling_strategy={"max_surge": 1}, scheduling={"spread": {"policy": "zone"}}),
        with_metadata(disk="30Gi", shm_size=1, qos="", cpu=None),
        {**MINIMAL, "cloud": {"computing": {"instances": None, "instance_type": "ecs.c7.xlarge"}}},
        {**MINIMAL, "cloud": {"computing": {"instances": [{"type": "a", "spot_price_limit": 1.0}]}}},
        {**MINIMAL, "cloud": {"computing": {"instances": [{"type": "a", "spot_price_limit": 1}]}}},
        {**MINIMAL, "autoscaler": {"strategies": {"qps": 10}}},
        {**MINIMAL, "autoscaler": {"max": 3, "scaleStrategies": [{"metricName": "qps", "threshold": 2.5}]}},
        {**MINIMAL, "features": {"a.b/c": {"d": [1, 1.0, None, True]}}, "labels": {}, "storage": []},
        {**MINIMAL, "rpc": {"keepalive": 1}, "eas": {}, "token": "t", "unit": {"size": 2}, "queue": {}},
        {**MINIMAL, "networking": {}, "runtime": {"enable_crash_block": True}, "meta": 3},
        {
            **MINIMAL,
            "cloud": {
                **MINIMAL["cloud"],
                "networking": {"vpc_id": "vpc-1", "vswitch_id": "vsw-a,vsw-b", "security_group_id": "sg-1"},
            },
            "networking": {
                "nlb": [
                    {"id": "default", "listener_port": 8000, "net_type": "intranet"},
                    {"id": "default", "listener_port": 8001, "netType": "internet"},
                ]
            },
        },
    ],
    ids=lambda document: _text(document)[-60:],
)
def test_official_spellings_are_kept_as_written(document):
    assert _text(ServiceConfig.load(document).to_wire()) == _text(document)
    assert _text(json.loads(ServiceConfig.load(_text(document)).to_json())) == _text(document)


def test_both_spellings_of_the_net_type_are_one_attribute():
    listeners = [
        {"id": "nlb-1", "listener_port": 8000, "net_type": "intranet"},
        {"id": "nlb-1", "listener_port": 8001, "netType": "internet"},
    ]
    network = {"vpc_id": "vpc-1", "vswitch_id": "vsw-a,vsw-b", "security_group_id": "sg-1"}
    config = ServiceConfig.load(
        {**MINIMAL, "cloud": {**MINIMAL["cloud"], "networking": network}, "networking": {"nlb": listeners}}
    )
    assert config.networking is not None
    assert [one.net_type for one in config.networking.nlb] == ["intranet", "internet"]


def test_a_part_taken_out_writes_its_own_keys_and_nulls():
    cloud = {"computing": {"instances": None, "instance_type": "ecs.c7.xlarge"}}
    config = ServiceConfig.load({**MINIMAL, "cloud": cloud})
    assert config.cloud is not None
    assert config.cloud.to_wire() == cloud


def test_changing_what_was_written_out_or_passed_in_changes_nothing():
    document = json.loads(_text({**MINIMAL, "labels": {"a": [1]}}))
    config = ServiceConfig.load(document)
    document["labels"]["a"].append(2)
    config.to_wire()["labels"]["a"].append(3)
    assert config.to_wire() == {**MINIMAL, "labels": {"a": [1]}}


def test_attributes_cannot_be_changed():
    config = ServiceConfig.load({**MINIMAL, "labels": {"a": [1]}})
    assert isinstance(config.containers, tuple)
    with pytest.raises(TypeError):
        config.labels["a"] = 2
    with pytest.raises(ValueError, match="frozen"):
        config.metadata = Metadata(name="other")


def test_absent_keys_read_as_none_or_empty():
    config = ServiceConfig.load({"name": "demo", **{key: MINIMAL[key] for key in ("containers", "cloud")}})
    assert config.metadata.name is None
    assert config.metadata.instance is None
    assert config.storage == ()
    assert config.autoscaler is None
