"""What differs between two service JSONs, for readers: paths with old and new values, secrets masked. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eas_deploy.config.masking import masked
from eas_deploy.findings import Finding
from eas_deploy.markup import table

_ABSENT = object()
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


@dataclass(frozen=True)
class Difference:
    """One value that differs.

    Attributes:
        path: Where, such as ``containers[0].command``.
        kind: ``"added"``, ``"removed"`` or ``"changed"``.
        old: The value now, as JSON text with secrets masked; None when it is added.
        new: The value after, likewise; None when it is removed.
    """

    path: str
    kind: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        told = " -> ".join(value for value in (self.old, self.new) if value is not None)
        return f"{_MARKS[self.kind]} {self.path}: {told}"


@dataclass(frozen=True)
class ConfigDiff:
    """What an update would change. Prints as a diff, one difference a line.

    Attributes:
        name: The service name.
        mode: ``"merge"`` or ``"replace"``.
        differences: What differs, in the order of the config.
        findings: What the rules say about the config after the update, errors excepted.
    """

    name: str
    mode: str
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.differences)

    def __str__(self) -> str:
        count = len(self.differences)
        found = "1 difference" if count == 1 else f"{count or 'no'} differences"
        lines = [f"Update of {self.name} ({self.mode}): {found}"]
        lines += [f"  {one}" for one in self.differences]
        lines += [f"  {one.severity}: {one}" for one in self.findings]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(one.path, one.old or "", one.new or "") for one in self.differences]
        return table(("where", "now", "after"), rows) or f"<p>{self}</p>"


def differences(old: Any, new: Any) -> tuple[Difference, ...]:
    """What differs between two JSON values."""
    return tuple(_walk("", "", old, new))


def _walk(path: str, key: str, old: Any, new: Any) -> Iterator[Difference]:
    if _same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _walk_objects(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_lists(path, key, old, new)
    else:
        kind = "added" if old is _ABSENT else "removed" if new is _ABSENT else "changed"
        yield Difference(path, kind, _text(old, key), _text(new, key))


def _walk_objects(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    for key in [*old, *(key for key in new if key not in old)]:
        below = f"{path}.{key}" if path else key
        yield from _walk(below, key, old.get(key, _ABSENT), new.get(key, _ABSENT))


def _walk_lists(path: str, key: str, old: list[Any], new: list[Any]) -> Iterator[Difference]:
    if _named(old) and _named(new):
        # Variables are found by their name: one more at the front does not change all the others.
        before = {one["name"]: one for one in old}
        after = {one["name"]: one for one in new}
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _walk_items(
                f"{path}[{name}]", key, before.get(name, _ABSENT), after.get(name, _ABSENT)
            )
        return
    for index in range(max(len(old), len(new))):
        one = old[index] if index < len(old) else _ABSENT
        other = new[index] if index < len(new) else _ABSENT
        yield from _walk_items(f"{path}[{index}]", key, one, other)


def _walk_items(path: str, key: str, old: Any, new: Any) -> Iterator[Difference]:
    if key == "env" and not _same(old, new):  # what masking hides is only known of a variable as a whole
        kind = "added" if old is _ABSENT else "removed" if new is _ABSENT else "changed"
        yield Difference(path, kind, _variable(old), _variable(new))
    else:
        yield from _walk(path, key, old, new)


def _same(old: Any, new: Any) -> bool:
    # JSON keeps true and 1 apart, Python does not.
    return type(old) is type(new) and bool(old == new)


def _named(items: Sequence[Any]) -> bool:
    names = [one.get("name") for one in items if isinstance(one, dict)]
    return len(names) == len(items) and all(names) and len(set(names)) == len(names)


def _variable(value: Any) -> str | None:
    return None if value is _ABSENT else json.dumps(masked([value], "env")[0], ensure_ascii=False)


def _text(value: Any, key: str) -> str | None:
    return None if value is _ABSENT else json.dumps(masked(value, key), ensure_ascii=False)


def merged(old: Any, new: Any) -> Any:
    """``new`` laid over ``old``: objects are merged, everything else is replaced, as UpdateService does."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
