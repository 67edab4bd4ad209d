"""The plan: everything that will be done, to look at and keep before anything is created."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from eas_deploy.calls.record import CallRecord
from eas_deploy.config import ServiceConfig
from eas_deploy.findings import Finding, Findings
from eas_deploy.markup import block, table
from eas_deploy.planning.journal import Decision
from eas_deploy.planning.nlb_refusal import NlbFallback, announcement
from eas_deploy.planning.outline import PlannedCall
from eas_deploy.ram import policy_for


@dataclass(frozen=True, repr=False)
class DeploymentPlan:
    """What `Deployer.execute` will do. Nothing has been created yet.

    Attributes:
        config: The service JSON that CreateService will be sent.
        calls: All calls of the deployment, in order, those already made included.
        ledger: The calls that were sent for this plan: all of them only read.
        decisions: What was chosen for the user, and why.
        findings: Warnings and notices about the config.
        region_id: Where the service will be created.
        nlb_fallback: What happens when EAS refuses the NLB settings twice.
        created_at: When the plan was made, UTC.
    """

    config: ServiceConfig
    calls: tuple[PlannedCall, ...]
    ledger: tuple[CallRecord, ...]
    decisions: tuple[Decision, ...]
    findings: Findings
    region_id: str
    nlb_fallback: NlbFallback
    created_at: datetime

    @property
    def name(self) -> str:
        """The name of the service to be created."""
        return self.config.service_name

    def ram_policy(self) -> dict[str, Any]:
        """The smallest RAM policy that lets this plan be made and executed, as a policy document."""
        return policy_for(self.calls)

    def summary(self) -> str:
        """The plan in words; secrets are masked."""
        announced = announcement(self.config, self.nlb_fallback)
        parts = [
            _titled(f"Deployment plan for {self.name} in {self.region_id}"),
            _section("Calls", [_in_words(call) for call in self.calls]),
            _section("Decisions", list(map(str, self.decisions))),
            _section("Findings", [f"{one.severity}: {one}" for one in self.findings]),
            _section("NLB", [announced] if announced else []),
            "Service JSON:\n" + json.dumps(self.config.masked(), indent=2, ensure_ascii=False),
        ]
        return "\n\n".join(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON values; secrets of the config are masked."""
        return {
            "name": self.name,
            "region_id": self.region_id,
            "created_at": self.created_at.isoformat(),
            "config": self.config.masked(),
            "calls": [asdict(call) for call in self.calls],
            "ledger": [{**asdict(one), "started_at": one.started_at.isoformat()} for one in self.ledger],
            "decisions": [asdict(one) for one in self.decisions],
            "findings": [_finding(one) for one in self.findings],
            "nlb_fallback": self.nlb_fallback,
            "nlb_announcement": announcement(self.config, self.nlb_fallback),
        }

    def __repr__(self) -> str:
        return (
            f"DeploymentPlan({self.name!r}, region_id={self.region_id!r}, calls={len(self.calls)}, "
            f"decisions={len(self.decisions)}, findings={len(self.findings)})"
        )

    __str__ = summary

    def _repr_html_(self) -> str:
        announced = announcement(self.config, self.nlb_fallback)
        calls = [
            (call.operation, call.stage, call.purpose, call.ram_action, "yes" if call.billable else "")
            for call in self.calls
        ]
        decisions = [(one.subject, one.chosen, one.instead_of or "", one.reason) for one in self.decisions]
        return (
            f"<h4>Deployment plan for {block(self.name)} in {block(self.region_id)}</h4>"
            + table(("call", "stage", "purpose", "RAM action", "billable"), calls)
            + table(("decided", "chosen", "instead of", "reason"), decisions)
            + self.findings._repr_html_()
            + (f"<p>{block(announced)}</p>" if announced else "")
            + f"<pre>{block(json.dumps(self.config.masked(), indent=2, ensure_ascii=False))}</pre>"
        )


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "path": finding.path,
        "message": finding.message,
        "hint": finding.hint,
    }


def _in_words(call: PlannedCall) -> str:
    money = "; billable" if call.billable else ""
    return f"[{call.stage}] {call.operation}: {call.purpose} ({call.ram_action}{money})"


def _titled(title: str) -> str:
    return f"{title}\n{'=' * len(title)}"


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"{title}:", *(f"- {line}" for line in lines)]) if lines else ""
