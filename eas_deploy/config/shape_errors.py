"""Pydantic's errors as findings: JSON paths, our rule ids, our words, and never an input value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from eas_deploy.config.key_hints import nearest
from eas_deploy.findings import Finding
from eas_deploy.rules.paths import child

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from eas_deploy.config.wire_model import WireModel

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "float_type": "a number",
    "int_type": "an integer",
    "mapping_type": "an object",
    "model_type": "an object",
    "string_pattern_mismatch": "a percentage such as 20%",
    "string_type": "a string",
    "tuple_type": "an array",
}
"""Pydantic's error type and the JSON type that it asks for."""

_JSON_TYPES = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number with a decimal point",
    type(None): "null",
}


@dataclass
class _Spot:
    """One place of the document and all that pydantic says about it (one entry per branch of a union)."""

    path: str
    value: Any
    owner: type[WireModel] | None
    key: str
    parent: str = ""
    errors: list[ErrorDetails] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        """Pydantic's types of the errors."""
        return {detail["type"] for detail in self.errors}


def shape_findings(model: type[WireModel], wire: dict[str, Any], error: ValidationError) -> list[Finding]:
    """What is wrong with the shape of a document: ``key.unknown`` and the ``value.*`` rules.

    Args:
        model: The part that was to be made of it.
        wire: The document, as a plain JSON object.
        error: What pydantic said about it.
    """
    spots: dict[str, _Spot] = {}
    for detail in error.errors(include_url=False, include_input=False):
        if detail["type"] == "none_required":
            continue  # Said of every array with a mistake in it, since an array may also be null.
        spot = _locate(model, wire, detail)
        spots.setdefault(spot.path, spot).errors.append(detail)
    misspelt = {_meant(model, spot) for spot in spots.values() if "extra_forbidden" in spot.kinds}
    return [
        _finding(model, spot)
        for spot in spots.values()
        if not ("missing" in spot.kinds and spot.path in misspelt)
    ]


def _meant(model: type[WireModel], spot: _Spot) -> str | None:
    """The path of the key that an unknown one stands for, as far as one can tell."""
    meant = nearest(spot.key, (spot.owner or model).attributes)
    return None if meant is None else child(spot.parent, meant)


def _locate(model: type[WireModel], wire: Any, detail: ErrorDetails) -> _Spot:
    """Follows an error's location as far as the document goes; all else in it are pydantic's own tags."""
    owner: type[WireModel] | None = model
    spot = _Spot("", wire, model, "")
    for step in detail["loc"]:
        if isinstance(step, int):
            if not isinstance(spot.value, list):
                break
            spot = _Spot(child(spot.path, step), spot.value[step], spot.owner, f"{spot.key}[{step}]")
            continue
        if isinstance(spot.value, list):
            continue
        if not isinstance(spot.value, dict):
            break
        key = _as_written(owner, step, spot.value)
        if key not in spot.value and detail["type"] != "missing":
            break
        spot = _Spot(child(spot.path, key), spot.value.get(key), owner, key, spot.path)
        owner = owner.parts.get(key) if owner is not None else None
    return spot


def _as_written(owner: type[WireModel] | None, key: str, wire: dict[str, Any]) -> str:
    if owner is None or key in wire:
        return key
    spellings = owner.wire_names.get(owner.attributes.get(key, ""), ())
    return next((spelling for spelling in spellings if spelling in wire), key)


def _finding(model: type[WireModel], spot: _Spot) -> Finding:
    kinds = spot.kinds
    if "extra_forbidden" in kinds:
        return _unknown_key(model, spot)
    if "missing" in kinds or _is_null_for_required(spot):
        return Finding("value.required", "error", spot.path, f"{spot.key} is missing.")
    if "string_unicode" in kinds:
        return Finding("value.type", "error", spot.path, f"{spot.key} has half a character in it.")
    limits = [detail["ctx"]["ge"] for detail in spot.errors if detail["type"] == "greater_than_equal"]
    if limits:
        return Finding("value.range", "error", spot.path, f"{spot.key} is less than {limits[0]}.")
    choices = [detail["ctx"]["expected"] for detail in spot.errors if detail["type"] == "literal_error"]
    if kinds == {"literal_error"} and isinstance(spot.value, str):
        return Finding("value.choice", "error", spot.path, f"{spot.key} is not one of {choices[0]}.")
    wanted = [_EXPECTED.get(detail["type"], "") for detail in spot.errors]
    return _wrong_type(spot, [*filter(None, wanted), *choices])


def _is_null_for_required(spot: _Spot) -> bool:
    """Whether a key that its object cannot do without is there and null: it says as little as none."""
    if spot.value is not None or spot.owner is None or spot.key not in spot.owner.attributes:
        return False
    return spot.owner.__pydantic_fields__[spot.owner.attributes[spot.key]].is_required()


def _wrong_type(spot: _Spot, wanted: Sequence[str]) -> Finding:
    expected = " or ".join(dict.fromkeys(wanted)) or "another value"
    got = _JSON_TYPES.get(type(spot.value), "something else")
    hint = ""
    if "a string" in wanted and isinstance(spot.value, (int, float)):
        hint = "put it in quotes"
    elif isinstance(spot.value, str) and {"an integer", "a number", "true or false"} & set(wanted):
        hint = "write it without quotes"
    return Finding("value.type", "error", spot.path, f"{spot.key or 'This'} is {got}, not {expected}.", hint)


def _unknown_key(model: type[WireModel], spot: _Spot) -> Finding:
    owner = spot.owner or model
    if spot.key in owner.attributes:
        other = owner.wire_names[owner.attributes[spot.key]][0]
        return Finding(
            "key.unknown",
            "error",
            spot.path,
            f"{spot.key} and {other} are two spellings of one key.",
            "keep one",
        )
    message = f"{spot.key!r} is no key of {owner.__name__}."
    suggestion = nearest(spot.key, owner.attributes)
    if suggestion is not None:
        return Finding("key.unknown", "error", spot.path, message, f"did you mean {suggestion}?")
    places = _places(model)
    known = spot.key if spot.key in places else nearest(spot.key, places)
    hint = f"{known} is a key of {places[known]}" if known else ""
    return Finding("key.unknown", "error", spot.path, message, hint)


@cache
def _places(model: type[WireModel]) -> dict[str, str]:
    """Each key below a model and the first object that has it, such as ``cloud.computing``."""
    places: dict[str, str] = {}

    def visit(part: type[WireModel], path: str) -> None:
        for key in part.attributes:
            places.setdefault(key, path or "the document itself")
        for key, inner in part.parts.items():
            visit(inner, child(path, key))

    visit(model, "")
    return places
