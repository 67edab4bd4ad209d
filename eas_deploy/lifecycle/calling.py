"""One request to a service until it is answered: address and token looked up, refused ones repeated where safe.

Generators only. A request is sent again only when the gateway proves that the service never saw it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple, TypeAlias, TypedDict, get_args
from urllib.parse import urlencode

from eas_deploy._defaults import INVOKE_RETRIES, INVOKE_TIMEOUT_S, STREAM_CHUNK_BYTES
from eas_deploy.calls import DescribeServiceEndpoints, DescribeServiceEndpointsAnswer
from eas_deploy.calls.steps import Plan, consult, pause, send
from eas_deploy.errors import ConnectError, InvocationError, TransportError
from eas_deploy.lifecycle.access import Access, Network
from eas_deploy.lifecycle.arguments import one_of, seconds
from eas_deploy.lifecycle.invocation import AnsweredT, Content, Invocation, Reply, Transport
from eas_deploy.lifecycle.pacing import pause_before_repeat
from eas_deploy.lifecycle.subject import Subject
from eas_deploy.lifecycle.verdicts import UNAUTHORIZED, asked_pause_s, may_repeat, no_answer, refusal
from eas_deploy.lifecycle.wellformed import wrong_header, wrong_method, wrong_path

_BINARY, _JSON, _TEXT = "application/octet-stream", "application/json", "text/plain; charset=utf-8"
_NETWORKS = (None, *get_args(Network))
# Made once: json.dumps with options makes one for every call.
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

Payload: TypeAlias = Any
"""What a service is given: bytes, text, a file or iterator of bytes, or anything that JSON can hold."""


class CallOptions(TypedDict, total=False):
    """How a service is called, apart from the payload and the path.

    Attributes:
        method: HTTP method; without it POST with a payload and GET without.
        params: Query parameters.
        headers: More headers; a ``Content-Type`` here wins, and an ``Authorization`` over the token.
        timeout_s: Seconds for the request with its retries; for a stream, until its answer begins and
            between two pieces of it. 300 without it.
        max_retries: Attempts after the first one, made only where repeating is safe. 4 without it.
        network: ``"internet"`` or ``"intranet"``; without it the internet where there is such an address.
    """

    method: str | None
    params: Mapping[str, Any] | None
    headers: Mapping[str, str] | None
    timeout_s: float
    max_retries: int
    network: Network | None


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask of a service; the fields after ``path`` are those of `CallOptions`.

    Attributes:
        payload: The body: ``bytes`` and ``str`` go as they are, files and iterators of bytes are streamed,
            anything else is sent as JSON. None sends no body.
        path: What follows the service's address, ``"/v1/models"``; empty for the address itself.

    Raises:
        TypeError: A header is no text.
        ValueError: The method, the path or a header cannot be sent, or another argument makes no sense; says
            which.
    """

    payload: Payload = field(default=None, repr=False)
    path: str = ""
    method: str | None = None
    params: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    timeout_s: float = INVOKE_TIMEOUT_S
    max_retries: int = INVOKE_RETRIES
    network: Network | None = None

    def __post_init__(self) -> None:
        wrong = (
            wrong_path(self.path)
            or (wrong_method(self.method) if self.method is not None else None)
            or (wrong_header(self.headers) if self.headers else None)
        )
        if wrong is not None:
            raise wrong
        seconds("timeout_s", self.timeout_s)
        one_of("network", self.network, _NETWORKS)

    @property
    def verb(self) -> str:
        """The HTTP method that is sent."""
        return (self.method or ("GET" if self.payload is None else "POST")).upper()


class Body(NamedTuple):
    """What is sent, and as what.

    Attributes:
        content: The bytes or their pieces; None for no body.
        content_type: None where there is none to tell.
    """

    content: Content | None = None
    content_type: str | None = None

    @property
    def can_be_sent_again(self) -> bool:
        """Whether it is still there after it was sent: pieces are used up."""
        return self.content is None or isinstance(self.content, bytes)


def get_endpoints(subject: Subject, prefer: str | None = None) -> Plan[DescribeServiceEndpointsAnswer]:
    """The ways to the service and its token, read anew; calls go there from now on.

    Args:
        subject: The service.
        prefer: The endpoint that calls go to from now on, where there are several: its type (``"Nlb"``,
            ``"PrivateGateway"``, ``"DefaultGateway"``) or the id of its gateway or load balancer. None takes
            the best: an endpoint of the service itself before one of its group, an NLB before a dedicated
            gateway before the shared one, HTTPS before HTTP, then what is told first. ``address`` of the
            handle says which it is.

    Raises:
        InvocationError: There is no such endpoint as ``prefer``; the choice is as it was.
        NotFoundError: There is no such service.
    """
    answer = yield from send(DescribeServiceEndpoints(subject.name), "call the service")
    access = Access.of(subject.name, answer, prefer)
    if prefer is not None:
        access.url()
    subject.access, subject.prefer = access, prefer
    return answer


