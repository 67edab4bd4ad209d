"""Calls as the official SDKs build them: every path, parameter name and encoding is theirs, not retyped here.

Imports official packages: import this module only when the first call is made.
"""

from __future__ import annotations

from typing import Any

from eas_deploy.calls.base import Call

# Imported for the builders that they register.
from eas_deploy.clients import official_aiworkspace, official_eas, official_rpc  # noqa: F401
from eas_deploy.clients.recording import BUILDERS, Notes, to_json
from eas_deploy.clients.wire import WireRequest


def prepare(call: Call[Any], region_id: str) -> WireRequest:
    """The request for ``call`` in the region, not signed."""
    notes = Notes()
    BUILDERS[type(call)](region_id, call, notes)
    params, request = notes.params, notes.request
    return WireRequest(
        action=params.action,
        version=params.version,
        style=params.style,
        method=params.method,
        path=params.pathname,
        query=request.query or {},
        body=None if request.body is None else _body(request.body),
    )


def _body(body: Any) -> bytes:
    # A service JSON comes through the SDK as a text, every other body as a dict.
    return (body if isinstance(body, str) else to_json(body)).encode()
