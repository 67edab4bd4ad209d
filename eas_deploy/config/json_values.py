"""Plain JSON values: copying them, and making them from what Python code passes in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from eas_deploy.findings import Finding
from eas_deploy.rules.paths import joined

_EXACT = frozenset({str, int, bool, type(None)})
"""Types whose every value can stand in JSON as it is; a float may be NaN."""


def copied(value: dict[str, Any]) -> dict[str, Any]:
    """A deep copy of a plain JSON object; many times faster than ``copy.deepcopy``."""
    result = value.copy()
    for key, one in value.items():
        if type(one) is dict:
            result[key] = copied(one)
        elif type(one) is list:
            result[key] = _copied_list(one)
    return result


def _copied_list(value: list[Any]) -> list[Any]:
    result = value.copy()
    for index, one in enumerate(value):
        if type(one) is dict:
            result[index] = copied(one)
        elif type(one) is list:
            result[index] = _copied_list(one)
    return result


def plain(value: Any, steps: tuple[str | int, ...], found: list[Finding]) -> Any:
    """A plain JSON value (dict, list, str, int, float, bool, None) that shares nothing with the one given.

    Args:
        value: JSON values; also parts of a config, other mappings, tuples, and subclasses of str and int.
        steps: Keys and indexes that lead to the value, for findings.
        found: What cannot stand in a JSON document is added here, as ``json.invalid`` or ``value.type``.
    """
    kind = type(value)
    if kind in _EXACT:
        return value
    if isinstance(value, Mapping):
        return _plain_object(value, steps, found)
    if isinstance(value, (list, tuple)):
        return [
            one if type(one) in _EXACT else plain(one, (*steps, index), found)
            for index, one in enumerate(value)
        ]
    if hasattr(value, "to_wire"):
        return plain(value.to_wire(), steps, found)
    return _plain_scalar(value, steps, found)


def _plain_object(
    value: Mapping[Any, Any], steps: tuple[str | int, ...], found: list[Finding]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, one in value.items():
        if isinstance(key, str):
            name = key if type(key) is str else str.__str__(key)
            result[name] = one if type(one) in _EXACT else plain(one, (*steps, name), found)
        else:
            message = f"A key is a Python {type(key).__name__}; JSON keys are strings."
            found.append(Finding("json.invalid", "error", joined(steps), message))
    return result


def _plain_scalar(value: Any, steps: tuple[str | int, ...], found: list[Finding]) -> Any:
    # An enum member's str() may be its name; the base class's own conversion gives its value.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            found.append(Finding("json.invalid", "error", joined(steps), f"{value} is no JSON number."))
        return float(value)
    message = f"A Python {type(value).__name__} is no JSON value."
    found.append(Finding("value.type", "error", joined(steps), message))
    return None
