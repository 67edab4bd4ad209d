"""Service JSONs that people deploy, broken at random: ConfigError, or the very same JSON again."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import mutated

from eas_deploy import ServiceConfig
from eas_deploy.config import lint
from eas_deploy.errors import ConfigError

ROOT = Path(__file__).parents[2]
REAL = [
    json.loads(path.read_text(encoding="utf-8"))
    for folder in (ROOT / "tests" / "data" / "real", ROOT / "examples" / "patterns")
    for path in sorted(folder.glob("[0-9]*.json"))
]
ROUTES = {
    "load": ServiceConfig.load,
    "load text": lambda wire: ServiceConfig.load(json.dumps(wire)),
    "keywords": lambda wire: ServiceConfig(**wire),
    "model_validate": ServiceConfig.model_validate,
    "model_validate_json": lambda wire: ServiceConfig.model_validate_json(json.dumps(wire)),
}
BOUNDED = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def test_there_is_something_to_break():
    assert len(REAL) == 30


@pytest.mark.parametrize("route", ROUTES)
@BOUNDED
@given(wire=st.sampled_from(REAL).flatmap(mutated))
def test_only_config_errors_come_out(route, wire):
    """By whatever route; what is valid round-trips unchanged, and what is refused is refused by lint too."""
    config, refusal = loaded(route, wire)
    if refusal is not None:
        assert refusal.errors
        assert lint(json.dumps(wire)).errors
        return
    assert config.to_wire() == wire
    assert json.loads(config.to_json()) == wire
    assert ServiceConfig.load(config.to_json()) == config
    repr(config), str(config), config._repr_html_(), config.check()


def loaded(route, wire):
    """The config, or what is wrong with it."""
    try:
        return ROUTES[route](wire), None
    except ConfigError as error:
        repr(error)
        return None, error.findings
