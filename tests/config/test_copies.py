"""Copies, pickles and comparisons of configs."""

import copy
import pickle

import pytest

from eas_deploy.config import Autoscaler, ConfigError, EnvVar, Metadata, NlbListener, ServiceConfig

VALID = {
    "containers": [{"command": "python app.py", "image": "registry.example.com/me/app:1", "port": 8000}],
    "metadata": {"instance": 1, "name": "demo"},
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c8g1.2xlarge"}},
}


def test_a_copy_with_changes_keeps_everything_else_where_it_was():
    changed = ServiceConfig.load(VALID).model_copy(update={"metadata": Metadata(name="other")})
    assert list(changed.to_wire()) == list(VALID)
    assert changed.to_wire() == {**VALID, "metadata": {"name": "other"}}


def test_a_copy_takes_attribute_names():
    config = ServiceConfig.load(VALID).model_copy(update={"docker_auth": "x"})
    assert config.to_wire()["dockerAuth"] == "x"


def test_a_copy_keeps_the_spelling_of_a_key():
    listener = NlbListener.model_validate({"id": "nlb-1", "listener_port": 1, "net_type": "intranet"})
    assert listener.model_copy(update={"net_type": "internet"}).to_wire() == {
        "id": "nlb-1",
        "listener_port": 1,
        "net_type": "internet",
    }


def test_a_copy_with_invalid_changes_is_refused():
    with pytest.raises(ConfigError):
        Autoscaler(min=1, max=4).model_copy(update={"max": 1})
    with pytest.raises(ConfigError):
        ServiceConfig.load(VALID).model_copy(update={"autoscaler": {"min": "1"}})


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda config: pickle.loads(pickle.dumps(config))]
)
def test_copies_and_pickles_are_equal_and_complete(again):
    config = ServiceConfig.load({**VALID, "labels": {"a": [1]}, "token": "secret"})
    twin = again(config)
    assert twin == config
    assert twin.to_json() == config.to_json()
    assert twin.check() == config.check()


def test_a_pickle_keeps_unknown_keys():
    config = ServiceConfig.load({**VALID, "new": 1}, unknown_keys="keep")
    assert pickle.loads(pickle.dumps(config)).to_wire() == config.to_wire()


def test_configs_compare_by_content():
    config = ServiceConfig.load(VALID)
    assert config == ServiceConfig.load(dict(reversed(VALID.items())))
    assert hash(config) == hash(ServiceConfig.load(dict(reversed(VALID.items()))))
    assert config != ServiceConfig.load({**VALID, "labels": {}})
    assert config != VALID
    assert EnvVar(name="A", value=None) != EnvVar(name="A")


def test_dumping_gives_the_wire_form():
    config = ServiceConfig.load(VALID)
    assert config.model_dump() == VALID
    assert ServiceConfig.model_validate_json(config.model_dump_json()) == config


def test_a_copy_by_pydantics_older_name_is_refused_too():
    with pytest.raises(ConfigError):
        ServiceConfig.load(VALID).copy(update={"containers": []})
    with pytest.raises(ConfigError):
        Autoscaler(min=1, max=4).copy(update={"max": 1})
