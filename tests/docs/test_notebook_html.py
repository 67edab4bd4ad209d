"""What results show of themselves in notebooks: well-formed, escaped, and without secrets."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from eas_deploy import Deployer
from eas_deploy.config import Findings, lint
from eas_deploy.emulator import Emulator
from eas_deploy.patterns import VllmOss

SECRET = "canary-4f1d"
MARKUP = "<b>&"

REQUEST = VllmOss(
    name="qwen_demo",
    image="vllm:0.14.0-gpu",
    model="oss://my-bucket/qwen2.5-7b-instruct/",
    instance_type="ecs.gn7i-c16g1.4xlarge",
    command=f"vllm serve /model_dir --chat-template '{MARKUP}'",
    env={"HF_TOKEN": SECRET},
)


@pytest.fixture(scope="module")
def shown():
    """By name: what a notebook shows, and the token of the service."""
    with Emulator() as emulator, Deployer("cn-hangzhou", **emulator.connection()) as deployer:
        plan = deployer.plan(REQUEST)
        deployment = deployer.execute(plan)
        token = emulator.services["qwen_demo"].access_token
        results = {
            "plan": plan,
            "deployment": deployment,
            "findings": lint({"metadata": {"name": MARKUP}, "token": SECRET}),
            "no findings": Findings(),
            "config": plan.config,
            "images": deployer.images(),
            "machine specs": deployer.machine_specs(),
            "workspaces": deployer.workspaces(),
        }
        assert token
        return {name: (result._repr_html_(), token) for name, result in results.items()}


KINDS = ["plan", "deployment", "findings", "no findings", "config", "images", "machine specs", "workspaces"]


@pytest.mark.parametrize("kind", KINDS)
def test_html_is_well_formed(shown, kind):
    html, _ = shown[kind]
    assert len(list(ET.fromstring(f"<div>{html}</div>").iter())) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_html_holds_no_secret(shown, kind):
    html, token = shown[kind]
    assert SECRET not in html
    assert token not in html


@pytest.mark.parametrize("kind", ["plan", "config", "findings"])
def test_html_is_escaped(shown, kind):
    html, _ = shown[kind]
    assert MARKUP not in html
    assert MARKUP in "".join(ET.fromstring(f"<div>{html}</div>").itertext())


def test_a_catalogue_is_a_table(shown):
    html, _ = shown["workspaces"]
    cells = [cell.text for cell in ET.fromstring(html).iter("td")]
    assert cells[:3] == ["123456", "emulated", "ENABLED"]
