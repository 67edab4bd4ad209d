"""Tables that are written from the code at every build, so that they cannot be out of date.

A Sphinx extension: `setup` has them written to ``_generated/`` before the pages that include them are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eas_deploy import EasDeployError, Planner, ServiceRequest
from eas_deploy.patterns import (
    ComfyUiOss,
    CpuToGpu,
    DedicatedGateway,
    DedicatedResourceGroup,
    SglangHealthCheck,
    VllmAutoscaling,
    VllmNlb,
    VllmOss,
)
from eas_deploy.rules import CATALOG

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
PATTERN_FILES = sorted((HERE.parent / "examples" / "patterns").glob("*.json"))

ALWAYS = "always"
IF_LEFT_OPEN = "if left open"


def setup(app: Sphinx) -> dict[str, Any]:
    """Have the tables written before the pages are read."""
    app.connect("builder-inited", write)
    return {"version": "1", "parallel_read_safe": True}


def write(app: Sphinx) -> None:
    """Write every table into ``_generated/`` of the documentation's source."""
    folder = Path(app.srcdir) / "_generated"
    folder.mkdir(exist_ok=True)
    pages = {
        "rules.md": rules_table(),
        "permissions.md": permissions_table(),
        "errors.md": errors_reference(),
    }
    for name, text in pages.items():
        target = folder / name
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")


def rules_table() -> str:
    """Every rule of the catalogue: id, severity, what it is about, and when it is applied."""
    return _table(
        ("rule", "severity", "finds", "when"),
        (
            (f"`{one.id}`", one.severity, one.summary, "planning" if one.planner else "loading")
            for one in CATALOG
        ),
    )


def permissions_table() -> str:
    """Which RAM actions each pattern needs: always, or only for what the request leaves open."""
    planner = Planner("cn-hangzhou")
    given = [_actions(planner, file) for file in PATTERN_FILES]
    open_ended = [_actions(planner, request) for request in _left_open()]
    actions = dict.fromkeys(action for outlined in (*open_ended, *given) for action in outlined)
    return _table(
        ("RAM action", *(str(number) for number in range(1, len(given) + 1))),
        (
            (f"`{action}`", *(_need(action, *both) for both in zip(given, open_ended, strict=True)))
            for action in actions
        ),
    )


def errors_reference() -> str:
    """The directives that document every error, each after the one it derives from."""
    directives = "\n".join(f".. autoexception:: {kind.__module__}.{kind.__name__}" for kind in error_tree())
    return f"```{{eval-rst}}\n{directives}\n```\n"


def error_tree(base: type[EasDeployError] = EasDeployError) -> list[type[EasDeployError]]:
    """``base`` and all errors below it, depth first, in the order in which they were written."""
    return [base, *(kind for below in base.__subclasses__() for kind in error_tree(below))]


def _need(action: str, given: Sequence[str], left_open: Sequence[str]) -> str:
    if action in given:
        return ALWAYS
    return IF_LEFT_OPEN if action in left_open else ""


def _actions(planner: Planner, request: Path | ServiceRequest) -> list[str]:
    return [call.ram_action for call in planner.outline(request)]


def _left_open() -> list[ServiceRequest]:
    """The eight patterns with no id that planning can find out: workspace, network, resource group."""
    model = {"name": "demo", "model": "oss://bucket/model/"}
    vllm = {**model, "image": "vllm:0.14.0-gpu"}
    machine = {"instance_type": "ecs.gn7i-c16g1.4xlarge"}
    return [
        VllmOss(**vllm, **machine),
        VllmAutoscaling(**vllm, **machine, autoscaler={"min": 1, "max": 2, "strategies": {"qps": 10}}),
        VllmNlb(**vllm, **machine),
        SglangHealthCheck(**model, **machine, image="sglang:0.5.8-acclep1.2.1-gpu"),
        ComfyUiOss(**model, **machine, image="comfyui:2.2-api"),
        CpuToGpu(**vllm),
        DedicatedResourceGroup(**vllm),
        DedicatedGateway(**vllm, **machine),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
