"""The official clients as recorders: they build requests and write them down instead of sending them.

The official clients build `Params` and `OpenApiRequest` and hand both to ``call_api``; subclasses whose
``call_api`` only writes the two down do no I/O. What was written down is kept on an object made for the call,
never on the client, so that threads can share the clients.

Imports official packages: import this module only when the first call is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from alibabacloud_aiworkspace20210204.client import Client as _AiworkspaceClient
from alibabacloud_eas20210701.client import Client as _EasClient
from alibabacloud_tea_openapi.utils_models import Config

from eas_deploy.calls.base import Call


class Notes:
    """Where one call's request is written down; stands in for the SDKs' runtime options.

    The ``*_with_options`` methods pass it through untouched, and the SDKs have two classes of options.
    """

    params: Any = None
    request: Any = None


# mypy reads no types of the official packages, so their classes are Any to it.
class EasRecorder(_EasClient):  # type: ignore[misc]
    """The official EAS client, writing requests down instead of sending them."""

    def call_api(self, params: Any, request: Any, runtime: Any) -> dict[str, Any]:
        """Write the request down."""
        runtime.params, runtime.request = params, request
        return {"headers": {}, "statusCode": 200, "body": {}}


class AiworkspaceRecorder(_AiworkspaceClient):  # type: ignore[misc]  # as above
    """The official AIWorkSpace client, writing requests down instead of sending them."""

    def call_api(self, params: Any, request: Any, runtime: Any) -> dict[str, Any]:
        """Write the request down."""
        runtime.params, runtime.request = params, request
        return {"headers": {}, "statusCode": 200, "body": {}}


# The endpoint is never used, but without one the SDK refuses a region that it does not know.
EAS = EasRecorder(Config(endpoint="not.used"))
AIWORKSPACE = AiworkspaceRecorder(Config(endpoint="not.used"))

CallT = TypeVar("CallT", bound=Call[Any])
Builder: TypeAlias = Callable[[str, CallT, Notes], None]

BUILDERS: dict[type[Call[Any]], Builder[Any]] = {}
"""How each operation is built, by its call type; filled by the modules with the builders."""


def builds(kind: type[CallT]) -> Callable[[Builder[CallT]], Builder[CallT]]:
    """Mark a function as the one that builds calls of ``kind``: from region, call and notes."""

    def register(builder: Builder[CallT]) -> Builder[CallT]:
        BUILDERS[kind] = builder
        return builder

    return register


def to_json(value: Any) -> str:
    """JSON as compact as the official SDKs write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
