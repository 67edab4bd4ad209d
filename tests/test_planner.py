"""Planning without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from eas_deploy import Planner
from eas_deploy.errors import ConfigError
from eas_deploy.patterns import CpuToGpu, ServiceRequest

PATTERN_1 = Path(__file__).parents[1] / "examples" / "patterns" / "1_vllm_oss.json"
ALL_SHARED = [
    "ListServices",
    "ListWorkspaces",
    "ListImages",
    "DescribeMachineSpec",
    "CreateService",
    "DescribeService",
    "DescribeServiceEndpoints",
]


def test_a_request_is_outlined() -> None:
    request = ServiceRequest(name="demo", image="vllm:0.14.0-gpu", instance_type="ecs.gn7i-c16g1.4xlarge")

    assert [call.operation for call in Planner("cn-hangzhou").outline(request)] == ALL_SHARED


def test_a_request_with_open_ends_is_outlined() -> None:
    """Name, image and machine may all be open: the calls follow from what is known."""
    request = CpuToGpu(name_prefix="skill_qwen_", image="vllm:0.14.0-gpu")

    assert [call.operation for call in Planner("cn-hangzhou").outline(request)] == ALL_SHARED


def test_a_path_is_outlined() -> None:
    planned = Planner("cn-hangzhou").outline(PATTERN_1)

    assert [call.operation for call in planned] == [one for one in ALL_SHARED if one != "ListWorkspaces"]


def test_what_is_not_valid_is_refused() -> None:
    with pytest.raises(ConfigError):
        Planner("cn-hangzhou").outline({"metadata": {"name": "No"}})
    with pytest.raises(ConfigError):
        Planner("cn-hangzhou").ram_policy({"metadata": {"name": "No"}})


def test_the_region_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_REGION_ID", "eu-central-1")

    assert Planner().region_id == "eu-central-1"


def test_without_a_region_there_is_no_planner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(ConfigError, match="no region"):
        Planner()


def test_a_planned_call_tells_what_it_is() -> None:
    first, *_ = Planner("cn-hangzhou").outline(PATTERN_1)

    assert (first.operation, first.stage, first.ram_action) == (
        "ListServices",
        "identity",
        "eas:ListServices",
    )
    assert (first.billable, first.mandatory) == (False, None)
    assert first.purpose == "stop if a service of this name exists"
