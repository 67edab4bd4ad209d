"""Changing what a service runs: its config, its number of replicas, its version. Shown before it is sent.

Generators and pure functions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from eas_deploy.calls import (
    ListServiceVersions,
    ServiceInfo,
    ServiceVersion,
    UpdateService,
    UpdateServiceVersion,
)
from eas_deploy.calls.steps import Plan, consult, every
from eas_deploy.config import ServiceConfig, lint
from eas_deploy.config.reading import read
from eas_deploy.errors import ConfigError, ConfirmationDeclined
from eas_deploy.findings import Finding
from eas_deploy.lifecycle.arguments import one_of, whole
from eas_deploy.lifecycle.changing import Change, change, look_before
from eas_deploy.lifecycle.config_diff import ConfigDiff, differences, merged
from eas_deploy.lifecycle.probing import config_of
from eas_deploy.lifecycle.settling import at_version, newer_than, with_replicas
from eas_deploy.lifecycle.subject import Subject, look

NewConfig: TypeAlias = ServiceConfig | Mapping[str, Any] | str | PathLike[str]
"""A service JSON, or for a merge any part of one: a config, a dict, a path or a JSON text."""

Mode: TypeAlias = Literal["merge", "replace"]
"""Whether a config is laid over the present one, or put in its place."""

ConfirmUpdate: TypeAlias = Callable[[ConfigDiff], Any | Awaitable[Any]]
"""Given what would change, answers something true to go on."""

_AUTOSCALED = "the service has an autoscaler, which may choose another number at any time"


@dataclass(frozen=True)
class Version:
    """One version that was deployed.

    Attributes:
        number: Its number, for `roll_back`. The API tells none: it is counted from the newest, whose number
            it does tell.
        is_current: Whether the service runs it.
        info: What the API tells of it, with its config.
    """

    number: int
    is_current: bool
    info: ServiceVersion


def preview_update(subject: Subject, config: NewConfig, mode: Mode = "merge") -> Plan[ConfigDiff]:
    """What `update` would change; nothing is sent. Print it.

    Args:
        subject: The service.
        config: The new config: a ServiceConfig, a dict, a path or a JSON text; for a merge any part of one.
        mode: ``"merge"`` lays it over the present config, ``"replace"`` puts it in its place.

    Raises:
        ValueError: There is no such mode.
        ConfigError: The service could not run the result; lists everything found.
        NotFoundError: There is no such service.
    """
    new = _read(config)
    del config  # see _New
    one_of("mode", mode, get_args(Mode))
    info = yield from look(subject, "before a change")
    return _accepted(_compared(info, subject.name, new, mode))


def update(
    subject: Subject, config: NewConfig, mode: Mode = "merge", confirm: ConfirmUpdate | None = None
) -> Plan[Change]:
    """The change of the service's config; it makes a new version. Nothing is sent if nothing differs.

    Args:
        subject: The service.
        config: The new config: a ServiceConfig, a dict, a path or a JSON text; for a merge any part of one.
        mode: ``"merge"`` lays it over the present config (lists are replaced whole), ``"replace"`` puts it in
            its place.
        confirm: Asked once, with the differences, before anything is sent; something false stops.

    Raises:
        ValueError: There is no such mode.
        ConfigError: The service could not run the result; lists everything found.
        ConfirmationDeclined: ``confirm`` said no; nothing was changed.
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    new = _read(config)
    del config  # see _New
    one_of("mode", mode, get_args(Mode))
    before = yield from look_before(subject)
    diff = _accepted(_compared(before, subject.name, new, mode))
    if not diff and before.service_config:
        return Change("update", subject.name, before.status, notes=("the service runs this config already",))
    if confirm is not None:
        agreed = yield from consult(confirm, diff)
        if not agreed:
            raise ConfirmationDeclined(
                f"The confirm callback declined the update of {subject.name}; nothing was changed."
            )
    call = UpdateService(subject.name, new.wire, mode)
    notes = [str(one) for one in diff.findings if one.severity == "warning"]
    return (
        yield from change(
            subject,
            call,
            "update",
            before,
            changes=diff.differences,
            notes=notes,
            carried=newer_than(before),
        )
    )


