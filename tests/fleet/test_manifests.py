"""A fleet can be given as a folder of service.json files or as a manifest."""

import json
import sys
from pathlib import Path

import pytest

from eas_deploy.errors import ConfigError

PATTERNS = sorted((Path(__file__).parents[2] / "examples" / "patterns").glob("*.json"))


@pytest.fixture
def config():
    return json.loads(PATTERNS[0].read_text())


def service(config, name):
    return {**config, "metadata": {**config["metadata"], "name": name}}


def test_a_folder(fleets, tmp_path, config):
    """Every *.json below it, in the order of the paths."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "service.json").write_text(json.dumps(service(config, "second")))
    (tmp_path / "a.json").write_text(json.dumps(service(config, "first")))
    (tmp_path / "notes.txt").write_text("not a service")

    report = fleets.deploy(tmp_path)

    assert [(one.name, one.ok) for one in report] == [("first", True), ("second", True)]


def test_an_empty_folder_is_refused(fleets, tmp_path):
    with pytest.raises(ConfigError, match="holds no"):
        fleets.deploy(str(tmp_path))


MANIFEST = """
services:
  - service.json
  - pattern: VllmOss
    name: from_pattern
    image: vllm:0.14.0-gpu
    model: oss://my-bucket/qwen/
    instance_type: ecs.gn7i-c16g1.4xlarge
  - {pattern: 1, name: by_number, image: "vllm:0.14.0-gpu", model: "oss://my-bucket/m/", instance_type: ecs.gn7i-c16g1.4xlarge}
  - {pattern: Nonsense, name: unknown_pattern}
  - {pattern: VllmOss, name: "Bad Name"}
  - 42
"""


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_manifest(fleets, tmp_path, config, suffix):
    """Entries are paths beside it, patterns, or service JSON; a wrong entry is that entry's error."""
    yaml = pytest.importorskip("yaml")
    (tmp_path / "service.json").write_text(json.dumps(service(config, "from_file")))
    manifest = tmp_path / f"fleet{suffix}"
    manifest.write_text(MANIFEST if suffix == ".yaml" else json.dumps(yaml.safe_load(MANIFEST)["services"]))

    report = fleets.deploy(str(manifest))

    assert [one.ok for one in report] == [True, True, True, False, False, False], report.summary()
    assert [one.name for one in report[:5]] == [
        "from_file",
        "from_pattern",
        "by_number",
        "unknown_pattern",
        "Bad Name",
    ]
    assert "Nonsense" in str(report[3].error)
    assert all(isinstance(one.error, ConfigError) for one in report.failed)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("fleet.json", "[", "fleet.json: Not valid JSON"),
        ("fleet.json", "[" * 100_000, "nested too deeply"),
        ("fleet.json", b'["\xff"]', "not UTF-8"),
        ("fleet.json", '{"other": []}', "no manifest"),
        ("fleet.json", '{"metadata": {}}', "one service, not a manifest .use deploy"),
        ("fleet.json", '{"pattern": 1}', "put it in a list"),
        ("fleet.yaml", "a: [secret-canary", "no YAML in line 1"),
        ("fleet.yaml", "[" * 100_000, "nested too deeply"),
        ("fleet.yaml", b"- \xff", "no YAML"),
        ("fleet.yaml", "- 2024-99-99", "no YAML"),
        ("fleet.yaml", "", "no manifest"),
    ],
)
def test_what_is_no_manifest_is_refused(fleets, tmp_path, name, text, told):
    pytest.importorskip("yaml")
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(ConfigError, match=told) as caught:
        fleets.deploy(tmp_path / name)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "paths"),
    [
        ("fleet.json", '[{"pattern": 1, "env": {"A": "1", "A": "2"}}]', ["[0].env.A"]),
        ("fleet.json", '{"services": [], "services": []}', ["services"]),
        ("fleet.json", '{"services": [], "defaults": {}, "version": 1}', ["defaults", "version"]),
        ("fleet.yaml", "- {pattern: 1, env: {A: '1', A: '2'}}", ["[0].env.A"]),
        ("fleet.yaml", "- &one {name: a}\n- {self: *one, name: b, name: c}", ["[1].name"]),
        ("fleet.yaml", "services: []\nreplicas: 4", ["replicas"]),
    ],
)
def test_nothing_is_lost_without_a_word(fleets, tmp_path, name, text, paths):
    """A key that is given twice, or that means nothing, is refused with its place and what to do."""
    pytest.importorskip("yaml")
    (tmp_path / name).write_text(text)

    with pytest.raises(ConfigError) as caught:
        fleets.deploy(tmp_path / name)

    assert [finding.path for finding in caught.value.findings] == paths
    assert all(name in finding.message and finding.hint for finding in caught.value.findings)


def test_yaml_may_merge_and_override(fleets, tmp_path):
    """A key beside ``<<`` is no repeated one."""
    pytest.importorskip("yaml")
    (tmp_path / "fleet.yaml").write_text(
        "- &first {pattern: 1, name: first, image: 'vllm:0.14.0-gpu', model: 'oss://my-bucket/qwen/',"
        " instance_type: ecs.gn7i-c16g1.4xlarge}\n- {<<: *first, name: second}"
    )

    assert [one.name for one in fleets.deploy(tmp_path / "fleet.yaml").deployments] == ["first", "second"]


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("fleet.json", '{"pattern": ["x"]}'),
        ("fleet.json", '{"pattern": {}}'),
        ("fleet.json", '{"pattern": true}'),
        ("fleet.yaml", "{pattern: 1, 1: x}"),
        ("fleet.yaml", "&one {pattern: 1, env: *one}"),
    ],
)
def test_a_bad_entry_is_its_own_error(fleets, tmp_path, config, name, entry):
    pytest.importorskip("yaml")
    (tmp_path / name).write_text(f"[{entry}, {json.dumps(service(config, 'good'))}]")

    report = fleets.deploy(tmp_path / name)

    assert [type(one.error) for one in report] == [ConfigError, type(None)], report.summary()


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_byte_order_mark(fleets, tmp_path, config, suffix):
    pytest.importorskip("yaml")
    (tmp_path / f"fleet{suffix}").write_text(json.dumps([service(config, "good")]), "utf-8-sig")

    assert fleets.deploy(tmp_path / f"fleet{suffix}").ok


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("nowhere.yaml", "nowhere.yaml cannot be read: No such file"),
        ('[{"token": "canary"}]', "a text, not a path"),
        (None, "a NoneType holds no requests"),
    ],
)
def test_what_is_no_path_is_refused(fleets, given, told):
    with pytest.raises(ConfigError, match=told) as caught:
        fleets.deploy(given)
    assert "canary" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(fleets):
    """In the outcome too, when it is one of several requests."""
    (outcome,) = fleets.deploy(["nowhere.json"])

    assert outcome.name == "nowhere.json"
    assert "nowhere.json" in str(outcome.error)


def test_yaml_needs_pyyaml(fleets, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "fleet.yaml").write_text("[]")

    with pytest.raises(ConfigError, match=r"eas-deploy\[yaml\]"):
        fleets.deploy(tmp_path / "fleet.yaml")
