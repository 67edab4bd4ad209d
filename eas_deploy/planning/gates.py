"""How a failed call is taken: as a gate that stops the deployment, or as a loss it can bear."""

from __future__ import annotations

from typing import TypeVar

from eas_deploy.calls.steps import Plan
from eas_deploy.errors import ApiError, GateError, ServerError, ThrottledError, TransportError
from eas_deploy.planning.journal import Journal

T = TypeVar("T")


def gate(operation: str, plan: Plan[T]) -> Plan[T]:
    """The result of ``plan``, whose operation must have answered before anything is created.

    Raises:
        ApiError: A definite refusal (denied, invalid), as itself.
        GateError: No usable answer after the retries.
    """
    try:
        return (yield from plan)
    except (ApiError, TransportError) as error:
        if _is_definite(error):
            raise
        raise GateError(operation, error) from error


def _is_definite(error: ApiError | TransportError) -> bool:
    """Whether the API itself refused: a proxy's page says nothing of what was asked."""
    return (
        isinstance(error, ApiError)
        and error.well_formed
        and not isinstance(error, (ServerError, ThrottledError))
    )


def optional(plan: Plan[T], journal: Journal, *, rule: str, what: str) -> Plan[T | None]:
    """The result of ``plan``, or None and a notice when its call failed.

    Args:
        plan: The discovery that the deployment can do without.
        journal: Where the loss is written down.
        rule: Id of the notice.
        what: What could not be done, in words.
    """
    try:
        return (yield from plan)
    except (ApiError, TransportError) as error:
        journal.failed(rule, what, error)
        return None
