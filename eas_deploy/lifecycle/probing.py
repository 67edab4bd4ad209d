"""Whether the gateway leads to a service: one small request, judged.

Generators only.
"""

from __future__ import annotations

import json
from typing import Any

from eas_deploy.calls import ServiceInfo
from eas_deploy.calls.steps import Plan, consult
from eas_deploy.catalog.frameworks import SGLANG, VLLM, framework_of
from eas_deploy.errors import InvocationError, NotFoundError, ServerError, ThrottledError, TransportError
from eas_deploy.lifecycle.calling import Body, Request, bound, look_up
from eas_deploy.lifecycle.invocation import Reply
from eas_deploy.lifecycle.subject import Subject
from eas_deploy.lifecycle.verdicts import UNAUTHORIZED, not_routed, refusal
from eas_deploy.lifecycle.wellformed import wrong_path

_GATEWAY_FAULTS = frozenset({502, 503, 504})
_PROBES = ("startup_check", "readiness_check", "liveness_check", "health_check")


def what_is_missing(subject: Subject, path: str | None, timeout_s: float) -> Plan[str | None]:
    """What is missing until the gateway leads to the service; None when it does.

    Any answer of the service itself counts, whatever its status: it may not know the path.

    Args:
        subject: The service.
        path: Where to ask; None takes its health path.
        timeout_s: Seconds for the request.

    Raises:
        InvocationError: Its token was refused, also after it was looked up again.
    """
    known = subject.access is not None
    request = Request(path=health_path(subject.info) if path is None else path, timeout_s=timeout_s)
    try:
        access = yield from look_up(subject)
        invocation = bound(request, access, Body(), subject.monotonic() + timeout_s)
        answer: Reply = yield from consult(subject.edge.invoke, invocation)
    except (InvocationError, TransportError, NotFoundError, ServerError, ThrottledError) as error:
        # A young service may get its addresses late, and its host name may not be known everywhere yet.
        subject.access = None
        return str(error)
    if answer.status == UNAUTHORIZED:
        subject.access = None
        if known:
            return (yield from what_is_missing(subject, path, timeout_s))
        raise refusal(subject.name, invocation, answer)
    if not_routed(answer) or answer.status in _GATEWAY_FAULTS:
        said = answer.body.decode("utf-8", "replace").strip()[:80] or "an empty body"
        return f"the gateway answers {answer.status} ({said})"
    return None


def health_path(info: ServiceInfo | None) -> str:
    """Where to ask a service whether it answers: its own probe's path, else its framework's, else ``/``."""
    info = info or ServiceInfo()
    for container in containers_of(info):
        for probe in _PROBES:
            told = (container.get(probe) or {}).get("http_get") or {}
            path = str(told.get("path") or "")
            if path and wrong_path(path) is None:  # nobody here has chosen it
                return path
    return "/health" if framework_of(info.image or "") in {VLLM, SGLANG} else "/"


def containers_of(info: ServiceInfo) -> list[dict[str, Any]]:
    """The containers of the config that the service runs; none where it cannot be read."""
    containers = config_of(info).get("containers")
    return [one for one in containers if isinstance(one, dict)] if isinstance(containers, list) else []


def config_of(info: ServiceInfo) -> dict[str, Any]:
    """The service JSON that the service runs; empty where it was not told."""
    try:
        config = json.loads(info.service_config or "{}")
    except ValueError:
        return {}
    return config if isinstance(config, dict) else {}
