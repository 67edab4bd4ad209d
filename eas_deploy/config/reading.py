"""From a path, a text or a mapping to the plain JSON object in it. Reads files; decides nothing about content."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

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
    if isinstance(source, Path):
        return parse(source.read_bytes())
    if isinstance(source, (bytes, bytearray)):
        return parse(bytes(source))
    if isinstance(source, str):
        if _is_path(source):
            return parse(Path(source).read_bytes())
        return parse(source)
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
        return _strict.decode(text if isinstance(text, str) else _decoded(text)), []
    except _LossyJsonError:
        return _parse_lossy(text if isinstance(text, str) else _decoded(text))
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


def _decoded(text: bytes) -> str:
    return text.decode("utf-8-sig")


class _LossyJsonError(Exception):
    """A parser would lose something of this text without a word."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _LossyJsonError
    return result


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _LossyJsonError
    return number


def _constant(_name: str) -> float:
    raise _LossyJsonError


# Built once: json.loads with hooks would build a decoder for every text.
_strict = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)


class _Pairs(list[tuple[str, Any]]):
    """The members of an object as written, duplicates included."""


def _parse_lossy(text: str) -> tuple[Any, list[Finding]]:
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
        return [_settled(one, child(path, index), found) for index, one in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        found.append(Finding("json.invalid", "error", path, f"{value} is no JSON number."))
    return value
