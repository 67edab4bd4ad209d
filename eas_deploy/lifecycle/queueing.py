"""Asynchronous services: put a request into the queue, look whether its result is there, wait for it.

Generators only. Source: Alibaba Cloud EAS documentation, "Asynchronous inference services".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from typing_extensions import Unpack

from eas_deploy._defaults import INVOKE_TIMEOUT_S, SERVICE_TIMEOUT_S
from eas_deploy.calls.steps import Plan, pause
from eas_deploy.errors import InvocationError, WaitTimeoutError
from eas_deploy.lifecycle.access import Network
from eas_deploy.lifecycle.batches import Batches
from eas_deploy.lifecycle.calling import CallOptions, Payload, Request, call, decode
from eas_deploy.lifecycle.invocation import Reply
from eas_deploy.lifecycle.pacing import pause_before_look
from eas_deploy.lifecycle.subject import Subject

_REQUEST_ID = "x-eas-queueservice-request-id"
_NO_CONTENT = 204


@dataclass(frozen=True)
class QueuedRequest:
    """A request that waits in the queue of an asynchronous service.

    Attributes:
        request_id: Its id, by which the result is found.
        index: Its place in the queue; None if the service did not tell.
    """

    request_id: str
    index: int | None = None


Queued: TypeAlias = QueuedRequest | str
"""A request in a queue, or its id."""


@dataclass(frozen=True)
class QueueResult:
    """The result of a request that was put into a queue.

    Attributes:
        request_id: The id of the request.
        value: What the service answered, decoded by its content type.
    """

    request_id: str
    value: Any


def put(
    subject: Subject, payload: Payload, path: str = "", **options: Unpack[CallOptions]
) -> Plan[QueuedRequest]:
    """The request that ``payload`` became in the queue of an asynchronous service.

    A put whose answer is lost is not sent again: it may be in the queue.

    Args:
        subject: The service.
        payload: As in `predict`.
        path: What follows the service's address.
        options: As in `predict`.

    Raises:
        InvocationError: It was not taken, such as by a full queue (450), or this is no asynchronous service.
        NotFoundError: There is no such service.
    """
    reply: Reply = yield from call(subject, Request(payload, path, **options), subject.edge.invoke)
    request_id = reply.headers.get(_REQUEST_ID)
    if not request_id:
        raise InvocationError(
            f"Service {subject.name} answered without a queue id: it is no asynchronous service, and has answered "
            "already. Call it with predict().",
            http_status=reply.status,
        )
    index = reply.body.decode("utf-8", "replace").strip()
    return QueuedRequest(request_id, int(index) if index.isdigit() else None)


def poll(subject: Subject, request: Queued, network: Network | None = None) -> Plan[QueueResult | None]:
    """The result of a request in the queue; None while it is not there. Asks once.

    Args:
        subject: The service.
        request: What `put` gave, or its id.
        network: As in `predict`.

    Raises:
        InvocationError: The queue refused to tell.
        NotFoundError: There is no such service.
    """
    request_id = request.request_id if isinstance(request, QueuedRequest) else request
    return (yield from _ask(subject, request_id, network, INVOKE_TIMEOUT_S))


def _ask(
    subject: Subject, request_id: str, network: Network | None, timeout_s: float
) -> Plan[QueueResult | None]:
    params = {"requestId": request_id, "_raw_": "false"}
    asking = Request(path="/sink", params=params, network=network, timeout_s=timeout_s)
    reply: Reply = yield from call(subject, asking, subject.edge.invoke)
    return None if reply.status == _NO_CONTENT else QueueResult(request_id, decode(reply))


def result(
    subject: Subject,
    request: Queued,
    timeout_s: float = SERVICE_TIMEOUT_S,
    network: Network | None = None,
) -> Plan[Any]:
    """What the service answered to a request in the queue, waited for.

    Args:
        subject: The service.
        request: What `put` gave, or its id.
        timeout_s: Seconds to wait at most.
        network: As in `predict`.

    Raises:
        WaitTimeoutError: The result did not come in time; it may come later.
        InvocationError: The queue refused to tell.
        NotFoundError: There is no such service.
    """
    waiting = Results(subject, [request], timeout_s, network)
    found: list[QueueResult] = []
    while not found:
        found = yield from waiting.more()
    return found[0].value


class Results:
    """The results of requests in the queue, as they come."""

    def __init__(
        self,
        subject: Subject,
        requests: Iterable[Queued],
        timeout_s: float = SERVICE_TIMEOUT_S,
        network: Network | None = None,
    ) -> None:
        ids = (one.request_id if isinstance(one, QueuedRequest) else one for one in requests)
        self._waiting = list(dict.fromkeys(ids))
        self._subject = subject
        self._network = network
        self._timeout_s = timeout_s
        self._until = subject.monotonic() + timeout_s
        self._looks = 0

    @property
    def done(self) -> bool:
        """Whether all have come."""
        return not self._waiting

    def more(self) -> Plan[list[QueueResult]]:
        """The next result that is there; pauses when there was none."""
        for place, request_id in enumerate(self._waiting):
            one = yield from self._ask(request_id)
            if one is not None:
                # Given at once: it has left the queue, and would be lost if the next look failed.
                self._waiting = self._waiting[place + 1 :] + self._waiting[:place]
                self._looks = 0
                return [one]
        yield from self._rest()
        return []

    def _ask(self, request_id: str) -> Plan[QueueResult | None]:
        remaining_s = max(1.0, self._until - self._subject.monotonic())
        try:
            return (
                yield from _ask(self._subject, request_id, self._network, min(INVOKE_TIMEOUT_S, remaining_s))
            )
        except InvocationError as error:
            if error.http_status is None and self._subject.monotonic() >= self._until:
                raise self._too_late() from error
            raise

    def _rest(self) -> Plan[None]:
        self._looks += 1
        remaining_s = self._until - self._subject.monotonic()
        if remaining_s <= 0:
            raise self._too_late()
        yield from pause(min(remaining_s, pause_before_look(self._looks, self._subject.dice())))

    def _too_late(self) -> WaitTimeoutError:
        return WaitTimeoutError(
            f"Service {self._subject.name} has no result after {self._timeout_s:g} s for "
            f"{', '.join(self._waiting)}. What is late may still come: ask again with poll() or result().",
            name=self._subject.name,
            status=self._subject.info.status if self._subject.info else None,
        )


def watch(
    subject: Subject,
    requests: Iterable[Queued],
    timeout_s: float = SERVICE_TIMEOUT_S,
    network: Network | None = None,
) -> Batches[QueueResult]:
    """The results of requests in the queue, each as soon as it is there.

    Args:
        subject: The service.
        requests: What `put` gave, or ids.
        timeout_s: Seconds to wait at most for all.
        network: As in `predict`.

    Raises:
        WaitTimeoutError: Some did not come in time; the message names them.
        InvocationError: The queue refused to tell.
        NotFoundError: There is no such service.
    """
    return Results(subject, requests, timeout_s, network)
