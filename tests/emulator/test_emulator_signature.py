"""Requests are authenticated as the real API gateway does it."""

import hashlib
import time

import pytest

from eas_deploy.emulator.refusal import GatewayRefusalError
from eas_deploy.emulator.signature import KeyRing, SignedRequest, Verifier, sign

# The published test vector: its date is the time at which the verifier is asked.
VECTOR_TIME = 1767323045.0
VECTOR_BODY = b'{"metadata":{"name":"demo","instance":1}}'
VECTOR_HEADERS = {
    "accept": "application/json",
    "content-type": "application/json; charset=utf-8",
    "host": "pai-eas.cn-hangzhou.aliyuncs.com",
    "user-agent": "ua/1",
    "x-acs-action": "CreateService",
    "x-acs-content-sha256": "3dff3500c0fcc557c1b56eb476cff27674bbee1b1737c00e5e002ab9910a3c10",
    "x-acs-date": "2026-01-02T03:04:05Z",
    "x-acs-signature-nonce": "d41d8cd98f00b204e9800998ecf8427e",
    "x-acs-version": "2021-07-01",
}
STS_HEADERS = {"x-acs-accesskey-id": "LTAItestid", "x-acs-security-token": "tok"}
SIGNATURE = "d3edcaebe6346e22fa5429832ff773040111b60673fdb7632b247150fee1860e"
STS_SIGNATURE = "196f967f600dc93c5aa3141d4b90ba370de4c4f5bd8f6f3189a2038ca6bce8a8"


def vector(signature, query="Labels=%7B%22team%22%3A%22a%20b%22%7D&WorkspaceId=123456", **more):
    headers = dict(sorted({**VECTOR_HEADERS, **more}.items()))
    authorization = (
        f"ACS3-HMAC-SHA256 Credential=LTAItestid,SignedHeaders={';'.join(headers)},Signature={signature}"
    )
    pairs = (*headers.items(), ("authorization", authorization))
    return SignedRequest("POST", "/api/v2/services", query, pairs, VECTOR_BODY)


def keys(**sessions):
    return KeyRing(secrets={"LTAItestid": "testsecret"}, sessions=sessions)


@pytest.mark.parametrize(("signature", "more"), [(SIGNATURE, {}), (STS_SIGNATURE, STS_HEADERS)])
def test_vector_is_accepted(signature, more):
    """Both published vectors verify at the time that they name."""
    request = vector(signature, **more)
    assert sign(request, sorted({**VECTOR_HEADERS, **more}), "testsecret") == signature
    Verifier(keys(tok="LTAItestid")).verify(request, VECTOR_TIME)


def test_order_of_the_raw_query_does_not_matter():
    """The canonical query is sorted, whatever the order on the wire."""
    query = "WorkspaceId=123456&Labels=%7B%22team%22%3A%22a%20b%22%7D"
    Verifier(keys()).verify(vector(SIGNATURE, query), VECTOR_TIME)


def test_plus_is_a_space():
    """The official SDK signs %20 and sends +, so a + in the query is a space."""
    query = "Labels=%7B%22team%22%3A%22a+b%22%7D&WorkspaceId=123456"
    Verifier(keys()).verify(vector(SIGNATURE, query), VECTOR_TIME)


def test_changed_query():
    query = "Labels=%7B%22team%22%3A%22a%20c%22%7D&WorkspaceId=123456"
    with pytest.raises(GatewayRefusalError, match="SignatureDoesNotMatch"):
        Verifier(keys()).verify(vector(SIGNATURE, query), VECTOR_TIME)


@pytest.mark.parametrize("away_s", [-901, 901])
def test_date_out_of_tolerance(away_s):
    """A date more than 15 minutes from the server's is expired."""
    with pytest.raises(GatewayRefusalError, match=r"InvalidTimeStamp\.Expired"):
        Verifier(keys()).verify(vector(SIGNATURE), VECTOR_TIME + away_s)


def test_date_within_tolerance():
    Verifier(keys()).verify(vector(SIGNATURE), VECTOR_TIME + 899)


def refused(answer, status, code):
    body = answer.json()
    assert (answer.status_code, body["Code"]) == (status, code)
    assert set(body) == {"Recommend", "Message", "RequestId", "HostId", "Code"}


