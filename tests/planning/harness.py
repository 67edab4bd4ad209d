"""Runs a plan on canned answers: facts in, calls out. No thread, no clock, no socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from eas_deploy import errors
from eas_deploy.calls.base import Answer, Call
from eas_deploy.calls.steps import Consult, Pause, Plan, Send, Step, Together
from eas_deploy.flow import Flow
from eas_deploy.patterns import ServiceRequest

HERE = Path(__file__).parent
ANSWERS: dict[str, Any] = json.loads((HERE / "answers.json").read_text())
REQUEST: dict[str, Any] = json.loads((HERE / "request.json").read_text())
DEPLOY_ID = "0123456789abcdef0123456789abcdef"
MADE_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

ERRORS: dict[str, Callable[..., Exception]] = {
    name: getattr(errors, name)
    for name in (
        "ApiError",
        "AuthenticationError",
        "ConflictError",
        "ConnectError",
        "ConnectionLostError",
        "CredentialsError",
        "DeadlineExceededError",
        "NotFoundError",
        "PermissionDeniedError",
        "ReadTimeoutError",
        "ServerError",
        "ThrottledError",
        "UnreadableAnswerError",
    )
}


@dataclass
class Canned:
    """Answers by operation: a list is used up in order and its last entry stays.

    An answer is the JSON object on the wire, or ``{"error": "ServerError", ...}`` with the error's own
    keyword arguments, ``attempts``, and ``cause`` for the error that it came from. ``{"interrupt": true}``
    is Ctrl-C while the call is under way.

    Attributes:
        answers: The answers.
        pauses_within_s: Seconds of pauses after which the deadline is over; None for no deadline.
        batches: The operations that were started together, batch by batch.
        calls: Every call.
        purposes: What each call was for.
        pauses: Seconds of each pause.
    """

    answers: dict[str, Any]
    pauses_within_s: float | None = None
    batches: list[list[str]] = field(default_factory=list)
    calls: list[Call[Any]] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    served: dict[str, int] = field(default_factory=dict)

    def run(self, plan: Plan[Any]) -> Any:
        """The result of the plan; every batch of calls that it started together is written down."""
        return self._drive(plan, batch=None)

    def sent(self, operation: str) -> list[Any]:
        """The calls of one operation, in order."""
        return [call for call in self.calls if call.operation == operation]

    def _drive(self, plan: Plan[Any], batch: list[str] | None) -> Any:
        outcome: Any = None
        error: BaseException | None = None
        while True:
            try:
                step = plan.send(outcome) if error is None else plan.throw(error)
            except StopIteration as end:
                return end.value
            outcome, error = None, None
            try:
                outcome = self._perform(step, batch)
            except BaseException as raised:  # noqa: BLE001 - thrown into the plan, as a driver does
                error = raised

    def _perform(self, step: Step, batch: list[str] | None) -> Any:
        if isinstance(step, Pause):
            return self._pause(step.seconds)
        if isinstance(step, Consult):
            return step.callback(step.question)
        if isinstance(step, Together):
            return self._together(step, batch)
        assert isinstance(step, Send)
        self._batch(batch).append(step.call.operation)
        self.calls.append(step.call)
        self.purposes.append(step.purpose)
        return self._answer(step.call)

    def _pause(self, seconds: float) -> None:
        if self.pauses_within_s is not None and sum(self.pauses) + seconds > self.pauses_within_s:
            raise errors.DeadlineExceededError("The time allowed is over.")
        self.pauses.append(seconds)

    def _together(self, step: Together, batch: list[str] | None) -> tuple[Any, ...]:
        batch = self._batch(batch)
        results: list[Any] = []
        for part in step.plans:
            try:
                results.append(self._drive(part, batch))
            except Exception as raised:  # noqa: BLE001 - the first one is raised when all have ended
                results.append(raised)
        for result in results:
            if isinstance(result, Exception):
                raise result
        return tuple(results)

    def _batch(self, batch: list[str] | None) -> list[str]:
        if batch is None:
            batch = []
            self.batches.append(batch)
        return batch

    def _answer(self, call: Call[Any]) -> Answer:
        canned = self.answers[call.operation]
        if isinstance(canned, list):
            index = self.served.get(call.operation, 0)
            self.served[call.operation] = index + 1
            canned = canned[min(index, len(canned) - 1)]
        if "interrupt" in canned:
            raise KeyboardInterrupt
        if "error" in canned:
            raise _error(canned, call.operation)
        return call.answer_type.model_validate(canned)


def _error(canned: dict[str, Any], operation: str) -> Exception:
    own = {"error", "message", "attempts", "cause"}
    about = {key: value for key, value in canned.items() if key not in own}
    error = ERRORS[canned["error"]](canned.get("message", "canned"), operation=operation, **about)
    error.attempts = canned.get("attempts", 1)  # type: ignore[attr-defined]  # both kinds of errors have it
    if "cause" in canned:
        error.__cause__ = _error(canned["cause"], operation)
    return error


def canned(answers: dict[str, Any] | None = None, pauses_within_s: float | None = None) -> Canned:
    """The usual answers, with the given ones in their place."""
    return Canned({**ANSWERS, **(answers or {})}, pauses_within_s)


def plain_request(**fields: Any) -> ServiceRequest:
    """The usual request, with the given fields in their place."""
    return ServiceRequest(**{**REQUEST, **fields})


def flow(plan_age_s: float = 0, **options: Any) -> Flow:
    """A flow that makes its plan at ``MADE_AT`` and executes it ``plan_age_s`` later."""
    moments = iter([MADE_AT, MADE_AT + timedelta(seconds=plan_age_s)])
    fixed: dict[str, Any] = {
        "region_id": "cn-hangzhou",
        "now": lambda: next(moments),
        "digits": lambda: "482917",
        "new_id": lambda: DEPLOY_ID,
    }
    return Flow(**{**fixed, **options})
