"""What planning writes down as it goes: the decisions it took and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field

from eas_deploy.errors import ApiError, EasDeployError, PermissionDeniedError
from eas_deploy.findings import Finding


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice that was made for the user.

    Attributes:
        subject: What was decided: ``"instance type"``, ``"workspace"``, ``"image"``.
        chosen: What was chosen.
        reason: Why, in words.
        instead_of: What the request said; None if it said nothing.
    """

    subject: str
    chosen: str
    reason: str
    instead_of: str | None = None

    def __str__(self) -> str:
        before = f" (instead of {self.instead_of})" if self.instead_of else ""
        return f"{self.subject}: {self.chosen}{before}: {self.reason}"


@dataclass
class Journal:
    """Decisions and findings, in the order in which they were made."""

    decisions: list[Decision] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def decide(self, subject: str, chosen: str, reason: str, instead_of: str | None = None) -> None:
        """Write down a choice."""
        self.decisions.append(Decision(subject, chosen, reason, instead_of))

    def notice(self, rule: str, message: str, hint: str = "", path: str = "") -> None:
        """Write down something the user should know that stops nothing."""
        self.findings.append(Finding(rule, "notice", path, message, hint))

    def failed(self, rule: str, what: str, error: EasDeployError) -> None:
        """Write down that an optional call failed and the deployment goes on."""
        self.findings.append(
            Finding(rule, "notice", "", f"{what}: {in_brief(error)}", missing_permission(error))
        )


def in_brief(error: EasDeployError) -> str:
    """The error as operation, code and words: what a notice has room for."""
    if isinstance(error, ApiError) and (error.code or error.http_status):
        return f"{error.operation} answered {error.code or error.http_status}"
    return f"{type(error).__name__}: {str(error).rstrip('.')}"


def missing_permission(error: EasDeployError) -> str:
    """The hint that names the RAM action to allow; empty if that is not what is missing."""
    if isinstance(error, PermissionDeniedError) and error.ram_action:
        return f"allow the RAM action {error.ram_action}"
    return ""
