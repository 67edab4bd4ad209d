"""What comes little by little: each batch is a plan, so that blocking and asyncio callers iterate alike."""

from __future__ import annotations

from typing import Protocol, TypeVar

from eas_deploy.calls.steps import Plan

T = TypeVar("T")


class Batches(Protocol[T]):
    """A sequence of items whose end may not be known."""

    @property
    def done(self) -> bool:
        """Whether nothing more comes."""
        ...

    def more(self) -> Plan[list[T]]:
        """The next items, perhaps none; pauses by itself where there is something to wait for."""
        ...
