"""The laws that hold after each cell of the fault matrix, whatever the network did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fault_laboratory import Outcome
from fault_matrix import REQUESTS, Cell

from eas_deploy import Deployment
from eas_deploy._defaults import CREATE_VISIBILITY_S, DEPLOY_TIMEOUT_S
from eas_deploy.emulator import Emulator
from eas_deploy.emulator.faults import NEVER_APPLIED
from eas_deploy.errors import CreateOutcomeUnknownError, EasDeployError
from eas_deploy.planning.settle import OWNER_LABEL

REALLY_S = 30
"""No cell may take that long in true time: something would hang."""


def broken_laws(cell: Cell, outcome: Outcome, emulator: Emulator) -> Iterator[str]:
    """What is wrong with the outcome of a cell, in words; nothing, it is hoped."""
    service = emulator.services.get(REQUESTS[cell.pattern].name)
    creates = [call for call in emulator.calls if call.operation == "CreateService"]
    ids = {json.loads(call.query["Labels"])[OWNER_LABEL] for call in creates}
    ours = service is not None and service.labels.get(OWNER_LABEL) in ids
    made = emulator.services_made
    if made > 1:
        yield f"{made} services were made"
    if len(ids) > 1:
        yield "CreateService was sent with several ids"
    if service is not None and not ours and not cell.rival:
        yield "the service does not carry our id"
    yield from _untruths(outcome.result, service if ours else None)
    if cell.outlived and not (isinstance(outcome.result, Deployment) and outcome.result.verified):
        yield f"one fault was too many: {outcome.result!r}"
    yield from _unproven_sends(emulator.calls)
    yield from _skipped_gates(emulator.calls)
    if outcome.took_s > DEPLOY_TIMEOUT_S + 1 or outcome.really_took_s > REALLY_S:
        yield f"it took {outcome.took_s:.0f} s ({outcome.really_took_s:.0f} s)"


def _untruths(result: Deployment | BaseException, ours: Any) -> Iterator[str]:
    """What the result says that is not so; ``ours`` is the service that we made, if there is one."""
    if isinstance(result, Deployment):
        if ours is None or ours.service_id != result.service_id:
            yield "a success without a service of ours"
        if [one.purpose for one in result.ledger].count("read the status") != 1:
            yield "the status was not read once"
    elif not isinstance(result, EasDeployError) or type(result).__module__ != "eas_deploy.errors":
        yield f"{type(result).__name__} is none of our errors"
    elif ours is not None and not result.service_may_exist:
        yield f"{type(result).__name__} hides a service"
    elif ours is None and result.service_may_exist and not isinstance(result, CreateOutcomeUnknownError):
        yield f"{type(result).__name__} tells of a service that cannot be"


def _unproven_sends(calls: list[Any]) -> Iterator[str]:
    """CreateService sent again without proof that the one before left nothing behind."""
    before = None
    absent_at: list[float] = []
    for call in calls:
        if call.operation == "DescribeService" and call.status == 404 and call.fault in {None, "slow"}:
            absent_at.append(call.at)
        if call.operation != "CreateService":
            continue
        refused = before is not None and before.fault in NEVER_APPLIED
        window = len(absent_at) >= len(CREATE_VISIBILITY_S) and (
            absent_at[-1] - absent_at[0] >= CREATE_VISIBILITY_S[-1] - 0.01
        )
        if before is not None and not refused and not window:
            yield "CreateService was sent again without proof of absence"
        before = call
        absent_at.clear()


def _skipped_gates(calls: list[Any]) -> Iterator[str]:
    """CreateService sent before the calls that have to come first were answered."""
    answered: set[str] = set()
    for call in calls:
        if call.status == 200 and call.fault in {None, "slow"}:
            answered.add(call.operation)
        if call.operation == "CreateService":
            for gate in sorted({"ListServices", "ListImages", "DescribeMachineSpec"} - answered):
                yield f"CreateService was sent without {gate}"
            return
