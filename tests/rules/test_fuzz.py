"""Whatever a document holds, linting it gives findings and never an exception."""

import copy

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rule_cases import VALID

from eas_deploy.config import ConfigError, ServiceConfig, lint
from eas_deploy.rules import CATALOG, check_region

WORDS = ["", "default", "oss://b", "/m", "a b", "vllm serve 'x", "nlb-1", "ecs.c7.large", "\ud800", "TOKEN"]
scalars = st.none() | st.booleans() | st.integers(-1, 70000) | st.floats() | st.sampled_from(WORDS)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "name", "path", "id"]), inner)
    ),
    max_leaves=4,
)


def _spots(value, steps=()):
    yield steps
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, one in members:
        yield from _spots(one, (*steps, step))


RICH = {
    **VALID,
    "networking": {"gateway": "gw-1", "nlb": [{"id": "default", "listener_port": 80, "netType": "intranet"}]},
    "name": "qwen_demo",
    "dockerAuth": "x",
    "storage": [
        *VALID["storage"],
        {"mount_path": "/code", "git": {"repo": "https://x/y", "password": "p"}, "properties": {"a": [1]}},
    ],
}
RICH["containers"] = [
    {**VALID["containers"][0], "env": [{"name": "A", "value": "b"}], "args": ["--port", "1"]}
]
SPOTS = list(_spots(RICH))


@st.composite
def mutated(draw):
    document = copy.deepcopy(RICH)
    for steps in draw(st.lists(st.sampled_from(SPOTS), min_size=1, max_size=4)):
        value = draw(values)
        if not steps:
            return value
        holder = document
        try:
            for step in steps[:-1]:
                holder = holder[step]
            holder[steps[-1]] = value
        except (TypeError, KeyError, IndexError):
            continue
    return document


def _loaded(document):
    try:
        return ServiceConfig.load(document), None
    except ConfigError as error:
        return None, error.findings


IDS = {info.id for info in CATALOG}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_linting_never_raises_and_loading_agrees_with_it(document):
    assume(not isinstance(document, str))  # a path, or a text of its own
    findings = lint(document)
    assert {one.rule for one in findings} <= IDS
    config, refusal = _loaded(document)
    if config is None:
        assert refusal == findings
        assert findings.errors
    else:
        assert not findings.errors
        assert config.check() == findings
        assert config.to_wire() == document
    if isinstance(document, dict):
        check_region(document, "cn-hangzhou")


@settings(max_examples=100, deadline=None)
@given(st.text() | st.binary())
def test_any_text_gives_findings_or_is_a_path(text):
    try:
        lint(text)
    except OSError:
        assert isinstance(text, str)
