"""What the environment says when an argument is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eas_deploy.clients.environment import resolve_endpoint_url, resolve_region
from eas_deploy.errors import ConfigError

PROFILES = {
    "current": "work",
    "profiles": [
        {"name": "default", "mode": "AK", "region_id": "cn-beijing"},
        {"name": "work", "mode": "AK", "region_id": "cn-shanghai"},
    ],
}


def home_with(tmp_path: Path, content: Any) -> dict[str, str]:
    """An environment whose home has the command line's file with this content."""
    folder = tmp_path / ".aliyun"
    folder.mkdir()
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "config.json").write_text(text, encoding="utf-8")
    return {"HOME": str(tmp_path)}


class TestRegion:
    """The argument, then two variables, then the profile."""

    def test_the_argument_comes_first(self, tmp_path: Path) -> None:
        environ = home_with(tmp_path, PROFILES) | {"ALIBABA_CLOUD_REGION_ID": "eu-central-1"}

        assert resolve_region("cn-hangzhou", environ) == "cn-hangzhou"

    def test_then_the_official_variable(self, tmp_path: Path) -> None:
        environ = {"ALIBABA_CLOUD_REGION_ID": "eu-central-1", "ALIBABACLOUD_REGION": "us-west-1"}

        assert resolve_region(None, home_with(tmp_path, PROFILES) | environ) == "eu-central-1"

    def test_then_the_other_variable(self, tmp_path: Path) -> None:
        environ = home_with(tmp_path, PROFILES) | {"ALIBABACLOUD_REGION": "us-west-1"}

        assert resolve_region(None, environ) == "us-west-1"

    def test_an_empty_variable_is_none(self, tmp_path: Path) -> None:
        environ = {"HOME": str(tmp_path), "ALIBABA_CLOUD_REGION_ID": "", "ALIBABACLOUD_REGION": "us-west-1"}

        assert resolve_region("", environ) == "us-west-1"

    def test_then_the_current_profile(self, tmp_path: Path) -> None:
        assert resolve_region(None, home_with(tmp_path, PROFILES)) == "cn-shanghai"

    def test_a_profile_can_be_named(self, tmp_path: Path) -> None:
        environ = home_with(tmp_path, PROFILES) | {"ALIBABA_CLOUD_PROFILE": "default"}

        assert resolve_region(None, environ) == "cn-beijing"

    def test_otherwise_it_is_an_error_that_tells_where_it_looked(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="ALIBABA_CLOUD_REGION_ID or ALIBABACLOUD_REGION") as caught:
            resolve_region(None, {"HOME": str(tmp_path)})

        assert [one.rule for one in caught.value.findings] == ["region.required"]
        assert "aliyun" in str(caught.value)

    @pytest.mark.parametrize(
        "content",
        [
            "not json",
            "[]",
            "null",
            "{}",
            {"current": "work"},
            {"current": "work", "profiles": None},
            {"current": "work", "profiles": ["work"]},
            {"current": "work", "profiles": [{}]},
            {"current": "work", "profiles": [{"name": [], "region_id": "cn-beijing"}]},
            {"current": [], "profiles": []},
            {"current": "gone", "profiles": PROFILES["profiles"]},
            {"current": "work", "profiles": [{"name": "work"}]},
            {"current": "work", "profiles": [{"name": "work", "region_id": 7}]},
            {"current": "work", "profiles": [{"name": "work", "region_id": ""}]},
            "[" * 100_000,
        ],
    )
    def test_a_file_that_is_not_the_command_lines_is_passed_over(self, tmp_path: Path, content: Any) -> None:
        """It is only the last place to look: whatever stands in it must not break."""
        with pytest.raises(ConfigError, match="no region"):
            resolve_region(None, home_with(tmp_path, content))

    def test_bytes_that_are_no_text_are_passed_over(self, tmp_path: Path) -> None:
        environ = home_with(tmp_path, "")
        (tmp_path / ".aliyun" / "config.json").write_bytes(b"\xff\xfe\x00")

        with pytest.raises(ConfigError, match="no region"):
            resolve_region(None, environ)

    def test_without_a_home_there_is_no_profile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def homeless() -> Path:
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "home", homeless)

        with pytest.raises(ConfigError, match="no region"):
            resolve_region(None, {})

    def test_the_process_own_environment_is_the_default(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALIBABA_CLOUD_REGION_ID", "ap-southeast-1")

        assert resolve_region(None) == "ap-southeast-1"


class TestEndpointUrl:
    """The argument, then the variable, then none."""

    def test_the_argument_comes_first(self) -> None:
        assert resolve_endpoint_url("http://a", {"EAS_DEPLOY_ENDPOINT_URL": "http://b"}) == "http://a"

    def test_then_the_variable(self) -> None:
        assert resolve_endpoint_url(None, {"EAS_DEPLOY_ENDPOINT_URL": "http://b"}) == "http://b"

    @pytest.mark.parametrize("environ", [{}, {"EAS_DEPLOY_ENDPOINT_URL": ""}])
    def test_otherwise_there_is_none(self, environ: dict[str, str]) -> None:
        assert resolve_endpoint_url(None, environ) is None

    def test_the_process_own_environment_is_the_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EAS_DEPLOY_ENDPOINT_URL", "http://c")

        assert resolve_endpoint_url(None) == "http://c"
