"""The base of every part of the service JSON: a typed, frozen view of one JSON object.

What is loaded or constructed keeps the object it was made from, so that writing it gives back the same keys in
the same order with the same values. Nobody outside gets hold of that object: reading it always makes a copy.
Attributes hold tuples and read-only mappings, so the view and the object cannot come to differ. A part taken
out of a config has the same keys and values, in the order of its fields: remembering the order of every part
would make loading a sixth slower.

Behind the door (``eas_deploy.config.validator``) everything is in wire form. Attribute names are accepted in
Python calls only, where the door translates them; ``scale_strategies`` in a JSON text is an unknown key.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast, get_args, get_origin

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_serializer,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, SchemaValidator
from typing_extensions import Self

from eas_deploy.config.fields import NULL_ARRAY
from eas_deploy.config.json_values import copied
from eas_deploy.config.masking import masked
from eas_deploy.config.reading import from_python
from eas_deploy.config.validator import Door, admitted, judge
from eas_deploy.findings import Finding

UnknownKeys = Literal["error", "keep"]
"""What happens to keys that the library does not know: an error, or they stay as they are."""

EMPTY: Mapping[str, Any] = MappingProxyType({})


class WireModel(BaseModel):
    """A typed, frozen view of one object of the service JSON."""

    # Slots, since private attributes cost every part a Python call when it is made.
    __slots__ = ("_found", "_unknown_keys", "_wire")
    if TYPE_CHECKING:
        _found: Sequence[Finding]
        _unknown_keys: UnknownKeys
        _wire: dict[str, Any]

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        # For signatures and type checkers; the core schema below takes wire names only.
        populate_by_name=True,
    )

    place: ClassVar[tuple[str | int, ...] | None] = None
    """Where this part stands in a service JSON, for the rules that can judge it alone; None: there are none."""
    wire_names: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Attribute name to the key that it stands for (or the official spellings of the key, usual one first)."""
    attributes: ClassVar[Mapping[str, str]] = {}
    """Key to attribute name."""
    parts: ClassVar[Mapping[str, type[WireModel]]] = {}
    """Key to the part that stands under it, alone or in an array."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        fields = cls.__pydantic_fields__
        cls.wire_names = {name: _spellings(name, field) for name, field in fields.items()}
        cls.attributes = {key: name for name, keys in cls.wire_names.items() for key in keys}
        inner = {key: _part_in(fields[name].annotation) for key, name in cls.attributes.items()}
        cls.parts = {key: part for key, part in inner.items() if part is not None}
        cls.door()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        model: Any = handler.resolve_ref_schema(schema)
        while model["type"] != "model":
            model = model["schema"]
        # The setting's name before and since pydantic 2.11. Without it JSON with attribute names is refused.
        model["config"] = {
            key: value
            for key, value in model["config"].items()
            if key not in {"populate_by_name", "validate_by_name"}
        }
        return schema

    @classmethod
    def door(cls) -> Door[Self]:
        """The stand-in for pydantic's validator, put back in place should pydantic have rebuilt its own."""
        validator: Any = cls.__dict__["__pydantic_validator__"]
        if isinstance(validator, Door):
            return validator
        door = Door(cls, validator)
        cls.__pydantic_validator__ = cast("SchemaValidator", door)
        return door

    @classmethod
    def model_rebuild(cls, **options: Any) -> bool | None:
        """Like pydantic's own."""
        rebuilt = super().model_rebuild(**options)
        cls.door()
        return rebuilt

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:  # type: ignore[override]  # the mypy plugin types the values
        """The part from its values, validated: there is no way around the rules."""
        return cls(**values)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        result = handler(schema)
        properties = handler.resolve_ref_schema(result).get("properties", {})
        for value in properties.values():
            # An optional key is one that may be absent, not one that defaults to null.
            value.pop("default", None)
        for first, *others in cls.wire_names.values():
            properties.update(dict.fromkeys(others, properties.get(first)))
        return result

    @classmethod
    def renamed(cls, values: Mapping[str, Any], base: Mapping[str, Any] = EMPTY) -> dict[str, Any]:
        """Keyword arguments with attribute names replaced by wire names.

        Args:
            values: By attribute name or wire name.
            base: The object that is being changed; where it has another official spelling, that is kept.
        """
        result: dict[str, Any] = {}
        for name, value in values.items():
            spellings = cls.wire_names.get(name, (name,))
            key = next((spelling for spelling in spellings if spelling in base), spellings[0])
            if key in result:
                raise TypeError(f"{cls.__name__} got two values for {key}: give one of {name} and {key}")
            result[key] = value
        return result

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002 - nothing is shared that could change
        """A copy with changes, validated as a whole.

        Args:
            update: New values by attribute name or wire name.
            deep: Makes no difference: a part cannot be changed.

        Raises:
            ConfigError: The changed part is not valid; lists everything found.
        """
        if not update:
            return self
        document = from_python({**self._object(), **self.renamed(update, self._object())})
        part, found = judge(type(self), *document, unknown_keys=self._keeps())
        del update, document
        return admitted(part, found)

    def copy(self, **options: Any) -> Self:
        """Pydantic's older name of `model_copy`, with its arguments: there is no way around the rules."""
        return self.model_copy(**options)

    def to_wire(self) -> dict[str, Any]:
        """The JSON object as it was written: same keys, order and values. A fresh copy, secrets included."""
        return copied(self._object())

    def masked(self) -> dict[str, Any]:
        """The JSON object with every secret replaced by ``***``, for plans, reports and logs."""
        wire: dict[str, Any] = masked(self._object())
        return wire

    # The type is given as an object, since pydantic 2.10 looks names up in the modules of subclasses.
    @model_serializer(mode="plain", return_type=dict[str, Any])
    def _serialize(self) -> dict[str, Any]:
        return self.to_wire()

    def remember(
        self, wire: dict[str, Any], unknown_keys: UnknownKeys, found: Sequence[Finding] = ()
    ) -> None:
        """Keeps the object that this part was made from, and what was found in it; for the door only."""
        _set_wire(self, wire)
        _set_found(self, found)
        if unknown_keys == "keep":
            # The parts in it have attributes for what is known only.
            _set_unknown_keys(self, unknown_keys)
            for key in self.parts.keys() & wire.keys():
                made, value = getattr(self, self.attributes[key]), wire[key]
                if isinstance(value, list):
                    for part, one in zip(made, value, strict=True):
                        part.remember(one, unknown_keys)
                elif value is not None:
                    made.remember(value, unknown_keys)

    def _object(self) -> dict[str, Any]:
        try:
            return self._wire
        except AttributeError:
            # Made by pydantic as a part of something else: its attributes say everything, except the order.
            names = self.__pydantic_fields_set__
            return {
                keys[0]: thawed(getattr(self, name))
                for name, keys in self.wire_names.items()
                if name in names
            }

    def _keeps(self) -> UnknownKeys:
        return getattr(self, "_unknown_keys", "error")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._object() == other._object()

    def __hash__(self) -> int:
        return hash((type(self), _hashable(self._object())))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._object(), self._keeps())

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        if not hasattr(self, "__pydantic_fields_set__"):
            return  # Not built yet: a traceback shows it.
        shown = self.masked()
        for key, value in shown.items():
            name = self.attributes.get(key, key)
            yield name, getattr(self, name) if key in self.parts else value


