"""The base of all request models: frozen, strict, and refusing with `ConfigError` whichever way it is made.

Pydantic turns a ValueError of a validator into its own ValidationError, so the translation stands in front
of the class's validator, which constructors, ``model_validate*`` and ``TypeAdapter`` all call.
A function that holds values never raises: no frame of a refusal's traceback shows a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_serializer
from pydantic_core import ErrorDetails, SchemaValidator
from typing_extensions import Self

from eas_deploy.config.key_hints import nearest
from eas_deploy.config.masking import MASK, masked
from eas_deploy.config.wire_model import thawed
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding
from eas_deploy.rules.paths import joined

StrictT = TypeVar("StrictT", bound="Strict")


class Strict(BaseModel):
    """A frozen model without unknown fields. Its repr shows what was given, secrets masked."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        validator: Any = cls.__pydantic_validator__
        cls.__pydantic_validator__ = cast("SchemaValidator", _Door(cls, validator))

    def _given(self) -> dict[str, Any]:
        """The fields that were set, and no defaults."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002 - nothing is shared that could change
        """A copy with changes, validated as a whole.

        Args:
            update: New values by field name.
            deep: Makes no difference: nothing in a request can be changed.

        Raises:
            ConfigError: The changed request is not valid; lists everything found.
        """
        copy, found = _judged(type(self), type(self).model_validate, {**self._given(), **(update or {})})
        del update
        return _admitted(copy, found)

    def copy(self, **options: Any) -> Self:
        """Pydantic's older name of `model_copy`, with its arguments: there is no way around the rules."""
        return self.model_copy(**options)

    @classmethod  # type: ignore[no-redef]  # the mypy plugin makes one
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:  # type: ignore[override]  # as above
        """The model from its values, validated: there is no way around the rules."""
        return cls(**values)

    @model_serializer
    def _serialize(self) -> dict[str, Any]:
        return {name: thawed(value) for name, value in self._given().items()}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # Read-only mappings do not pickle; what was given does, and making it anew gives the same model.
        return type(self).model_validate, ({name: thawed(value) for name, value in self._given().items()},)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        if not hasattr(self, "__pydantic_fields_set__"):
            return  # not built yet: a traceback shows it
        for name, value in self._given().items():
            if name == "env":
                yield name, dict.fromkeys(value, MASK)
            else:
                yield name, masked(thawed(value), name) if isinstance(value, Mapping) else value


class _Door:
    """Stands in for a model's validator; raises ConfigError where that raises ValidationError."""

    __slots__ = ("_inner", "_model")

    def __init__(self, model: type[Strict], inner: SchemaValidator) -> None:
        self._model = model
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def validate_python(self, data: Any, **options: Any) -> Any:
        """The model from keyword arguments, a mapping or another model."""
        made, found = _judged(self._model, self._inner.validate_python, data, **options)
        del data, options
        return _admitted(made, found)

    def validate_json(self, data: str | bytes | bytearray, **options: Any) -> Any:
        """The model from a JSON text."""
        made, found = _judged(self._model, self._inner.validate_json, data, **options)
        del data, options
        return _admitted(made, found)

    def validate_strings(self, data: Any, **options: Any) -> Any:
        """The same as from Python values: strings are strings here, and never read as numbers."""
        return self.validate_python(data, **options)


def _judged(
    model: type[Strict], validate: Callable[..., StrictT], data: Any, **options: Any
) -> tuple[StrictT | None, list[Finding]]:
    """What ``validate`` makes of ``data``, or None and everything that is wrong. Never raises."""
    try:
        return validate(data, **options), []
    except ConfigError as refusal:
        return None, refusal.findings
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    return None, list(dict.fromkeys(finding for detail in details for finding in _findings(model, detail)))


def _admitted(made: StrictT | None, found: list[Finding]) -> StrictT:
    if made is None:
        raise ConfigError(found)
    return made


def _findings(model: type[Strict], detail: ErrorDetails) -> Iterator[Finding]:
    path = joined(detail["loc"])
    refusal = detail.get("ctx", {}).get("error")
    if isinstance(refusal, ConfigError):
        # A part of the service JSON tells paths that begin at itself.
        for finding in refusal.findings:
            yield replace(finding, path=".".join(filter(None, (path, finding.path))))
        return
    match detail["type"]:
        case "extra_forbidden":
            name = str(detail["loc"][-1])
            suggestion = nearest(name, model.model_fields) if len(detail["loc"]) == 1 else None
            hint = f"did you mean {suggestion}?" if suggestion else ""
            yield Finding("key.unknown", "error", path, f"{name!r} is no field of {model.__name__}.", hint)
        case "missing":
            yield Finding("value.required", "error", path, f"{model.__name__} needs {path}.")
        case "greater_than_equal":
            least = detail["ctx"]["ge"]
            yield Finding("value.range", "error", path, f"{path} is less than {least}.")
        case "literal_error":
            yield Finding("value.choice", "error", path, f"{detail['msg']}.")
        case _:
            yield Finding("value.type", "error", path, f"{detail['msg']}.")
