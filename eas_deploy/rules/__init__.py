"""Every validation rule of the service JSON. Pure functions over plain JSON: no models, no network, no raising.

All rules look at a document, whatever else is wrong with it, so that everything is found at once. ``CATALOG``
lists them all, those included that other places apply: reading and typing a document (``json.*``,
``key.unknown``, ``value.*``) and the planner, which has the facts of the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from eas_deploy.findings import Finding
from eas_deploy.rules import (  # noqa: F401 - importing them registers their rules
    autoscaling,
    commands,
    containers,
    elsewhere,
    keys,
    names,
    network,
    probes,
    regions,
    resources,
    secrets,
    storage,
)
from eas_deploy.rules.document import Document
from eas_deploy.rules.image_ref import LLM_FRAMEWORKS, MODEL_FRAMEWORKS, ImageRef
from eas_deploy.rules.instance_types import DEDICATED_RESOURCE, is_cpu_type
from eas_deploy.rules.paths import joined
from eas_deploy.rules.registry import INFOS, RuleInfo, apply_rules

CATALOG: tuple[RuleInfo, ...] = tuple(INFOS[rule_id] for rule_id in sorted(INFOS))
"""Every rule: id, severity, what it says in one line, and whether the planner applies it."""

check_region = regions.check_region

__all__ = [
    "CATALOG",
    "DEDICATED_RESOURCE",
    "LLM_FRAMEWORKS",
    "MODEL_FRAMEWORKS",
    "ImageRef",
    "RuleInfo",
    "check",
    "check_part",
    "check_region",
    "is_cpu_type",
]


def check(wire: Mapping[str, Any]) -> list[Finding]:
    """What all rules say about a service JSON.

    Args:
        wire: The document as a plain JSON object, however broken.
    """
    return apply_rules(Document(wire))


def check_part(part: Mapping[str, Any], place: Sequence[str | int]) -> list[Finding]:
    """The errors of one part, judged by itself, with paths that begin at the part.

    Args:
        part: The part as a plain JSON object.
        place: The keys and indexes under which it would stand in a service JSON.
    """
    wire: Any = part
    for step in reversed(place):
        wire = {step: wire} if isinstance(step, str) else [wire]
    prefix = joined(place)
    return [
        replace(finding, path=finding.path[len(prefix) :].lstrip("."))
        for finding in apply_rules(Document(wire), is_part=True)
        if finding.severity == "error" and _is_below(finding.path, prefix)
    ]


def _is_below(path: str, prefix: str) -> bool:
    return path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", ".", "["}
