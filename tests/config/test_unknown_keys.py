"""Keys that the library does not know."""

import pytest

from eas_deploy.config import ConfigError, Metadata, ServiceConfig, lint

VALID = {
    "metadata": {"name": "demo"},
    "containers": [{"image": "registry.example.com/me/app:1", "port": 8000, "command": "python app.py"}],
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c8g1.2xlarge"}},
}
NEWER = {
    "brand_new": {"a": 1},
    **VALID,
    "metadata": {"brand_new": 1, "name": "demo"},
    "containers": [{**VALID["containers"][0], "brand_new": None}],
}


@pytest.mark.parametrize(
    ("place", "key", "meant"),
    [
        (("cloud", "computing"), "instanceType", "instance_type"),
        (("autoscaler", "scaleStrategies", 0), "metric_name", "metricName"),
        (("autoscaler",), "min_replica", "min"),
        (("autoscaler",), "scale_strategies", "scaleStrategies"),
        (("storage", 0, "oss"), "read_only", "readOnly"),
        (("storage", 0, "dataset"), "readOnly", "read_only"),
        (("storage", 0), "mountPath", "mount_path"),
        (("metadata",), "replicas", "instance"),
        (("metadata",), "workspaceid", "workspace_id"),
        (("metadata",), "memmory", "memory"),
        (("containers", 0), "prot", "port"),
        (("containers", 0), "livenessProbe", "liveness_check"),
        ((), "container", "containers"),
    ],
)
def test_a_typo_is_an_error_with_what_was_meant(place, key, meant):
    value = {key: 1}
    for step in reversed(place):
        value = {step: value} if isinstance(step, str) else [value]
    (finding,) = [one for one in lint(value) if one.rule == "key.unknown"]
    assert finding.path.endswith(key)
    assert finding.hint == f"did you mean {meant}?"


def test_a_key_of_another_place_is_told_its_place():
    findings = lint({**VALID, "metadata": {"name": "demo", "vswitch_id": "vsw-1"}})
    assert [one.hint for one in findings] == ["vswitch_id is a key of cloud.networking"]


def test_both_spellings_of_a_key_in_one_object_are_an_error():
    listener = {"id": "nlb-1", "listener_port": 1, "net_type": "intranet", "netType": "intranet"}
    findings = lint({**VALID, "networking": {"nlb": [listener]}})
    assert ("key.unknown", "networking.nlb[0].net_type") in [(one.rule, one.path) for one in findings]


def test_the_switch_lets_unknown_keys_through_unchanged():
    config = ServiceConfig.load(NEWER, unknown_keys="keep")
    assert list(config.to_wire()) == list(NEWER)
    assert config.to_wire() == NEWER
    assert config.metadata.to_wire() == NEWER["metadata"]
    assert lint(NEWER, unknown_keys="keep") == []


def test_without_the_switch_they_are_errors():
    with pytest.raises(ConfigError) as caught:
        ServiceConfig.load(NEWER)
    assert {one.path for one in caught.value.findings} == {
        "brand_new",
        "metadata.brand_new",
        "containers[0].brand_new",
    }


def test_changes_to_a_config_with_unknown_keys_keep_them():
    config = ServiceConfig.load(NEWER, unknown_keys="keep")
    metadata = config.metadata.model_copy(update={"instance": 2})
    assert config.model_copy(update={"metadata": metadata}).to_wire() == {
        **NEWER,
        "metadata": {"brand_new": 1, "name": "demo", "instance": 2},
    }


def test_the_switch_does_not_let_rejected_keys_through():
    with pytest.raises(ConfigError) as caught:
        ServiceConfig.load({**NEWER, "processor": "pmml"}, unknown_keys="keep")
    assert [one.rule for one in caught.value.findings] == ["key.forbidden"]


def test_the_switch_lets_no_other_error_through():
    with pytest.raises(ConfigError) as caught:
        ServiceConfig.load({**NEWER, "metadata": {"name": "demo", "instance": "1"}}, unknown_keys="keep")
    assert [one.rule for one in caught.value.findings] == ["value.type"]


def test_a_config_without_the_switch_refuses_a_part_with_unknown_keys():
    metadata = ServiceConfig.load(NEWER, unknown_keys="keep").metadata
    with pytest.raises(ConfigError):
        ServiceConfig.load(VALID).model_copy(update={"metadata": metadata})
    with pytest.raises(ConfigError):
        Metadata(name="demo", brand_new=1)


def test_a_misspelt_required_key_is_not_missing_as_well():
    strategy = {"metric_name": "qps", "threshold": 10}
    findings = lint({**VALID, "autoscaler": {"min": 1, "max": 2, "scaleStrategies": [strategy]}})
    assert [one.rule for one in findings.errors] == ["key.unknown"]


def test_a_near_key_of_another_place_is_told_its_place():
    findings = lint({**VALID, "instanceType": "ecs.gn7i-c8g1.2xlarge"})
    assert [one.hint for one in findings] == ["instance_type is a key of cloud.computing"]


def test_an_unknown_key_given_twice_is_unknown_and_given_twice():
    findings = lint('{"brand_new": 1, "brand_new": 2}')
    assert {"json.invalid", "key.unknown"} <= {one.rule for one in findings if one.path == "brand_new"}
