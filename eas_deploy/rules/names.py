"""Rules about the service's name."""

from __future__ import annotations

import re

from eas_deploy.rules.document import Document
from eas_deploy.rules.registry import Report, RuleInfo, rule

_BAD_CHARACTER = re.compile(r"[^a-z0-9_]")
MIN_LENGTH = 3
MAX_LENGTH = 63
_GOOD_NAME = re.compile(rf"[a-z0-9_]{{{MIN_LENGTH},{MAX_LENGTH}}}")


@rule(RuleInfo("name.required", "error", "No name, neither in metadata.name nor at top level"), whole=True)
def required(document: Document, report: Report) -> None:
    """A service has a name."""
    if document.metadata.get("name") is None and document.alias is None:
        report("name.required", "metadata.name", "The service has no name.", "set metadata.name")


@rule(
    RuleInfo("name.conflict", "error", "metadata.name and the name at top level differ"),
    RuleInfo("name.top_level", "notice", "The name stands at top level, an alias of metadata.name"),
    needs="alias",
)
def top_level(document: Document, report: Report) -> None:
    """The name at top level is an alias."""
    alias, name = document.alias, document.metadata.get("name")
    if isinstance(alias, str) and isinstance(name, str) and alias != name:
        report(
            "name.conflict",
            "name",
            f"The name at top level, {alias!r}, differs from metadata.name, {name!r}.",
            "keep metadata.name only",
        )
    report("name.top_level", "name", "name at top level is an alias of metadata.name.")


@rule(
    RuleInfo("name.format", "error", "A name has other characters than a-z, 0-9 and underscore"),
    RuleInfo("name.length", "error", "A name has fewer than 3 or more than 63 characters"),
)
def form(document: Document, report: Report) -> None:
    """Names are made of lower-case letters, digits and underscores."""
    name, alias = document.metadata.get("name"), document.alias
    if isinstance(name, str):
        _check_form(name, "metadata.name", report)
    if isinstance(alias, str) and alias != name:
        _check_form(alias, "name", report)


def _check_form(name: str, path: str, report: Report) -> None:
    if _GOOD_NAME.fullmatch(name) is not None:
        return
    bad = _BAD_CHARACTER.search(name)
    if bad is not None:
        report(
            "name.format",
            path,
            f"{name!r} has characters other than a-z, 0-9 and underscore.",
            f"the first bad character is {bad[0]!r} at position {bad.start() + 1}",
        )
    if not MIN_LENGTH <= len(name) <= MAX_LENGTH:
        report(
            "name.length",
            path,
            f"The name has {len(name)} characters; {MIN_LENGTH} to {MAX_LENGTH} are allowed.",
        )
