"""Whether a failed attempt is repeated, and after how long.

Pure: decides, and never sleeps. Reads are repeated after whatever may pass by itself; a call that changes
something only when it is proven that the attempt changed nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from eas_deploy._defaults import (
    MAX_THROTTLED_RETRIES,
    RETRY_BASE_S,
    RETRY_BUDGET,
    RETRY_CAP_S,
    RETRY_REFUND,
)
from eas_deploy.calls.absence import proves_absence
from eas_deploy.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLostError,
    EasDeployError,
    ReadTimeoutError,
    ServerError,
    ThrottledError,
    UnreadableAnswerError,
)

_MAY_PASS = (
    ConnectError,
    ConnectionLostError,
    ReadTimeoutError,
    ServerError,
    ThrottledError,
    UnreadableAnswerError,
)


@dataclass(slots=True)
class Tally:
    """What happened to one call so far.

    Attributes:
        failures: Failed attempts, those that were throttled not counted.
        throttled: Attempts that were throttled.
    """

    failures: int = 0
    throttled: int = 0

    def add(self, failure: EasDeployError) -> None:
        """Count one more failed attempt."""
        if isinstance(failure, ThrottledError):
            self.throttled += 1
        else:
            self.failures += 1


class RetryBudget:
    """The retries that all calls of a client share; safe to use from several threads at once."""

    def __init__(self, tokens: float = RETRY_BUDGET, refund: float = RETRY_REFUND) -> None:
        self._full = tokens
        self._tokens = tokens
        self._refund = refund
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether one more retry is allowed; it is then taken."""
        with self._lock:
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True

    def refund(self) -> None:
        """Put back a little: a call was answered."""
        with self._lock:
            self._tokens = min(self._full, self._tokens + self._refund)


def pause_before_retry(  # noqa: PLR0913 - a decision names all it rests on
    failure: EasDeployError,
    tally: Tally,
    *,
    repeatable: bool,
    max_retries: int,
    remaining_s: float,
    dice: float,
) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    Exponential with full jitter; what the service asks for (``x-acs-retry-after``) is waited in full, with
    jitter on top so that a fleet does not come back all at once.

    Args:
        failure: What the last attempt ended with.
        tally: What happened so far, that attempt included.
        repeatable: Whether the call may be sent twice.
        max_retries: Attempts after the first one; 0 forbids any, throttled or not.
        remaining_s: Seconds until the call's deadline; a pause that does not fit in is not begun.
        dice: A random number, 0 to 1.
    """
    if not _may_pass(failure, repeatable=repeatable):
        return None
    if isinstance(failure, ThrottledError):
        so_far, allowed = tally.throttled, MAX_THROTTLED_RETRIES if max_retries else 0
        asked_s = failure.retry_after_s or 0.0
    else:
        so_far, allowed = tally.failures, max_retries
        asked_s = 0.0
    if so_far > allowed:
        return None
    pause_s = asked_s + dice * min(RETRY_CAP_S, RETRY_BASE_S * 2.0 ** (so_far - 1))
    return pause_s if pause_s < remaining_s else None


def _may_pass(failure: EasDeployError, *, repeatable: bool) -> bool:
    if isinstance(failure, AuthenticationError):
        return repeatable and failure.code == "SignatureNonceUsed"
    return isinstance(failure, _MAY_PASS) and (repeatable or proves_absence(failure))
