"""The one door into every config object: whatever comes in is judged whole, and refused with ConfigError.

Pydantic turns any ValueError that a validator raises into its own ValidationError, so ConfigError cannot be
raised inside. Instead the class's ``__pydantic_validator__``, which ``__init__``, ``model_validate*`` and
``TypeAdapter`` all call, is replaced by a stand-in, as pydantic's own plugin mechanism does.

A function that holds a document never raises: the frames of a ConfigError's traceback hold no secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import SchemaValidator

from eas_deploy import rules
from eas_deploy.config.reading import TOO_DEEP, from_python, parse
from eas_deploy.config.shape_errors import shape_findings
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding

if TYPE_CHECKING:
    from eas_deploy.config.wire_model import UnknownKeys, WireModel

Part = TypeVar("Part", bound="WireModel")

JUDGED = object()
"""Passed as pydantic's context: this door judges the document, nobody else needs to."""


class Door(Generic[Part]):
    """Stands in for a model's SchemaValidator; raises ConfigError where that raises ValidationError."""

    __slots__ = ("_inner", "_model")

    def __init__(self, model: type[Part], inner: SchemaValidator) -> None:
        self._model = model
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def validate_python(self, data: Any, *, self_instance: Any = None, **_options: Any) -> Part:
        """The part from Python values: keyword arguments of a constructor, or an object in wire form."""
        if self_instance is None and isinstance(data, self._model):
            return data
        document = from_python(data if self_instance is None else self._model.renamed(data))
        run = partial(self._inner.validate_python, context=JUDGED, self_instance=self_instance)
        part, found = judge(self._model, *document, run=run)
        del data, document
        return admitted(part, found)

    def validate_json(self, data: str | bytes, **_options: Any) -> Part:
        """The part from a JSON text."""
        document = parse(data)
        part, found = judge(self._model, *document)
        del data, document
        return admitted(part, found)

    def validate_strings(self, data: Any, **_options: Any) -> Part:
        """The same as from Python values: strings are strings here, and never read as numbers."""
        return self.validate_python(data)

    def run(self, wire: dict[str, Any]) -> Part:
        """Pydantic's own validation of a plain JSON object.

        Raises:
            ValidationError: Its shape is wrong.
        """
        part: Part = self._inner.validate_python(wire, context=JUDGED)
        return part


def judge(
    model: type[Part],
    wire: Any,
    found: list[Finding],
    *,
    unknown_keys: UnknownKeys = "error",
    run: Callable[[dict[str, Any]], Part] | None = None,
) -> tuple[Part | None, list[Finding]]:
    """The part that a plain JSON object describes, or None, and everything found. Never raises.

    Args:
        model: The kind of part.
        wire: The object, which the part keeps: nobody else may hold it.
        found: What reading it found already.
        unknown_keys: ``"keep"`` lets keys through that the part does not know.
        run: Pydantic's validation; the model's own if None.
    """
    if not isinstance(wire, dict):
        if not found:
            found.append(Finding("json.invalid", "error", "", f"{model.__name__} is a JSON object."))
        return None, found
    try:
        return _judge_object(model, wire, found, unknown_keys, run or model.door().run)
    except RecursionError:
        return None, [*found, TOO_DEEP]


def admitted(part: Part | None, found: Iterable[Finding]) -> Part:
    """The part if there is one.

    Raises:
        ConfigError: There is none.
    """
    if part is None:
        raise ConfigError(found)
    return part


def _judge_object(
    model: type[Part],
    wire: dict[str, Any],
    found: list[Finding],
    unknown_keys: UnknownKeys,
    run: Callable[[dict[str, Any]], Part],
) -> tuple[Part | None, list[Finding]]:
    place = model.place
    if place is not None:
        found += rules.check_part(wire, place) if place else rules.check(wire)
    try:
        part = run(wire if unknown_keys == "error" else _known_part(model, wire))
    except ValidationError as error:
        # A rule that has an id of its own for a missing or a misplaced key says it better.
        ruled = {finding.path for finding in found if finding.rule != "json.invalid"}
        found += [
            finding
            for finding in shape_findings(model, wire, error)
            if not (finding.rule in {"value.required", "key.unknown"} and finding.path in ruled)
        ]
        return None, found
    if found and any(finding.severity == "error" for finding in found):
        return None, found
    part.remember(wire, unknown_keys, found)
    return part, found


def _known_part(model: type[WireModel], wire: dict[str, Any]) -> dict[str, Any]:
    """The object without the keys that its model does not know, at any depth."""
    known: dict[str, Any] = {}
    for key, value in wire.items():
        if key in model.attributes:
            part = model.parts.get(key)
            known[key] = value if part is None else _known_value(part, value)
    return known


def _known_value(part: type[WireModel], value: Any) -> Any:
    if isinstance(value, dict):
        return _known_part(part, value)
    if isinstance(value, list):
        return [_known_value(part, one) for one in value]
    return value
