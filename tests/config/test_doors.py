"""Nothing invalid comes into being, whichever way pydantic is asked."""

import json

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from eas_deploy.config import (
    Autoscaler,
    Computing,
    ConfigError,
    Container,
    EnvVar,
    GitMount,
    Metadata,
    NlbListener,
    OssMount,
    Probe,
    ScaleStrategy,
    ServiceConfig,
    Storage,
)

VALID = {
    "metadata": {"name": "demo", "instance": 1},
    "containers": [{"image": "registry.example.com/me/app:1", "port": 8000, "command": "python app.py"}],
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c8g1.2xlarge"}},
}
INVALID = {**VALID, "metadata": {"name": "a-b", "instance": "1", "nmae": "x"}}
FINDINGS = {
    ("name.format", "metadata.name"),
    ("value.type", "metadata.instance"),
    ("key.unknown", "metadata.nmae"),
}

ROUTES = {
    "init": lambda document: ServiceConfig(**document),
    "model_validate": ServiceConfig.model_validate,
    "model_validate_json": lambda document: ServiceConfig.model_validate_json(json.dumps(document)),
    "model_construct": lambda document: ServiceConfig.model_construct(**document),
    "type_adapter": TypeAdapter(ServiceConfig).validate_python,
    "type_adapter_json": lambda document: TypeAdapter(ServiceConfig).validate_json(json.dumps(document)),
    "load_dict": ServiceConfig.load,
    "load_text": lambda document: ServiceConfig.load(json.dumps(document)),
    "load_bytes": lambda document: ServiceConfig.load(json.dumps(document).encode()),
    "model_copy": lambda document: ServiceConfig.load(VALID).model_copy(update=document),
}


class Holder(BaseModel):
    config: ServiceConfig
    probe: Probe | None = None


@pytest.mark.parametrize("route", ROUTES)
def test_an_invalid_config_is_refused_with_all_its_findings(route):
    with pytest.raises(ConfigError) as caught:
        ROUTES[route](INVALID)
    assert {(one.rule, one.path) for one in caught.value.findings} == FINDINGS


@pytest.mark.parametrize("route", ROUTES)
def test_a_valid_config_comes_in(route):
    assert ROUTES[route](VALID).to_wire() == VALID


def test_strings_are_never_read_as_numbers():
    with pytest.raises(ConfigError):
        ServiceConfig.model_validate_strings({**VALID, "metadata": {"name": "demo", "instance": "1"}})


def test_a_rebuilt_class_still_refuses_with_config_error():
    Metadata.model_rebuild(force=True)
    ServiceConfig.model_rebuild(force=True)
    with pytest.raises(ConfigError):
        ServiceConfig.model_validate(INVALID)


def test_a_subclass_refuses_with_config_error():
    class Mine(ServiceConfig):
        pass

    with pytest.raises(ConfigError):
        Mine.load(INVALID)
    assert type(Mine.load(VALID)) is Mine


@pytest.mark.parametrize("document", [INVALID, {**VALID, "autoscaler": {"scale_strategies": []}}, 3])
def test_inside_another_model_its_validation_error_says_the_same(document):
    with pytest.raises(ValidationError):
        Holder(config=document)
    with pytest.raises(ValidationError):
        Holder.model_validate_json(json.dumps({"config": document}))
    with pytest.raises(ValidationError):
        TypeAdapter(list[ServiceConfig]).validate_python([document])


def test_inside_another_model_a_config_is_itself():
    config = ServiceConfig.load(VALID)
    holder = Holder(config=config, probe=Probe(tcp_socket={"port": 1}))
    assert holder.config is config
    assert Holder(config=VALID).config == config
    assert holder.model_dump() == {"config": VALID, "probe": {"tcp_socket": {"port": 1}}}


def test_validating_a_config_gives_itself():
    config = ServiceConfig.load(VALID)
    assert ServiceConfig.model_validate(config) is config


@pytest.mark.parametrize(
    ("make", "rule", "path"),
    [
        (lambda: Autoscaler(min=4, max=1), "autoscaler.bounds", "max"),
        (lambda: Autoscaler(min="1"), "value.type", "min"),
        (lambda: Autoscaler(mni=1), "key.unknown", "mni"),
        (Probe, "probe.kind", ""),
        (lambda: Probe(tcp_socket={"port": 0}), "port.range", "tcp_socket.port"),
        (lambda: Metadata(name="a-b"), "name.format", "name"),
        (lambda: Metadata(resource="x"), "resource.id", "resource"),
        (lambda: Container(port=8080, image="a:1"), "port.reserved", "port"),
        (Container, "image.required", "image"),
        (
            lambda: Storage(mount_path="/etc", oss=OssMount(path="oss://abc/")),
            "storage.mount_reserved",
            "mount_path",
        ),
        (lambda: Storage(mount_path="/a"), "storage.kind", ""),
        (lambda: OssMount(path="abc"), "storage.oss_path", "path"),
        (lambda: GitMount(repo="http://x"), "storage.git_https", "repo"),
        (Computing, "computing.empty", ""),
        (lambda: NlbListener(id="default", listener_port=8000), "nlb.net_type", "netType"),
        (lambda: EnvVar(value="x"), "value.required", "name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invalid_part_is_refused_by_itself(make, rule, path):
    with pytest.raises(ConfigError) as caught:
        make()
    assert [(one.rule, one.path) for one in caught.value.findings] == [(rule, path)]


def test_a_part_that_needs_another_one_is_no_error_by_itself():
    assert Metadata(instance=1).name is None
    assert NlbListener(id="default", listener_port=8000, net_type="intranet").net_type == "intranet"


def test_parts_take_attribute_names_and_wire_names():
    strategy = ScaleStrategy(metric_name="qps", threshold=20)
    assert ScaleStrategy(metricName="qps", threshold=20) == strategy
    assert Autoscaler(min=1, max=4, scale_strategies=[strategy]).to_wire() == {
        "min": 1,
        "max": 4,
        "scaleStrategies": [{"metricName": "qps", "threshold": 20}],
    }


def test_json_takes_wire_names_only():
    with pytest.raises(ConfigError) as caught:
        Autoscaler.model_validate({"scale_strategies": []})
    (finding,) = caught.value.findings.errors
    assert (finding.rule, finding.hint) == ("key.unknown", "did you mean scaleStrategies?")


def test_a_key_under_both_its_names_is_refused():
    with pytest.raises(TypeError, match="two values for scaleStrategies"):
        Autoscaler(scale_strategies=[], scaleStrategies=[])
