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
        ("fleet.json", "[", "no JSON"),
        ("fleet.json", '{"other": []}', "no manifest"),
        ("fleet.yaml", "a: [secret-canary", "no YAML"),
    ],
)
def test_what_is_no_manifest_is_refused(fleets, tmp_path, name, text, told):
    pytest.importorskip("yaml")
    (tmp_path / name).write_text(text)

    with pytest.raises(ConfigError, match=told) as caught:
        fleets.deploy(tmp_path / name)
    assert "canary" not in str(caught.value)


def test_yaml_needs_pyyaml(fleets, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "fleet.yaml").write_text("[]")

    with pytest.raises(ConfigError, match=r"eas-deploy\[yaml\]"):
        fleets.deploy(tmp_path / "fleet.yaml")