# Frozen models refuse plain assignment; the slots' own setters are also the fastest way.
_set_found = WireModel.__dict__["_found"].__set__
_set_wire = WireModel.__dict__["_wire"].__set__
_set_unknown_keys = WireModel.__dict__["_unknown_keys"].__set__


def thawed(value: Any) -> Any:
    """The plain JSON value of an attribute: objects for parts and mappings, lists for tuples."""
    if isinstance(value, WireModel):
        return value.to_wire()
    if isinstance(value, Mapping):
        return {key: thawed(one) for key, one in value.items()}
    if value is NULL_ARRAY:
        return None
    if isinstance(value, tuple):
        return [thawed(one) for one in value]
    return value


def _restored(model: type[WireModel], wire: dict[str, Any], unknown_keys: UnknownKeys) -> WireModel:
    part, found = judge(model, wire, [], unknown_keys=unknown_keys)
    del wire
    return admitted(part, found)


def _hashable(value: Any) -> Any:
    if isinstance(value, dict):
        return frozenset((key, _hashable(one)) for key, one in value.items())
    if isinstance(value, list):
        return tuple(_hashable(one) for one in value)
    return value


def _spellings(name: str, field: FieldInfo) -> tuple[str, ...]:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (alias if isinstance(alias, str) else name,)


def _part_in(annotation: Any) -> type[WireModel] | None:
    """The part in a field's annotation: ``Probe | None`` and ``tuple[Container, ...]`` have one."""
    if inspect.isclass(annotation) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, WireModel) else None
    return next(filter(None, map(_part_in, get_args(annotation))), None)
