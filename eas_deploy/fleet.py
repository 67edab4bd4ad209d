"""What became of a fleet: one outcome for each request, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, overload

from eas_deploy.calls.record import CallRecord
from eas_deploy.deployment import Deployment
from eas_deploy.markup import block, table

State = Literal["created", "may exist", "not created"]
"""Whether there is a service now, that this fleet created."""

_STATES: tuple[State, ...] = ("created", "may exist", "not created")


@dataclass(frozen=True)
class FleetOutcome:
    """What became of one request.

    Attributes:
        name: The service name; for a request that could not be read, how it was given.
        state: ``"created"``, ``"may exist"`` or ``"not created"``: what it may cost.
        deployment: The deployment; None if there is none, or it was interrupted.
        error: Why there is no deployment; None if there is one.
        service_id: Alibaba's id, as soon as it is known.
    """

    name: str
    state: State
    deployment: Deployment | None = None
    error: Exception | None = None
    service_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was deployed."""
        return self.deployment is not None

    def __str__(self) -> str:
        if self.deployment is not None:
            unverified = "" if self.deployment.verified else ", not verified"
            return f"{self.name}: {self.deployment.status}, {self.service_id}{unverified}"
        return f"{self.name}: {self.state.upper()}: {self.error}"

    def to_dict(self, reveal_token: bool = False) -> dict[str, Any]:
        """The outcome as JSON values; see `Deployment.to_dict`."""
        return {
            "name": self.name,
            "state": self.state,
            "service_id": self.service_id,
            "deployment": self.deployment.to_dict(reveal_token) if self.deployment else None,
            "error": None
            if self.error is None
            else {"type": type(self.error).__name__, "message": str(self.error)},
        }


@dataclass(frozen=True, repr=False)
class FleetReport(Sequence[FleetOutcome]):
    """What became of a fleet; a sequence of outcomes in the order of the requests.

    Attributes:
        outcomes: One for each request.
        ledger: The calls that all of them shared.
    """

    outcomes: tuple[FleetOutcome, ...]
    ledger: tuple[CallRecord, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every request was deployed."""
        return all(one.ok for one in self.outcomes)

    @property
    def failed(self) -> tuple[FleetOutcome, ...]:
        """The outcomes without a deployment. Some may exist all the same, as their ``state`` tells."""
        return tuple(one for one in self.outcomes if not one.ok)

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """The deployments, in the order of their requests."""
        return tuple(one.deployment for one in self.outcomes if one.deployment is not None)

    def summary(self) -> str:
        """The report in words: how many there are of each kind, then one line for each request."""
        counted = Counter(one.state for one in self.outcomes)
        counts = ", ".join(f"{counted[state]} {state}" for state in _STATES if counted[state]) or "empty"
        title = f"Fleet of {len(self.outcomes)}: {counts}"
        return "\n".join([title, "=" * len(title), *(f"- {one}" for one in self.outcomes)])

    def to_dict(self, reveal_token: bool = False) -> dict[str, Any]:
        """The report as JSON values; secrets are masked, tokens unless revealed."""
        return {
            "ok": self.ok,
            "outcomes": [one.to_dict(reveal_token) for one in self.outcomes],
            "ledger": [{**asdict(one), "started_at": one.started_at.isoformat()} for one in self.ledger],
        }

    def __len__(self) -> int:
        return len(self.outcomes)

    def __iter__(self) -> Iterator[FleetOutcome]:
        return iter(self.outcomes)

    @overload
    def __getitem__(self, index: int) -> FleetOutcome: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[FleetOutcome, ...]: ...
    def __getitem__(self, index: int | slice) -> FleetOutcome | tuple[FleetOutcome, ...]:
        return self.outcomes[index]

    def __repr__(self) -> str:
        return f"FleetReport({len(self.outcomes)} requests, {len(self.failed)} failed)"

    __str__ = summary

    def _repr_html_(self) -> str:
        rows = [
            (
                one.name,
                one.state,
                one.service_id or "",
                (one.deployment.status or "") if one.deployment else "",
                "" if one.error is None else f"{type(one.error).__name__}: {one.error}",
            )
            for one in self.outcomes
        ]
        title = self.summary().partition("\n")[0]
        return f"<h4>{block(title)}</h4>" + table(("service", "state", "id", "status", "error"), rows)
