"""What a fleet has asked already: a call that was answered once is not sent again.

Calls are values, so that two requests which need the same evidence ask with equal calls. Reads only: of a
call that changes something the second send would be missed.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar, cast

from eas_deploy.calls.base import Answer, Call
from eas_deploy.calls.steps import Plan, Send, Step, Together
from eas_deploy.errors import ApiError, TransportError

T = TypeVar("T")


class Memory:
    """The outcomes of the reads of a fleet, failures included: each was given all its retries."""

    def __init__(self) -> None:
        self._outcomes: dict[Call[Any], Answer | ApiError | TransportError] = {}

    def fill(self, plan: Plan[T]) -> Plan[T]:
        """The result of ``plan``; the outcome of every call is kept."""
        return self._follow(plan, self._side_by_side)

    def recall(self, plan: Plan[T]) -> Plan[T]:
        """The result of ``plan`` by what is known; what it runs together is run in sequence.

        With everything in memory there is nothing to wait for, and so nothing to overlap.
        """
        return self._follow(plan, self._in_sequence)

    def _follow(self, plan: Plan[T], run_together: Callable[[Together], Plan[Any]]) -> Plan[T]:
        value: Any = None
        error: BaseException | None = None
        while True:
            try:
                step = plan.send(value) if error is None else plan.throw(error)
            except StopIteration as end:
                return cast("T", end.value)
            value = error = None
            try:
                value = yield from self._perform(step, run_together)
            except BaseException as raised:  # noqa: BLE001 - the plan decides, also about an interruption
                error = raised

    def _perform(self, step: Step, run_together: Callable[[Together], Plan[Any]]) -> Plan[Any]:
        if isinstance(step, Together):
            return (yield from run_together(step))
        if not isinstance(step, Send):
            return (yield step)
        if step.call not in self._outcomes:
            try:
                self._outcomes[step.call] = yield step
            except (ApiError, TransportError) as error:
                self._outcomes[step.call] = error
        outcome = self._outcomes[step.call]
        if isinstance(outcome, (ApiError, TransportError)):
            raise copy(outcome)  # each request gets an error of its own, with its own traceback
        return outcome

    def _side_by_side(self, step: Together) -> Plan[Any]:
        return (yield Together(tuple(self.fill(part) for part in step.plans), step.limit))

    def _in_sequence(self, step: Together) -> Plan[Any]:
        results = []
        for part in step.plans:
            try:
                result = yield from self.recall(part)
            except Exception as error:  # noqa: BLE001 - the first is raised when all have ended
                result = error
            results.append(result)
        for result in results:
            if isinstance(result, Exception):
                raise result
        return tuple(results)
