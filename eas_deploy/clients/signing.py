"""Signed requests: ACS3-HMAC-SHA256 by the official SDK's own function.

Every header present is signed, so what comes out is sent as it is. Each attempt needs a date and a nonce of
its own. Imports official packages: import this module only when the first call is made.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from alibabacloud_tea_openapi.utils import Utils, get_canonical_query_string
from darabonba.request import DaraRequest

from eas_deploy.clients.credentials import Keys
from eas_deploy.clients.endpoints import Endpoint
from eas_deploy.clients.wire import SignedRequest, WireRequest

ALGORITHM = "ACS3-HMAC-SHA256"


def sign(  # noqa: PLR0913 - everything that a signature covers, and nothing else
    wire: WireRequest, endpoint: Endpoint, user_agent: str, keys: Keys, *, date: datetime, nonce: str
) -> SignedRequest:
    """The request as it goes out, signed.

    Args:
        wire: What is asked.
        endpoint: Where it goes.
        user_agent: Who asks.
        keys: The keys to sign with.
        date: Now, UTC.
        nonce: A word never used before.
    """
    digest = hashlib.sha256(wire.body or b"").hexdigest()
    request = DaraRequest()
    request.method = wire.method
    request.pathname = wire.path
    request.query = dict(wire.query)
    request.headers = {
        "host": endpoint.host,
        "x-acs-version": wire.version,
        "x-acs-action": wire.action,
        "user-agent": user_agent,
        "x-acs-date": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "accept": "application/json",
        "x-acs-content-sha256": digest,
    }
    if wire.body is not None:
        request.headers["content-type"] = "application/json; charset=utf-8"
    if keys.security_token is not None:
        request.headers["x-acs-accesskey-id"] = keys.access_key_id
        request.headers["x-acs-security-token"] = keys.security_token.get_secret_value()
    request.headers["authorization"] = Utils.get_authorization(
        request, ALGORITHM, digest, keys.access_key_id, keys.access_key_secret.get_secret_value()
    )
    query = get_canonical_query_string(request.query)
    url = f"{endpoint.scheme}://{endpoint.host}{wire.path}" + (f"?{query}" if query else "")
    return SignedRequest(wire.method, url, request.headers, wire.body)
