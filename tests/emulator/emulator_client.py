"""A small client for the emulator's tests, with a signer of its own, and the service configs they use."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from pathlib import Path
from urllib.parse import quote

import httpx

VERSIONS = {
    "eas": "2021-07-01",
    "aiworkspace": "2021-02-04",
    "vpc": "2016-04-28",
    "ecs": "2014-05-26",
    "nlb": "2022-04-30",
}
PATTERNS = sorted((Path(__file__).parents[2] / "examples" / "patterns").glob("*.json"))
REAL = sorted((Path(__file__).parents[1] / "data" / "real").glob("[0-9]*.json"))

_nonces = itertools.count()


def encode(pairs):
    """A query string the way the official SDK sends it: sorted, spaces as %20."""
    return "&".join(
        f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in sorted(pairs.items())
    )


def sign(method, path, query, headers, body, key_id, secret):
    """The Authorization header over all ``headers``."""
    canonical_headers = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    names = ";".join(sorted(headers))
    payload = hashlib.sha256(body).hexdigest()
    canonical = f"{method}\n{path}\n{query}\n{canonical_headers}\n{names}\n{payload}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


class Caller:
    """Sends signed requests and gives back the raw answers."""

    def __init__(self, emulator, **credentials):
        known = {**emulator.connection(), **credentials}
        self.url = known["endpoint_url"]
        self.key_id = known["access_key_id"]
        self.secret = known["access_key_secret"]
        self.token = known.get("security_token")
        # Nothing here is encrypted: without verification no certificates are loaded.
        self.http = httpx.Client(verify=False, trust_env=False, timeout=5)

    def close(self):
        self.http.close()

    def request(self, action, method="GET", path="/", query=None, body=None, *, product="eas", headers=None):
        """Build a signed request; ``headers`` replace or add before signing, None values remove."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        query_text = encode({key: str(value) for key, value in (query or {}).items()})
        signed = {
            "host": self.url.removeprefix("http://"),
            "user-agent": "tests/1",
            "accept": "application/json",
            "x-acs-action": action,
            "x-acs-version": VERSIONS[product],
            "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "x-acs-signature-nonce": f"nonce-{next(_nonces)}",
            "x-acs-content-sha256": hashlib.sha256(raw).hexdigest(),
        }
        if raw:
            signed["content-type"] = "application/json; charset=utf-8"
        if self.token:
            signed |= {"x-acs-accesskey-id": self.key_id, "x-acs-security-token": self.token}
        signed |= headers or {}
        signed = {name: value for name, value in signed.items() if value is not None}
        authorization = sign(method, path, query_text, signed, raw, self.key_id, self.secret)
        url = f"{self.url}{path}" + (f"?{query_text}" if query_text else "")
        return httpx.Request(method, url, headers={**signed, "authorization": authorization}, content=raw)

    def send(self, *args, **kwargs):
        return self.http.send(self.request(*args, **kwargs))

    def eas(self, action, method, path, query=None, body=None):
        """One EAS call; the answer's JSON, which has to be a success."""
        answer = self.send(action, method, f"/api/v2{path}", query, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def service(self, action, method, name, tail="", query=None, body=None):
        """One EAS call about a service."""
        return self.eas(action, method, f"/services/cn-hangzhou/{name}{tail}", query, body)

    def aiworkspace(self, action, path, query=None):
        answer = self.send(action, "GET", f"/api/v1{path}", query, product="aiworkspace")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rpc(self, product, action, query):
        answer = self.send(action, "POST", "/", query, product=product)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, config, query=None):
        """CreateService; the raw answer."""
        return self.send("CreateService", "POST", "/api/v2/services", query, config)

    def describe(self, name):
        return self.service("DescribeService", "GET", name)

    def endpoints(self, name):
        return self.service("DescribeServiceEndpoints", "GET", name, "/endpoints")
