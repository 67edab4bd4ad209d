"""The record of one call that was sent: what ledgers are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CallRecord:
    """One call as it went: its retries count as one.

    Attributes:
        operation: ``"ListImages"``.
        purpose: What it was for, ``"settle create"``; may be empty.
        request_id: Alibaba's id of the last answer; None if none came.
        attempts: How often it was sent.
        started_at: When the first attempt began, UTC.
        duration_s: Seconds until the outcome, pauses included.
        http_status: Status of the last answer; None if none came.
        error: The error in words; None if it was answered.
    """

    operation: str
    purpose: str
    request_id: str | None
    attempts: int
    started_at: datetime
    duration_s: float
    http_status: int | None
    error: str | None
