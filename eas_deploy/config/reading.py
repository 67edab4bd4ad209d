"""From a path, a text or a mapping to the plain JSON object in it. Reads files; decides nothing about content."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from eas_deploy.config.json_values import plain
from eas_deploy.findings import Finding
from eas_deploy.rules.paths import child

Source: TypeAlias = "str | bytes | Path | Mapping[str, Any]"
"""A path, a JSON text, or the object itself."""

TOO_DEEP = Finding("json.invalid", "error", "", "The document is nested too deeply, or contains itself.")


def read(source: Source) -> tuple[Any, list[Finding]]:
    """The plain JSON value of a source, and what makes it invalid as JSON.

    A str that does not look like JSON (does not start with a bracket or quote, is not blank and has no line
    break) is a path.

    Raises:
        OSError: The file is missing or cannot be read.
    """
    if isinstance(source, str):
        return parse(Path(source).read_bytes() if _is_path(source) else source)
    if isinstance(source, Path):
        return parse(source.read_bytes())
    if isinstance(source, (bytes, bytearray)):
        return parse(bytes(source))
    return from_python(source)


def from_python(value: Any) -> tuple[Any, list[Finding]]:
    """The plain JSON value of a Python value, and what in it cannot stand in JSON."""
    found: list[Finding] = []
    try:
        return plain(value, (), found), found
    except RecursionError:
        return None, [TOO_DEEP]


def parse(text: str | bytes) -> tuple[Any, list[Finding]]:
    """The JSON value of a text, and what makes it invalid: broken JSON, duplicate keys, NaN, Infinity."""
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
        return _parse_quickly(decoded) or _parse_carefully(decoded)
    except UnicodeDecodeError as error:
        message = f"The text is not UTF-8 (byte {error.start})."
    except json.JSONDecodeError as error:
        message = f"Not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})."
    except RecursionError:
        return None, [TOO_DEEP]
    except ValueError:
        message = "A number has too many digits."
    return None, [Finding("json.invalid", "error", "", message)]


def _is_path(text: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    return start not in {"", "{", "[", '"'} and "\n" not in text and "\0" not in text


def _parse_quickly(text: str) -> tuple[Any, list[Finding]] | None:
    """The value by a parser that loses duplicate keys without a word; None if it may have lost something."""
    try:
        value = from_json(text, allow_inf_nan=False, cache_strings="keys")
        again = to_json(value)
    except (ValueError, TypeError):  # A TypeError is about half a character in the text.
        return None
    # Each member that is lost takes its colon with it, and no colon comes back unless it was escaped.
    if text.count(":") != again.count(b":") or "\\u003" in text or b"Infinity" in again:
        return None
    return value, []


class _Pairs(list[tuple[str, Any]]):
    """The members of an object as written, duplicates included."""


def _parse_carefully(text: str) -> tuple[Any, list[Finding]]:
    """The value as a parser would leave it, so that the rules can go on, and what it lost, with its paths."""
    found: list[Finding] = []
    tree = json.JSONDecoder(object_pairs_hook=_Pairs).decode(text)
    return _settled(tree, "", found), found


def _settled(value: Any, path: str, found: list[Finding]) -> Any:
    if isinstance(value, _Pairs):
        result: dict[str, Any] = {}
        for key, one in value:
            at = child(path, key)
            if key in result:
                found.append(Finding("json.invalid", "error", at, f"The key {key!r} is given twice."))
            result[key] = _settled(one, at, found)
        return result
    if isinstance(value, list):
        # Not a comprehension, which would halve the depth that can be read.
        for index, one in enumerate(value):
            value[index] = _settled(one, child(path, index), found)
    if isinstance(value, float) and not math.isfinite(value):
        found.append(Finding("json.invalid", "error", path, f"{value} is no JSON number."))
    return value
