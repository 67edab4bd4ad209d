"""The shapes in which the API sends lists: null for empty, wrapped in an object, joined by commas.

Annotations only; an answer model names the shape of a field and reads a plain list.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BeforeValidator

T = TypeVar("T")


def _empty_for_null(value: Any) -> Any:
    return [] if value is None else value


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return _empty_for_null(value)


def wrapped_in(name: str) -> BeforeValidator:
    """The list inside ``{name: [...]}``: ECS and VPC answer ``Vpcs.Vpc[]``; a bare list passes too."""

    def unwrap(value: Any) -> Any:
        inner = value.get(name) if isinstance(value, dict) else value
        return _empty_for_null(inner)

    return BeforeValidator(unwrap)


Many: TypeAlias = Annotated[list[T], BeforeValidator(_empty_for_null)]
"""A list; null means that it is empty."""

Joined: TypeAlias = Annotated[list[str], BeforeValidator(_split)]
"""A list of strings; a string is taken apart at its commas, null means that it is empty."""
