"""Verification of ACS3-HMAC-SHA256 signatures, as the API gateway does it.

Recomputed from what arrived, byte for byte: the raw query string and exactly the headers that the
signature names. Source: Alibaba Cloud "V3 request body and signature".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import quote, unquote_plus

from eas_deploy.emulator.refusal import GatewayRefusalError

ALGORITHM = "ACS3-HMAC-SHA256"
DATE_TOLERANCE_S = 15 * 60
"""How far ``x-acs-date`` may be from the server's clock. Source: the gateway's own error text."""

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Credential=(?P<key>[^,]+), *SignedHeaders=(?P<headers>[^,]+), *Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True)
class SignedRequest:
    """What a signature covers: the request as it came over the wire."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    """Lower-case names."""
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass
class KeyRing:
    """The access keys and STS sessions that the emulated account knows."""

    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """Access key id to secret, sessions' keys included."""
    sessions: dict[str, str] = field(default_factory=dict, repr=False)
    """Valid security token to the access key id that it belongs to."""
    session_keys: set[str] = field(default_factory=set)
    """Access key ids that are worth nothing without a security token."""

    def reset(self, secrets: dict[str, str]) -> None:
        """Know these long-term keys and nothing else."""
        self.secrets = dict(secrets)
        self.sessions.clear()
        self.session_keys.clear()


def sign(request: SignedRequest, signed_headers: Iterable[str], secret: str) -> str:
    """The signature, in hex, over exactly ``signed_headers`` of ``request``."""
    names = list(signed_headers)
    canonical = "\n".join(
        (
            request.method,
            request.path or "/",
            canonical_query(request.query),
            "".join(f"{name}:{_header_value(request, name)}\n" for name in names),
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def canonical_query(raw: str) -> str:
    """The raw query string with its parameters sorted and percent-encoded anew.

    A ``+`` is read as a space: the official Python SDK signs ``%20`` and then sends ``+``.
    """
    pairs = [part.partition("=")[::2] for part in raw.split("&") if part]
    decoded = sorted((unquote_plus(key), unquote_plus(value)) for key, value in pairs)
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in decoded)


def _header_value(request: SignedRequest, name: str) -> str:
    return ",".join(sorted(value.strip() for key, value in request.headers if key == name))


class Verifier:
    """Checks each request's signature, date and nonce against one key ring."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._nonces: set[str] = set()

    def forget(self) -> None:
        """Forget every nonce seen so far."""
        self._nonces.clear()

    def verify(self, request: SignedRequest, now: float) -> None:
        """Return if the request is authentic and new.

        Args:
            request: As received.
            now: The server's POSIX time.

        Raises:
            GatewayRefusalError: With the gateway's code for whatever is wrong first.
        """
        match = _AUTHORIZATION.fullmatch(request.header("authorization") or "")
        if match is None:
            raise GatewayRefusalError(
                400, "IncompleteSignature", f"The request needs an Authorization header of {ALGORITHM}."
            )
        signed = match["headers"].split(";")
        self._check_coverage(request, signed)
        self._check_date(request, now)
        secret = self._secret(match["key"], request.header("x-acs-security-token"))
        if request.header("x-acs-content-sha256") != hashlib.sha256(request.body).hexdigest():
            raise GatewayRefusalError(
                400, "SignatureDoesNotMatch", "The x-acs-content-sha256 header is not the hash of the body."
            )
        if not hmac.compare_digest(sign(request, signed, secret), match["signature"]):
            raise GatewayRefusalError(
                400, "SignatureDoesNotMatch", "Specified signature does not match our calculation."
            )
        self._take_nonce(request.header("x-acs-signature-nonce") or "")

    def _check_coverage(self, request: SignedRequest, signed: list[str]) -> None:
        if signed != sorted(set(signed)):
            raise GatewayRefusalError(
                400, "IncompleteSignature", "SignedHeaders must be sorted, each name once."
            )
        present = {key for key, _ in request.headers}
        needed = {"host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
        needed |= {key for key in present if key.startswith("x-acs-")}
        if missing := sorted((needed - set(signed)) | (needed - present)):
            raise GatewayRefusalError(
                400, "IncompleteSignature", f"These headers must be sent and signed: {', '.join(missing)}."
            )

    def _check_date(self, request: SignedRequest, now: float) -> None:
        text = request.header("x-acs-date") or ""
        try:
            sent = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            raise GatewayRefusalError(
                400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."
            ) from None
        if abs(now - sent) > DATE_TOLERANCE_S:
            raise GatewayRefusalError(
                400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."
            )

    def _secret(self, key_id: str, token: str | None) -> str:
        if token is not None and self._keys.sessions.get(token) != key_id:
            raise security_token_expired()
        if key_id not in self._keys.secrets:
            raise GatewayRefusalError(
                404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."
            )
        if token is None and key_id in self._keys.session_keys:
            raise GatewayRefusalError(
                400, "MissingSecurityToken", "SecurityToken is mandatory for this action."
            )
        return self._keys.secrets[key_id]

    def _take_nonce(self, nonce: str) -> None:
        if nonce in self._nonces:
            raise GatewayRefusalError(
                400, "SignatureNonceUsed", "Specified signature nonce was used already."
            )
        self._nonces.add(nonce)


def security_token_expired() -> GatewayRefusalError:
    """The refusal of an STS token that is unknown or has run out."""
    return GatewayRefusalError(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
