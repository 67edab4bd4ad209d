"""Puts the descriptions of pydantic fields, which autodoc does not know of, into the API reference.

A Sphinx extension.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from eas_deploy import ServiceRequest

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Have the fields of models described."""
    app.connect("autodoc-process-docstring", describe_fields)
    return {"version": "1", "parallel_read_safe": True}


def describe_fields(  # noqa: PLR0913, PLR0917 - the arguments are Sphinx's
    app: Sphinx,  # noqa: ARG001 - the same
    what: str,
    name: str,  # noqa: ARG001 - the same
    documented: Any,
    options: Any,  # noqa: ARG001 - the same
    lines: list[str],
) -> None:
    """Append a line for each field to the docstring of a model."""
    if what == "class" and isinstance(documented, type) and issubclass(documented, BaseModel):
        lines.append("")
        for field in own_fields(documented):
            info = documented.model_fields[field]
            lines += [
                f":param {field}: {info.description or ''}",
                f":type {field}: {in_words(info.annotation)}",
            ]
        lines.append("")


def own_fields(model: type[BaseModel]) -> Iterator[str]:
    """The fields of a model; of a pattern, those that differ from what every request has."""
    shared = {}
    if issubclass(model, ServiceRequest) and model is not ServiceRequest:
        shared = ServiceRequest.model_fields
    for name, field in model.model_fields.items():
        if name not in shared or shared[name].description != field.description:
            yield name


def in_words(annotation: Any) -> str:
    """A type as users write it: without what only the validation of a model needs."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return in_words(arguments[0])
    if origin in {Union, UnionType}:
        return " | ".join(dict.fromkeys(map(in_words, arguments)))
    if origin is Literal:
        return " | ".join(map(repr, arguments))
    if arguments:
        return f"{origin.__name__}[{', '.join(map(in_words, arguments))}]"
    if annotation is NoneType:
        return "None"
    return "..." if annotation is Ellipsis else str(getattr(annotation, "__name__", annotation))
