"""What a value may be, where its type alone does not say it."""

import pytest

from eas_deploy.config import ServiceConfig, lint

VALID = {
    "metadata": {"name": "demo"},
    "containers": [{"image": "registry.example.com/me/app:1", "port": 8000, "command": "python app.py"}],
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c8g1.2xlarge"}},
}


def _surge(value):
    return {**VALID, "metadata": {"name": "demo", "rolling_strategy": {"max_surge": value}}}


@pytest.mark.parametrize("value", [0, 2, "0%", "20%"])
def test_a_number_or_a_percentage(value):
    assert lint(_surge(value)) == []


@pytest.mark.parametrize(
    ("value", "rule"),
    [("20", "value.type"), ("many", "value.type"), (-1, "value.range"), (1.5, "value.type")],
)
def test_neither_a_number_nor_a_percentage(value, rule):
    (finding,) = lint(_surge(value))
    assert (finding.rule, finding.path) == (rule, "metadata.rolling_strategy.max_surge")


def test_the_capacity_of_an_instance_type_is_a_number_or_a_percentage():
    computing = {"instances": [{"type": "ecs.gn7i-c8g1.2xlarge", "capacity": "half"}]}
    (finding,) = lint({**VALID, "cloud": {"computing": computing}})
    assert finding.path == "cloud.computing.instances[0].capacity"


def test_null_for_a_required_key_is_one_finding():
    container = {**VALID["containers"][0], "image": None}
    assert [one.rule for one in lint({**VALID, "containers": [container]})] == ["image.required"]


@pytest.mark.parametrize("half", [{"a": "\ud800"}, {"\ud800": 1}, {"a": [{"b": "\ud800"}]}])
def test_half_a_character_is_found_in_open_maps_too(half):
    """No request can carry it."""
    (finding,) = lint({**VALID, "features": half})
    assert (finding.rule, finding.path) == ("value.type", "features")


def test_other_alphabets_are_welcome_in_open_maps():
    assert ServiceConfig.load({**VALID, "labels": {"部门": "研究"}}).labels == {"部门": "研究"}


def test_an_impossible_probe_port_is_one_finding():
    container = {**VALID["containers"][0], "startup_check": {"tcp_socket": {"port": 0}}}
    assert [one.rule for one in lint({**VALID, "containers": [container]})] == ["port.range"]