def look_up(subject: Subject, network: Network | None = None) -> Plan[Access]:
    """The addresses and the token of the service: asked for once, then kept.

    Args:
        subject: The service.
        network: Which side will be asked for; only checked.

    Raises:
        ValueError: There is no such side.
        NotFoundError: There is no such service.
    """
    one_of("network", network, _NETWORKS)
    if subject.access is None:
        answer = yield from send(DescribeServiceEndpoints(subject.name), "call the service")
        subject.access = Access.of(subject.name, answer, subject.prefer)
    return subject.access


def call(subject: Subject, request: Request, transport: Transport[AnsweredT]) -> Plan[AnsweredT]:
    """The successful answer to ``request``.

    Raises:
        InvocationError: Any other answer, or none; says what to do.
        NotFoundError: There is no such service.
    """
    body = encode(request.payload)
    attempts = 0
    until = subject.monotonic() + request.timeout_s
    token_renewed = False
    while True:
        access = yield from look_up(subject)
        invocation = bound(request, access, body, until)
        attempts += 1
        try:
            answer = yield from consult(transport, invocation)
        except TransportError as error:
            failure = no_answer(subject.name, invocation, error)
            again, asked_s = isinstance(error, ConnectError), 0.0
            failure.__cause__ = error
        else:
            if 200 <= answer.status < 300:  # noqa: PLR2004 - the range of success
                return answer
            failure = refusal(subject.name, invocation, answer)
            again, asked_s = may_repeat(request.verb, answer), asked_pause_s(answer)
            if answer.status == UNAUTHORIZED and not token_renewed:
                token_renewed = True
                again = yield from _renewed(subject, access)
        if not again or attempts > request.max_retries or not body.can_be_sent_again:
            raise failure
        pause_s = pause_before_repeat(attempts, asked_s, subject.dice())
        if subject.monotonic() + pause_s >= until:
            raise failure
        yield from pause(pause_s)


def _renewed(subject: Subject, refused: Access) -> Plan[bool]:
    """Whether looking again gave another token or address than those that were refused."""
    subject.access = None
    access = yield from look_up(subject)
    return access != refused


def bound(request: Request, access: Access, body: Body, until: float) -> Invocation:
    """The request, bound to an address.

    Raises:
        InvocationError: The service has no such address.
    """
    url = access.url(request.network)
    if request.path:
        url += "/" + request.path.lstrip("/")
    if request.params:
        url += ("&" if "?" in url else "?") + urlencode(request.params, doseq=True)
    headers = {"Accept": "*/*"}
    if body.content_type is not None:
        headers["Content-Type"] = body.content_type
    token = access.token
    if request.headers:
        given = {name.lower() for name in request.headers}
        headers = {key: value for key, value in headers.items() if key.lower() not in given}
        headers |= request.headers
        token = None if "authorization" in given else token
    return Invocation(request.verb, url, headers, body.content, token, request.timeout_s, until)


def encode(payload: Payload) -> Body:
    """The body for a payload.

    Raises:
        TypeError: JSON cannot hold it.
        ValueError: It holds NaN or infinity, which JSON cannot say.
    """
    if payload is None:
        return Body()
    if isinstance(payload, (bytes, bytearray, memoryview)):
        return Body(bytes(payload), _BINARY)
    if isinstance(payload, str):
        looks_like_json = payload.lstrip()[:1] in {"{", "["}
        return Body(payload.encode(), _JSON if looks_like_json else _TEXT)
    if isinstance(payload, (Iterator, AsyncIterable)) or hasattr(payload, "read"):
        if isinstance(payload, AsyncIterable):
            return Body(payload, _BINARY)
        return Body(_in_bytes(_pieces_of(payload) if hasattr(payload, "read") else payload), _BINARY)
    return Body(_encoder.encode(payload).encode(), _JSON)


def _pieces_of(file: IO[Any]) -> Iterator[bytes | str]:
    while piece := file.read(STREAM_CHUNK_BYTES):
        yield piece


def _in_bytes(pieces: Iterator[bytes | str]) -> Iterator[bytes]:
    for piece in pieces:  # a file may be open for text
        yield piece.encode() if isinstance(piece, str) else piece


def decode(reply: Reply) -> Any:
    """What an answer holds: JSON values, else text, else bytes, by its content type; None if it is empty.

    Raises:
        InvocationError: It says that it is JSON and is not.
    """
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not reply.body:
        return None
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.loads(reply.body)
        except ValueError as error:
            raise InvocationError(
                f"The service answered HTTP {reply.status} with a body that is no JSON although it says so; "
                "ask with raw=True to get its bytes.",
                http_status=reply.status,
            ) from error
    if kind.startswith("text/"):
        return reply.body.decode("utf-8", "replace")
    return reply.body


def predict(subject: Subject, request: Request, *, raw: bool) -> Plan[Any]:
    """What the service answers to ``request``: decoded by its content type, or its bytes if ``raw``."""
    reply: Reply = yield from call(subject, request, subject.edge.invoke)
    return reply.body if raw else decode(reply)


def begin(subject: Subject, request: Request) -> Plan[Any]:
    """The answer to ``request`` as soon as it begins, as the edge gives it: its body is arriving."""
    return (yield from call(subject, request, subject.edge.begin))
