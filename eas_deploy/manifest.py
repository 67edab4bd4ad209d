"""A fleet as files: a folder of service.json files, or one manifest that lists the services.

A manifest is a list, or an object with the list under ``services``, in JSON or YAML. An entry is a service
JSON, the path of one (relative to the manifest), or the fields of a pattern with its number or class name
under ``pattern``. An entry that is not right is that entry's error when the fleet is deployed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from eas_deploy.clients.arguments import refuse
from eas_deploy.config import ServiceConfig
from eas_deploy.fleet_members import Entry
from eas_deploy.flow import Request, Sealed, as_source
from eas_deploy.patterns import PATTERNS, CustomImage, ServiceRequest

Requests: TypeAlias = Iterable[Request] | str | PathLike[str]
"""The requests of a fleet, or the path of a folder or manifest."""

_YAML = frozenset({".yaml", ".yml"})


def entries_of(requests: Requests) -> list[Entry]:
    """The requests of a fleet, from files where they are given so; each is read when the fleet is deployed.

    Raises:
        ConfigError: A folder holds no service.json, or a manifest cannot be read as one.
        OSError: The path cannot be read.
    """
    if isinstance(requests, (Mapping, ServiceRequest, ServiceConfig)):
        raise refuse("requests", "it is one request", "pass a list of requests, or use deploy")
    if not isinstance(requests, (str, PathLike)):
        return [_entry(one, index) for index, one in enumerate(requests, 1)]
    path = Path(requests)
    if path.is_dir():
        files = sorted(path.rglob("*.json"))
        if not files:
            raise refuse("requests", f"{path} holds no *.json file", "give a folder of service.json files")
        return [_entry(file, index) for index, file in enumerate(files, 1)]
    return [_listed(one, index, path.parent) for index, one in enumerate(_services(path), 1)]


def _entry(request: Request, index: int) -> Entry:
    return Entry(_label(request, index), partial(as_source, Sealed(request)))


def _listed(value: Any, index: int, folder: Path) -> Entry:
    """One entry of a manifest."""
    if isinstance(value, str):
        return _entry(folder / value, index)
    if isinstance(value, Mapping) and "pattern" in value:
        return Entry(_label(value, index), partial(_preset, _Fields(value)))
    return _entry(value, index)


@dataclass(frozen=True)
class _Fields:
    """The fields of a pattern; a traceback shows nothing of them."""

    given: Mapping[str, Any] = field(repr=False)


def _preset(sealed: _Fields) -> ServiceRequest:
    """The request that an entry makes of a pattern."""
    fields = dict(sealed.given)
    wanted = fields.pop("pattern")
    kinds: dict[Any, type[ServiceRequest]] = {
        **PATTERNS,
        **{kind.__name__: kind for kind in PATTERNS.values()},
        "CustomImage": CustomImage,
    }
    if wanted not in kinds:
        raise refuse(
            "pattern", f"there is no pattern {wanted!r}", f"give one of {', '.join(map(str, kinds))}"
        )
    return kinds[wanted](**fields)


def _label(request: Any, index: int) -> str:
    """What a request is called until it is read: its path or name, else its number."""
    if isinstance(request, PathLike):
        return str(request)
    if isinstance(request, Mapping):
        metadata = request.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else request.get("name")
        if isinstance(name, str) and name:
            return name
    return f"request {index}"


def _services(path: Path) -> list[Any]:
    document = _read(path)
    services = document.get("services") if isinstance(document, Mapping) else document
    if not isinstance(services, list):
        raise refuse(
            "requests", f"{path} is no manifest", "give a list, or an object with a list of services"
        )
    return services


def _read(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix.lower() not in _YAML:
        try:
            return json.loads(text)
        except ValueError as error:
            raise refuse("requests", f"{path} is no JSON: {error}", "mend it, or name it .yaml") from None
    try:
        import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, without types
    except ImportError:
        raise refuse(
            "requests", f"{path} is YAML and PyYAML is not installed", 'pip install "eas-deploy[yaml]"'
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)  # the error itself quotes the text, secrets and all
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise refuse("requests", f"{path} is no YAML{where}", "mend it") from None
