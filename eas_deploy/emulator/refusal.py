"""The error answers of the emulated products: who refuses, and the body on the wire.

Two shapes, seen from the service: EAS itself answers with ``HttpCode`` and ``Success``; the API gateway
with ``Recommend``. The gateway speaks about authentication, permission, throttling and routing, and for
AIWorkSpace and the RPC products about everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RefusalError(Exception):
    """An operation is refused by the product that it belongs to.

    Args:
        status: HTTP status of the answer.
        code: The API's error code, such as ``"InvalidService.NotFound"``.
        message: What the caller reads.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers: Mapping[str, str] = {}

    def body(self, request_id: str, host: str) -> dict[str, Any]:
        """The JSON body of the answer."""
        return {
            "RequestId": request_id,
            "HostId": host,
            "Code": self.code,
            "HttpCode": self.status,
            "Success": False,
            "Message": self.message,
        }


class GatewayRefusalError(RefusalError):
    """The API gateway refuses a request.

    Args:
        status: HTTP status of the answer.
        code: The gateway's error code, such as ``"SignatureDoesNotMatch"``.
        message: What the caller reads.
        denied: The ``AccessDeniedDetail`` of a permission error; None for other errors.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        denied: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, code, message)
        self.denied = denied
        self.headers = headers or {}

    def body(self, request_id: str, host: str) -> dict[str, Any]:
        """The JSON body of the answer."""
        body: dict[str, Any] = {
            "Recommend": f"https://api.aliyun.com/troubleshoot?q={self.code}&requestId={request_id}",
            "Message": self.message,
            "RequestId": request_id,
            "HostId": host,
            "Code": self.code,
        }
        if self.denied is not None:
            body["AccessDeniedDetail"] = dict(self.denied)
        return body


def invalid_parameter(message: str, status: int = 400) -> RefusalError:
    """The refusal of a value that EAS does not accept."""
    return RefusalError(status, "InvalidParameter", message)
