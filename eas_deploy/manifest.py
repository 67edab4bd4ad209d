"""A fleet as files: a folder of service.json files, or one manifest that lists the services.

A manifest is a list, or an object with the list under ``services``, in JSON or YAML. An entry is a service
JSON, the path of one (relative to the manifest), or the fields of a pattern with its number or class name
under ``pattern``. An entry that is not right is that entry's error when the fleet is deployed. What would be
lost in reading, a key that is given twice or means nothing, is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from eas_deploy.clients.arguments import refuse
from eas_deploy.config import ServiceConfig
from eas_deploy.config.reading import TOO_DEEP, from_python, parse
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding
from eas_deploy.fleet_members import Entry
from eas_deploy.flow import Request, Sealed, as_source
from eas_deploy.patterns import PATTERNS, CustomImage, ServiceRequest
from eas_deploy.rules.paths import child

Requests: TypeAlias = Iterable[Request] | str | PathLike[str]
"""The requests of a fleet, or the path of a folder or manifest."""

_YAML = frozenset({".yaml", ".yml"})


def entries_of(requests: Requests) -> list[Entry]:
    """The requests of a fleet, from files where they are given so; each is read when the fleet is deployed.

    Raises:
        ConfigError: They are no requests, a folder holds no service.json, or a manifest cannot be read.
    """
    if isinstance(requests, (Mapping, ServiceRequest, ServiceConfig)):
        raise refuse("requests", "it is one request", "pass a list of requests, or use deploy")
    if isinstance(requests, str) and requests.lstrip()[:1] in {"[", "{"}:
        raise refuse("requests", "it is a text, not a path", "pass the path of a file, or json.loads(text)")
    if not isinstance(requests, (str, PathLike)):
        if not isinstance(requests, Iterable):
            raise refuse("requests", f"a {type(requests).__name__} holds no requests", "pass a list of them")
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
    fields, found = from_python(sealed.given)
    if found:
        raise ConfigError(found)
    wanted = fields.pop("pattern")
    kinds: dict[Any, type[ServiceRequest]] = {
        **PATTERNS,
        **{kind.__name__: kind for kind in PATTERNS.values()},
        "CustomImage": CustomImage,
    }
    if isinstance(wanted, bool) or not isinstance(wanted, (int, str)) or wanted not in kinds:
        told = repr(wanted) if isinstance(wanted, (int, str)) else f"that is a {type(wanted).__name__}"
        raise refuse("pattern", f"there is no pattern {told}", f"give one of {', '.join(map(str, kinds))}")
    return kinds[wanted](**fields)


def _label(request: Any, index: int) -> str:
    """What a request is called until it is read: its path or name, else its number."""
    if isinstance(request, PathLike) or (isinstance(request, str) and request.endswith(".json")):
        return str(request)
    if isinstance(request, Mapping):
        metadata = request.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else request.get("name")
        if isinstance(name, str) and name:
            return name
    return f"request {index}"


def _services(path: Path) -> list[Any]:
    """The list that a manifest holds.

    Raises:
        ConfigError: It is no manifest.
    """
    document = _read(path)
    if isinstance(document, Mapping) and "services" not in document:
        if "metadata" in document or "containers" in document:
            raise refuse(
                "requests", f"{path} is one service, not a manifest", "use deploy, or list it in one"
            )
        if "pattern" in document:
            raise refuse("requests", f"{path} is one entry, not a manifest", "put it in a list")
    services = document.get("services") if isinstance(document, Mapping) else document
    if not isinstance(services, list):
        raise refuse(
            "requests", f"{path} is no manifest", "give a list, or an object with a list of services"
        )
    if isinstance(document, Mapping) and len(document) > 1:
        raise ConfigError(
            Finding(
                "key.unknown", "error", str(key), f"{path}: {key!r} is no key of a manifest.", "leave it out"
            )
            for key in document
            if key != "services"
        )
    return services


def _read(path: Path) -> Any:
    """What the JSON or YAML in a file says.

    Raises:
        ConfigError: It cannot be read, or not without loss.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        told = f"{path} cannot be read: {error.strerror}"
        raise refuse("requests", told, "give the path of a folder or a manifest") from error
    is_yaml = path.suffix.lower() in _YAML
    document, found = _parse_yaml(path, data) if is_yaml else parse(data)
    if found:
        hint = "mend it" if is_yaml else "mend it; the name of a YAML file ends in .yaml"
        raise ConfigError(
            replace(one, message=f"{path}: {one.message}", hint=one.hint or hint) for one in found
        )
    return document


def _parse_yaml(path: Path, data: bytes) -> tuple[Any, list[Finding]]:
    """The value of a YAML text, and what makes it invalid or would be lost."""
    try:
        import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, without types
    except ImportError:
        raise refuse(
            "requests", f"{path} is YAML and PyYAML is not installed", 'pip install "eas-deploy[yaml]"'
        ) from None
    try:
        loader = yaml.SafeLoader(data)
        tree = loader.get_single_node()
        found: list[Finding] = []
        _find_repeated_keys(tree, "", found, set())
        return (None if tree is None else loader.construct_document(tree)), found
    except RecursionError:
        return None, [TOO_DEEP]
    except (yaml.YAMLError, ValueError) as error:  # a ValueError is about a date or a number
        mark = getattr(error, "problem_mark", None)  # the error itself quotes the text, secrets and all
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise refuse("requests", f"{path} is no YAML{where}", "mend it") from None


def _find_repeated_keys(node: Any, path: str, found: list[Finding], seen: set[int]) -> None:
    """Note the keys that stand twice in an object of a YAML tree, of which a parser keeps the last."""
    if id(node) in seen or not isinstance(getattr(node, "value", None), list):
        return
    seen.add(id(node))  # an alias leads to the same node again
    if node.id == "sequence":
        for index, one in enumerate(node.value):
            _find_repeated_keys(one, child(path, index), found, seen)
        return
    keys = set()
    for key, one in node.value:
        at = child(path, str(key.value))
        if (key.tag, str(key.value)) in keys:
            message = f"The key {key.value!r} is given twice (line {key.start_mark.line + 1})."
            found.append(Finding("json.invalid", "error", at, message, "keep one of them"))
        keys.add((key.tag, str(key.value)))
        _find_repeated_keys(one, at, found, seen)
