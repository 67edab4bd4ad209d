"""Importing the package does nothing but that."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROBE = """
import json, logging, os, sys, threading

environment = dict(os.environ)
{statement}

loggers = [logging.getLogger()] + [
    one for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)
]
print(json.dumps({{
    "modules": sorted(sys.modules),
    "handlers": [one.name for one in loggers if one.handlers],
    "threads": threading.active_count(),
    "environment": dict(os.environ) == environment,
}}))
"""

VENDOR = ("alibabacloud", "Tea", "darabonba", "aiohttp", "requests", "httpx")


def after(statement: str) -> dict[str, object]:
    """What a fresh process looks like after a statement."""
    told = subprocess.run(
        [sys.executable, "-c", PROBE.format(statement=statement)], capture_output=True, text=True, check=True
    )
    assert told.stderr == ""
    found: dict[str, object] = json.loads(told.stdout)
    return found


def loaded(state: dict[str, object], *packages: str) -> list[str]:
    """The modules of these packages, or of packages whose names begin so."""
    modules = state["modules"]
    assert isinstance(modules, list)
    return [
        name for name in modules if name.lower().startswith(tuple(package.lower() for package in packages))
    ]


@pytest.fixture(scope="module")
def bare() -> dict[str, object]:
    return after("import eas_deploy")


def test_the_package_loads_next_to_nothing(bare: dict[str, object]) -> None:
    assert loaded(bare, *VENDOR, "pydantic") == []
    assert loaded(bare, "eas_deploy") == ["eas_deploy", "eas_deploy._version"]


def test_the_package_has_no_side_effect(bare: dict[str, object]) -> None:
    """No logging handler, no thread, no change of the environment."""
    assert bare["handlers"] == []
    assert bare["threads"] == 1
    assert bare["environment"] is True


def test_deployers_load_no_vendor_package_before_the_first_call() -> None:
    state = after(
        "from eas_deploy import AsyncDeployer, Deployer, Planner; from eas_deploy.patterns import VllmOss\n"
        "Planner('cn-hangzhou').outline(VllmOss(name='demo', image='vllm:1', model='oss://my-bucket/m/', "
        "instance_type='ecs.gn7i-c16g1.4xlarge'))"
    )

    assert loaded(state, *VENDOR) == []
    assert state["handlers"] == []
    assert state["threads"] == 1
    assert state["environment"] is True