def test_nonce_is_good_once(caller):
    """The same signed request sent twice is refused the second time."""
    request = caller.request("ListServices", path="/api/v2/services")
    assert caller.http.send(request).status_code == 200
    refused(caller.http.send(request), 400, "SignatureNonceUsed")


def test_unknown_access_key(caller):
    caller.key_id = "LTAInobody"
    refused(caller.send("ListServices", path="/api/v2/services"), 404, "InvalidAccessKeyId.NotFound")


def test_wrong_secret(caller):
    caller.secret = "something else"
    refused(caller.send("ListServices", path="/api/v2/services"), 400, "SignatureDoesNotMatch")


def test_changed_body(caller, config):
    """A body that is not the signed one is refused, even if its own hash is right."""
    request = caller.request("CreateService", "POST", "/api/v2/services", body=config)
    changed = request.content.replace(b"demo_service", b"evil_service")
    request.headers["x-acs-content-sha256"] = hashlib.sha256(changed).hexdigest()
    tampered = type(request)(request.method, request.url, headers=request.headers, content=changed)
    refused(caller.http.send(tampered), 400, "SignatureDoesNotMatch")


def test_hash_of_another_body(caller, config):
    headers = {"x-acs-content-sha256": hashlib.sha256(b"").hexdigest()}
    answer = caller.send("CreateService", "POST", "/api/v2/services", body=config, headers=headers)
    refused(answer, 400, "SignatureDoesNotMatch")


def test_old_date(caller):
    early = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1000))
    answer = caller.send("ListServices", path="/api/v2/services", headers={"x-acs-date": early})
    refused(answer, 400, "InvalidTimeStamp.Expired")


def test_server_clock_that_is_wrong(emulator, caller):
    """The gateway's clock can be set wrong, apart from the clock that services follow."""
    emulator.clock.advance(3600)
    assert caller.send("ListServices", path="/api/v2/services").status_code == 200
    emulator.clock.skew_s = 3600
    refused(caller.send("ListServices", path="/api/v2/services"), 400, "InvalidTimeStamp.Expired")


def test_malformed_date(caller):
    answer = caller.send("ListServices", path="/api/v2/services", headers={"x-acs-date": "yesterday"})
    refused(answer, 400, "InvalidTimeStamp.Format")


def test_unsigned(caller):
    request = caller.request("ListServices", path="/api/v2/services")
    del request.headers["authorization"]
    refused(caller.http.send(request), 400, "IncompleteSignature")


def test_acs_header_that_is_not_signed(caller):
    """Every x-acs header has to be covered by the signature."""
    request = caller.request("ListServices", path="/api/v2/services")
    request.headers["x-acs-extra"] = "1"
    refused(caller.http.send(request), 400, "IncompleteSignature")


def test_unsorted_signed_headers():
    """The names of the signed headers have to be sorted."""
    request = vector(SIGNATURE)
    shuffled = request.headers[-1][1].replace("accept;content-type", "content-type;accept")
    changed = SignedRequest(
        request.method,
        request.path,
        request.query,
        (*request.headers[:-1], ("authorization", shuffled)),
        request.body,
    )
    with pytest.raises(GatewayRefusalError, match="IncompleteSignature"):
        Verifier(keys()).verify(changed, VECTOR_TIME)


def test_missing_nonce(caller):
    answer = caller.send("ListServices", path="/api/v2/services", headers={"x-acs-signature-nonce": None})
    refused(answer, 400, "IncompleteSignature")


def test_session(emulator, make_caller):
    """STS credentials are good until their token runs out."""
    session = emulator.add_session()
    caller = make_caller(emulator, **session)
    assert caller.send("ListServices", path="/api/v2/services").status_code == 200
    emulator.expire_session(session["security_token"])
    refused(caller.send("ListServices", path="/api/v2/services"), 400, "InvalidSecurityToken.Expired")


def test_session_key_without_its_token(emulator, make_caller):
    session = emulator.add_session()
    caller = make_caller(emulator, **{**session, "security_token": None})
    refused(caller.send("ListServices", path="/api/v2/services"), 400, "MissingSecurityToken")


def test_unknown_token(emulator, make_caller):
    caller = make_caller(emulator, security_token="made up")
    refused(caller.send("ListServices", path="/api/v2/services"), 400, "InvalidSecurityToken.Expired")
