"""What both deployers have in common: options, ids, deadlines."""

from __future__ import annotations

import inspect
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.errors import ConfigError
from eas_deploy.facade import Facade

SECRET = "canary-secret-7f3a"
BOTH = pytest.mark.parametrize("kind", [Deployer, AsyncDeployer])


class StoppedClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

    def monotonic(self) -> float:
        return 1000.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")

    async def sleep_async(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


@BOTH
def test_the_repr_tells_the_region_and_no_key(kind: type[Facade[Any]]) -> None:
    deployer = kind(
        "cn-hangzhou", access_key_id="LTAIcanary", access_key_secret=SECRET, security_token=SECRET
    )

    assert repr(deployer) == f"{kind.__name__}('cn-hangzhou')"
    assert SECRET not in repr(vars(deployer))


@BOTH
@pytest.mark.parametrize(
    "half", [{"access_key_id": "LTAI"}, {"access_key_secret": SECRET}, {"security_token": SECRET}]
)
def test_half_a_key_is_refused(kind: type[Facade[Any]], half: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        kind("cn-hangzhou", **half)

    assert SECRET not in str(caught.value)


@BOTH
@pytest.mark.parametrize(
    "option",
    [
        {"connect_timeout_s": 0},
        {"read_timeout_s": -1},
        {"call_timeout_s": 0},
        {"max_retries": -1},
        {"endpoint_url": "not a url"},
        {"http_client": object()},
        {"user_agent": "line\nbreak"},
    ],
    ids=lambda option: next(iter(option)),
)
def test_options_that_make_no_sense_are_refused(kind: type[Facade[Any]], option: dict[str, Any]) -> None:
    """At construction, not at the first call."""
    with pytest.raises(ConfigError, match=next(iter(option))):
        kind("cn-hangzhou", **option)


@BOTH
def test_the_region_comes_from_the_environment(
    kind: type[Facade[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIBABACLOUD_REGION", "us-west-1")
    monkeypatch.delenv("ALIBABA_CLOUD_REGION_ID", raising=False)

    assert kind().region_id == "us-west-1"


@BOTH
def test_without_a_region_there_is_no_deployer(
    kind: type[Facade[Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(ConfigError, match="no region"):
        kind()


def test_the_endpoint_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EAS_DEPLOY_ENDPOINT_URL", "http://127.0.0.1:4510")

    assert Deployer("cn-hangzhou")._sender.endpoint("vpc").host == "127.0.0.1:4510"


def test_the_deadline_of_a_deployment() -> None:
    assert Deployer("cn-hangzhou", deploy_timeout_s=42, clock=StoppedClock())._deadline() == 1042.0


def test_ids_of_executions_and_digits_of_names() -> None:
    """32 lower-case hex characters, another one each time; six digits, zeros in front included."""
    flow = Deployer("cn-hangzhou")._flow
    ids, digits = [flow.new_id() for _ in range(20)], [flow.digits() for _ in range(20)]

    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    assert len(set(ids)) == 20
    assert all(re.fullmatch("[0-9]{6}", one) for one in digits)
    assert len(set(digits)) > 1


def test_both_deployers_take_the_same_options() -> None:
    assert inspect.signature(Deployer.__init__) == inspect.signature(AsyncDeployer.__init__)


@BOTH
def test_a_misspelt_fallback_is_refused(kind: type[Facade[Any]]) -> None:
    """A typo must not silently mean something else than was meant."""
    with pytest.raises(ConfigError, match="shared_gateway"):
        kind("cn-hangzhou", nlb_fallback="shared")


@BOTH
def test_a_time_that_is_none_is_refused(kind: type[Facade[Any]]) -> None:
    with pytest.raises(ConfigError) as caught:
        kind("cn-hangzhou", deploy_timeout_s=-1)

    assert [one.path for one in caught.value.findings] == ["deploy_timeout_s"]
