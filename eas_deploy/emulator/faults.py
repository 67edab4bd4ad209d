"""Faults to order: which answer is lost or spoilt, and in which way."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal[
    "close",
    "reset",
    "timeout",
    "server_error",
    "html_502",
    "empty_body",
    "truncated_json",
    "slow",
    "throttle",
    "expired_token",
    "refuse",
]

NEVER_APPLIED = frozenset({"throttle", "expired_token", "refuse"})
"""Kinds that say truthfully that nothing was done."""


@dataclass(frozen=True)
class Fault:
    """One thing to go wrong.

    Kinds: ``close`` (the connection is closed before the request is read), ``reset`` (TCP reset),
    ``timeout`` (no answer until the client leaves or ``delay_s`` is over), ``server_error`` (500 with an
    error body), ``html_502`` (a proxy's page), ``empty_body`` (200 with nothing), ``truncated_json`` (the
    first half of the answer), ``slow`` (the answer drips), ``throttle``, ``expired_token``, and ``refuse``
    (an error of your own making: ``status``, ``code``, ``message``).

    Attributes:
        operation: Which operation it hits, or ``"*"`` for all. ``"DataPlane"`` is a request to a service,
            which is then never carried out.
        kind: What goes wrong.
        applied: Whether the operation is carried out all the same, so that only its answer is lost or
            spoilt. Not for ``throttle``, ``expired_token`` and ``refuse``.
        times: How often it happens; None for until it is cleared.
        after: How many requests of the operation pass unharmed before.
        delay_s: Seconds that the answer is held back; for ``slow`` the seconds over which it drips
            (0 means 1), for ``timeout`` the longest wait (0 means 60).
        status: HTTP status of ``refuse``.
        code: Error code of ``refuse``.
        message: Error message of ``refuse``.

    Raises:
        ValueError: If the kind is unknown, or cannot be applied, or a number is negative.
    """

    operation: str = "*"
    kind: FaultKind = "server_error"
    applied: bool = False
    times: int | None = 1
    after: int = 0
    delay_s: float = 0.0
    status: int = 400
    code: str = "InvalidParameter"
    message: str = "Refused by an injected fault."

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"there is no fault {self.kind!r}; there are {', '.join(get_args(FaultKind))}")
        if self.applied and self.kind in NEVER_APPLIED:
            raise ValueError(f"a {self.kind} fault is never applied: its answer says that nothing was done")
        if min(self.after, self.delay_s, self.times or 0) < 0:
            raise ValueError("times, after and delay_s must not be negative")


class _Armed:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.used = 0

    def hits(self, operation: str) -> bool:
        fault = self.fault
        if fault.operation not in {"*", operation} or (fault.operation == "*" and operation == "DataPlane"):
            return False
        self.seen += 1
        if self.seen <= fault.after or (fault.times is not None and self.used >= fault.times):
            return False
        self.used += 1
        return True


class Injector:
    """The faults that are waiting; safe to use from several threads."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Let ``fault`` happen from now on."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Let nothing happen any more."""
        with self._lock:
            self._armed.clear()

    def take(self, operation: str) -> Fault | None:
        """The fault that hits this request, if any: of several the one that was injected first."""
        with self._lock:
            return next((armed.fault for armed in self._armed if armed.hits(operation)), None)
