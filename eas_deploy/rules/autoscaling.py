"""Rules about the autoscaler."""

from __future__ import annotations

from eas_deploy.rules.document import Document, integer_at, object_at, objects_at
from eas_deploy.rules.paths import child
from eas_deploy.rules.registry import Report, RuleInfo, rule

DEFAULT_MIN = 1
DEFAULT_MAX = 10
"""What the service assumes for ``min`` and ``max``. Source: EAS service parameters."""
KNOWN_METRICS = frozenset({"qps", "cpu", "gpu", "gpu[util]", "memory"})


@rule(
    RuleInfo("autoscaler.bounds", "error", "max is not greater than min, or one is negative"),
    needs="has_autoscaler",
)
def bounds(document: Document, report: Report) -> None:
    """There is room between the bounds."""
    low, high = _bounds(document)
    if low is None or high is None:
        return
    if low < 0 or high < 0:
        report("autoscaler.bounds", "autoscaler.min" if low < 0 else "autoscaler.max", "A bound is negative.")
    elif high <= low:
        message = f"max ({high}) is not greater than min ({low})."
        report("autoscaler.bounds", "autoscaler.max", message)


@rule(
    RuleInfo("autoscaler.empty", "warning", "Neither scaleStrategies nor strategies: nothing scales"),
    needs="has_autoscaler",
)
def empty(document: Document, report: Report) -> None:
    """An autoscaler has a metric to go by."""
    if not document.autoscaler.get("scaleStrategies") and not document.autoscaler.get("strategies"):
        report("autoscaler.empty", "autoscaler", "Without scaleStrategies or strategies nothing scales.")


@rule(
    RuleInfo("autoscaler.metric", "notice", "A metric that is not qps, cpu, gpu, gpu[util] or memory"),
    needs="has_autoscaler",
)
def metric(document: Document, report: Report) -> None:
    """Other metrics must be reported by the service itself."""
    named = [
        (f"{path}.metricName", strategy.get("metricName"))
        for path, strategy in objects_at(document.autoscaler, "scaleStrategies", "autoscaler.scaleStrategies")
    ]
    named += [
        (child("autoscaler.strategies", name), name) for name in object_at(document.autoscaler, "strategies")
    ]
    for path, name in named:
        if isinstance(name, str) and name not in KNOWN_METRICS:
            message = f"{name!r} is a custom metric: the service must report it."
            report("autoscaler.metric", path, message)


@rule(
    RuleInfo("autoscaler.instance", "warning", "metadata.instance outside [min, max]"),
    whole=True,
    needs="has_autoscaler",
)
def instance_in_bounds(document: Document, report: Report) -> None:
    """The number of instances to start with is one that the autoscaler keeps."""
    instance = integer_at(document.metadata, "instance")
    if instance is None:
        return
    low, high = _bounds(document)
    if low is not None and high is not None and not low <= instance <= high:
        message = f"metadata.instance is {instance}, outside the autoscaler's {low} to {high}."
        report("autoscaler.instance", "metadata.instance", message)


def _bounds(document: Document) -> tuple[int | None, int | None]:
    """The bounds that will apply; None for one of another type."""
    return _bound(document, "min", DEFAULT_MIN), _bound(document, "max", DEFAULT_MAX)


def _bound(document: Document, key: str, default: int) -> int | None:
    return default if document.autoscaler.get(key) is None else integer_at(document.autoscaler, key)
