"""What a check found: one finding, and the list of them that users see.

A leaf, so that errors, rules and plans can all carry findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from eas_deploy.markup import table

Severity = Literal["error", "warning", "notice", "fix"]
"""``error`` refuses the config; ``fix`` is repaired by the planner, which records a decision."""

_ORDER: dict[str, int] = {"error": 0, "fix": 1, "warning": 2, "notice": 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule has to say about a config.

    Attributes:
        rule: Stable id, such as ``"nlb.network"``; the rule catalogue in the documentation lists all.
        severity: ``"error"``, ``"warning"``, ``"notice"`` or ``"fix"``.
        path: Where, as a JSON path such as ``storage[0].oss.path``; empty for the document itself.
        message: What is wrong and why. Never holds a value that may be a secret.
        hint: What to do about it; may be empty.
    """

    rule: str
    severity: Severity
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f" {self.path}:" if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"[{self.rule}]{where} {self.message}{hint}"


class Findings(list[Finding]):
    """A list of findings that prints one a line, worst first, and renders as a table in notebooks."""

    __slots__ = ()

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        super().__init__(sorted(findings, key=lambda finding: _ORDER[finding.severity]))

    @property
    def errors(self) -> list[Finding]:
        """The findings that refuse the config."""
        return [finding for finding in self if finding.severity == "error"]

    def __str__(self) -> str:
        return "\n".join(f"{finding.severity}: {finding}" for finding in self) or "no findings"

    def _repr_html_(self) -> str:
        if not self:
            return "<p>no findings</p>"
        rows = [(one.severity, one.rule, one.path, one.message, one.hint) for one in self]
        return table(("severity", "rule", "where", "what", "hint"), rows)