def scale(subject: Subject, replicas: int) -> Plan[Change]:
    """The change to ``replicas`` replicas, 0 or more. More replicas cost more.

    Raises:
        ValueError: ``replicas`` is no number of replicas.
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    whole("replicas", replicas, 0)
    before = yield from look_before(subject)
    asked = {"metadata": {"instance": replicas}}
    told = differences({"metadata": {"instance": before.total_instance}}, asked)
    if not told:
        already = f"the service has {replicas} {'replica' if replicas == 1 else 'replicas'} already"
        return Change("scale", subject.name, before.status, notes=(already,))
    notes = [_AUTOSCALED] if config_of(before).get("autoscaler") else []
    call = UpdateService(subject.name, asked, "merge")
    carried = with_replicas(replicas)
    return (yield from change(subject, call, "scale", before, changes=told, notes=notes, carried=carried))


def versions(subject: Subject) -> Plan[list[Version]]:
    """The versions of the service that were deployed, newest first.

    Raises:
        NotFoundError: There is no such service.
    """
    info = yield from look(subject, "versions")
    found = yield from every(ListServiceVersions(subject.name), "versions")
    newest = info.latest_version or len(found)
    return [
        Version(newest - index, newest - index == info.current_version, one)
        for index, one in enumerate(found)
    ]


def roll_back(subject: Subject, version: int | None = None) -> Plan[Change]:
    """The change to another version of the service.

    Args:
        subject: The service.
        version: Its number; None takes the one before the version that runs.

    Raises:
        ValueError: There is no version before, or ``version`` is no number of one.
        SafetyLockError: The service is locked; nothing was changed.
        ChangeOutcomeUnknownError: No answer came that says whether it was carried out.
        NotFoundError: There is no such service.
    """
    if version is not None:
        whole("version", version, 1)
    before = yield from look_before(subject)
    if version is None:
        version = (before.current_version or 0) - 1
        if version < 1:
            raise ValueError(f"service {subject.name} has no version before the one that it runs")
    told = differences({"current_version": before.current_version}, {"current_version": version})
    if not told:
        already = f"the service runs version {version} already"
        return Change("roll back", subject.name, before.status, notes=(already,))
    call = UpdateServiceVersion(subject.name, version)
    carried = at_version(version)
    return (yield from change(subject, call, "roll back", before, changes=told, carried=carried))


@dataclass(frozen=True)
class _New:
    """A config, or a part of one, to be sent; secrets in it stay out of reprs, and so out of tracebacks."""

    wire: Any = field(repr=False)
    found: tuple[Finding, ...]


def _read(config: NewConfig) -> _New:
    """The plain JSON object of ``config``, and what makes it none.

    Raises:
        OSError: The file cannot be read.
    """
    if isinstance(config, ServiceConfig):
        return _New(config.to_wire(), ())
    wire, found = read(Path(config) if isinstance(config, PathLike) else config)
    if not isinstance(wire, dict) and not found:
        found = [Finding("json.invalid", "error", "", "An update must be a JSON object.")]
    return _New(wire, tuple(found))


def _compared(before: ServiceInfo, name: str, new: _New, mode: Mode) -> ConfigDiff:
    """What would differ, and what the rules say to that; errors that the service lives with do not count.

    Holds documents and so never raises: see `_New`.
    """
    if new.found:
        return ConfigDiff(name, mode, (), new.found)
    present = config_of(before)
    after = merged(present, new.wire) if mode == "merge" else new.wire
    findings: list[Finding] = []
    # Without the present config nothing can be said about what a part would make of it.
    if present or mode == "replace":
        lived_with = {(one.rule, one.path) for one in lint(present)}
        findings = [one for one in lint(after) if (one.rule, one.path) not in lived_with]
        findings += _renamed(after, name)
    return ConfigDiff(name, mode, differences(present, after), tuple(findings))


def _accepted(diff: ConfigDiff) -> ConfigDiff:
    """The diff itself.

    Raises:
        ConfigError: The service could not run the result.
    """
    if any(one.severity == "error" for one in diff.findings):
        raise ConfigError(diff.findings)
    return diff


def _renamed(after: dict[str, Any], name: str) -> list[Finding]:
    metadata = after.get("metadata")
    told = metadata.get("name", after.get("name")) if isinstance(metadata, dict) else after.get("name")
    if told in {name, None}:
        return []
    message = f"A service cannot be renamed: this one is {name}."
    return [Finding("name.conflict", "error", "metadata.name", message, "leave the name as it is")]
