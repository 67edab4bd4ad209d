"""Where a config may come from, and what is no JSON."""

import enum
import json

import pytest

from eas_deploy.config import ConfigError, ServiceConfig, lint

VALID = {
    "metadata": {"name": "demo"},
    "containers": [{"image": "registry.example.com/me/app:1", "port": 8000, "command": "python app.py"}],
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c8g1.2xlarge"}},
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "service.json"
    path.write_text(json.dumps(VALID))
    return path


def test_a_config_is_read_from_a_path_a_text_bytes_or_a_mapping(file):
    text = json.dumps(VALID)
    for source in (
        file,
        str(file),
        text,
        "\n  " + text,
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        VALID,
    ):
        assert ServiceConfig.load(source).to_wire() == VALID


def test_a_config_is_read_from_a_config():
    config = ServiceConfig.load(VALID)
    assert ServiceConfig.load(config) == config


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        ServiceConfig.load(tmp_path / "none.json")
    with pytest.raises(FileNotFoundError):
        lint("none.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n  'a': 1}", "line 2, column 3"),
        ('{"a": 1,}', "line 1"),
        ("", "line 1, column 1"),
        ("[]", "JSON object"),
        ('"x"', "JSON object"),
        (b"\xff", "UTF-8"),
        ('{"a": ' + "1" * 5000 + "}", "digits"),
        ("[" * 100_000, "deeply"),
    ],
)
def test_what_is_no_json_object_is_one_finding(text, message):
    (finding,) = lint(text)
    assert (finding.rule, finding.severity, finding.path) == ("json.invalid", "error", "")
    assert message in finding.message


@pytest.mark.parametrize("source", [None, 3, [VALID], object()])
def test_what_is_no_source_is_a_finding(source):
    assert {one.rule for one in lint(source)} <= {"json.invalid", "value.type"}
    assert lint(source)


@pytest.mark.parametrize(
    ("member", "path"),
    [
        ('"labels": {"a": 1, "b": {"c": 1, "c": 2}}', "labels.b.c"),
        ('"labels": {"a": [1, {"c": 1, "c": 1}]}', "labels.a[1].c"),
        ('"labels": {"a": NaN}', "labels.a"),
        ('"labels": {"a": [-Infinity]}', "labels.a[0]"),
        ('"labels": {"a": 1e999}', "labels.a"),
    ],
)
def test_what_a_parser_would_lose_is_found_with_its_path(member, path):
    text = json.dumps(VALID)[:-1] + ", " + member + "}"
    assert [(one.rule, one.path) for one in lint(text)] == [("json.invalid", path)]
    with pytest.raises(ConfigError):
        ServiceConfig.load(text)


def test_other_findings_come_with_a_duplicate_key():
    text = '{"name": "a-b", "name": "a-b", "containers": []}'
    assert {"json.invalid", "name.format", "containers.required"} <= {one.rule for one in lint(text)}


@pytest.mark.parametrize(
    ("value", "rule", "path"),
    [
        (float("nan"), "json.invalid", "labels.a"),
        ({1: 2}, "json.invalid", "labels.a"),
        ({1, 2}, "value.type", "labels.a"),
        ([b"x"], "value.type", "labels.a[0]"),
    ],
)
def test_python_values_that_json_does_not_have_are_found(value, rule, path):
    assert [(one.rule, one.path) for one in lint({**VALID, "labels": {"a": value}})] == [(rule, path)]


def test_a_mapping_that_contains_itself_is_a_finding():
    document = dict(VALID)
    document["labels"] = document
    assert [one.rule for one in lint(document)] == ["json.invalid"]


def test_tuples_and_enum_members_are_read_by_value():
    class Name(str, enum.Enum):
        DEMO = "demo"

    class Size(enum.IntEnum):
        TWO = 2

    document = {
        **VALID,
        "metadata": {"name": Name.DEMO, "instance": Size.TWO},
        "containers": tuple(VALID["containers"]),
        "labels": {"share": 0.5},
    }
    wire = ServiceConfig.load(document).to_wire()
    assert json.dumps(wire["metadata"]) == '{"name": "demo", "instance": 2}'
    assert wire["containers"] == VALID["containers"]
