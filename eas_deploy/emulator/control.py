"""The control plane: from an HTTP request of any product to its answer.

In the order of the real gateway: find the operation, authenticate, limit the rate, ask the policy, act.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from eas_deploy.emulator.faults import Fault, Injector
from eas_deploy.emulator.operations.call import ApiCall, Operation
from eas_deploy.emulator.operations.table import match
from eas_deploy.emulator.policy import Policy, permission_refused
from eas_deploy.emulator.records import ControlCall, visible
from eas_deploy.emulator.refusal import GatewayRefusalError, RefusalError, invalid_parameter
from eas_deploy.emulator.signature import KeyRing, SignedRequest, Verifier, security_token_expired
from eas_deploy.emulator.throttle import Throttle, throttled
from eas_deploy.emulator.wire import Answer, Exchange, spoilt
from eas_deploy.emulator.world import World

INJECTED_RETRY_AFTER_S = 0.05
"""What the answer of an injected ``throttle`` asks the client to wait."""

Found = tuple[Operation, dict[str, str]]
"""An operation, and the variables of the path that addresses it."""


class ControlPlane:
    """Answers the API requests of one account, and keeps a record of each."""

    def __init__(self, world: World, keys: KeyRing, faults: Injector) -> None:
        self._world = world
        self._faults = faults
        self.verifier = Verifier(keys)
        self.policy: Policy | None = None
        self.throttle: Throttle | None = None
        self.calls: list[ControlCall] = []

    async def serve(self, exchange: Exchange) -> None:
        """Answer one request."""
        action = exchange.header("x-acs-action")
        found = match(exchange.method, exchange.raw_path, action)
        record = self._record(exchange, action if found is None else found[0].name)
        fault = self._faults.take(record.operation)
        if fault is not None:
            record.fault = fault.kind
            if fault.kind == "close" and not fault.applied:
                await exchange.close()
                return
        body = await exchange.read()
        if body is None:
            return
        record.body = _json_or_none(body)
        answer = spoilt(self._answer(exchange, found, body, fault), fault)
        record.status = answer.status if answer else None
        await exchange.deliver(answer, fault)

    def _record(self, exchange: Exchange, operation: str) -> ControlCall:
        record = ControlCall(
            operation=operation,
            user_agent=exchange.header("user-agent"),
            query=exchange.query,
            headers=visible(exchange.headers),
            at=self._world.clock.now(),
        )
        self.calls.append(record)
        return record

    def _answer(self, exchange: Exchange, found: Found | None, body: bytes, fault: Fault | None) -> Answer:
        """What is answered, before the fault (if any) spoils its bytes."""
        request_id = str(uuid.uuid4()).upper()
        try:
            result = self._carry_out(exchange, found, body, fault)
            if fault is not None and fault.kind == "server_error":
                raise _injected(fault)
        except RefusalError as refusal:
            content = refusal.body(request_id, exchange.header("host"))
            return Answer(refusal.status, _json_bytes(content), headers=refusal.headers)
        return Answer(200, _json_bytes({"RequestId": request_id, **result}))

    def _carry_out(
        self, exchange: Exchange, found: Found | None, body: bytes, fault: Fault | None
    ) -> dict[str, Any]:
        if found is None:
            raise GatewayRefusalError(
                404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."
            )
        operation, variables = found
        if exchange.header("x-acs-version") != operation.product.version:
            raise GatewayRefusalError(400, "InvalidVersion", "Specified parameter Version is not valid.")
        self.verifier.verify(
            SignedRequest(exchange.method, exchange.raw_path, exchange.raw_query, exchange.headers, body),
            self._world.clock.signature_time(),
        )
        if fault is not None and not _acts_despite(fault, operation):
            raise _injected(fault)
        if self.throttle is not None:
            self.throttle.admit(operation.name)
        if self.policy is not None:
            verdict = self.policy.judge(operation.ram_action)
            if verdict != "Allow":
                raise permission_refused(operation.ram_action, verdict, code=operation.product.denied_code)
        with self._world.lock:
            self._check_cluster(variables)
            try:
                return operation.handler(ApiCall(self._world, variables, exchange.query, body))
            except RefusalError as refusal:
                if operation.product.own_errors:
                    raise
                raise GatewayRefusalError(refusal.status, refusal.code, refusal.message) from refusal

    def _check_cluster(self, variables: Mapping[str, str]) -> None:
        cluster = variables.get("ClusterId", self._world.region_id)
        if cluster != self._world.region_id:
            raise invalid_parameter(f"Cluster {cluster} is not {self._world.region_id}.")


def _acts_despite(fault: Fault, operation: Operation) -> bool:
    """Whether the operation is carried out although a fault is to hit it.

    A slow or cut answer needs an answer: a read may give its real one, since that changes nothing.
    """
    return fault.applied or (fault.kind in {"slow", "truncated_json"} and operation.reads)


def _injected(fault: Fault) -> RefusalError:
    if fault.kind == "throttle":
        return throttled(INJECTED_RETRY_AFTER_S)
    if fault.kind == "expired_token":
        return security_token_expired()
    if fault.kind == "refuse":
        return RefusalError(fault.status, fault.code, fault.message)
    return RefusalError(500, "InternalError", "An error occurred, please try again later.")


def _json_bytes(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _json_or_none(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
