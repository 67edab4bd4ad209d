"""The scalar and list types that the service JSON is made of.

JSON types are taken literally: ``"2"``, ``1.5`` and ``true`` are no integers. Lists become tuples and open
maps read-only mappings, so that a loaded config cannot be changed behind its own back.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from annotated_types import Ge
from pydantic import AfterValidator, GetCoreSchemaHandler, Strict, StringConstraints, WithJsonSchema
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

Item = TypeVar("Item")


class _NullArray(tuple[Any, ...]):
    """An empty tuple that is written as ``null``."""

    __slots__ = ()


NULL_ARRAY = _NullArray()


class _NullIsEmpty:
    """Lets an array be ``null``. A function around every array would cost a Python call for each."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        null = core_schema.no_info_after_validator_function(
            lambda _null: NULL_ARRAY, core_schema.none_schema()
        )
        return core_schema.union_schema([(handler(source), "array"), (null, "null")], mode="left_to_right")


def frozen(value: Any) -> Any:
    """The JSON value with read-only mappings and tuples in place of dicts and lists.

    Raises:
        PydanticKnownError: A text in it is half a character, which no request can carry.
    """
    if isinstance(value, dict):
        return MappingProxyType({frozen(key): frozen(one) for key, one in value.items()})
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise PydanticKnownError("string_unicode") from None
    return value


Text = Annotated[str, Strict()]
Integer = Annotated[int, Strict()]
Count = Annotated[int, Strict(), Ge(0)]
Flag = Annotated[bool, Strict()]
Number = Annotated[int, Strict()] | Annotated[float, Strict()]
Scalar = Text | Integer | Annotated[float, Strict()] | Flag
IntegerOrText = Integer | Text
CountOrPercent = Count | Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]+%$")]
"""A number of instances, or a share of them such as ``"20%"``."""

Array = Annotated[tuple[Item, ...], _NullIsEmpty()]
"""A JSON array; ``null`` reads as an empty one and is still written as ``null``."""

OpenMap = Annotated[
    Mapping[str, Any],
    AfterValidator(frozen),
    WithJsonSchema({"type": "object", "additionalProperties": True}),
]
"""A JSON object with any keys and values."""
