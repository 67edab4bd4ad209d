"""The signature, and that nothing of what was signed changes on the way."""

from datetime import datetime, timezone

import pytest
from client_stand_ins import answer
from pydantic import SecretStr

from eas_deploy import calls
from eas_deploy.clients.credentials import Keys
from eas_deploy.clients.endpoints import Endpoint
from eas_deploy.clients.signing import sign
from eas_deploy.clients.wire import WireRequest

WIRE = WireRequest(
    action="CreateService",
    version="2021-07-01",
    style="ROA",
    method="POST",
    path="/api/v2/services",
    query={"WorkspaceId": "123456", "Labels": '{"team":"a b"}'},
    body=b'{"metadata":{"name":"demo","instance":1}}',
)
HOST = Endpoint("https", "pai-eas.cn-hangzhou.aliyuncs.com")
WHEN = {
    "date": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    "nonce": "d41d8cd98f00b204e9800998ecf8427e",
}


@pytest.mark.parametrize(
    ("token", "signature"),
    [
        (None, "d3edcaebe6346e22fa5429832ff773040111b60673fdb7632b247150fee1860e"),
        ("tok", "196f967f600dc93c5aa3141d4b90ba370de4c4f5bd8f6f3189a2038ca6bce8a8"),
    ],
)
def test_vectors(token, signature):
    """The two vectors that the official SDK was measured to give."""
    keys = Keys("LTAItestid", SecretStr("testsecret"), SecretStr(token) if token else None)
    signed = sign(WIRE, HOST, "ua/1", keys, **WHEN)
    assert signed.headers["authorization"].endswith(f",Signature={signature}")
    assert signed.headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=LTAItestid,SignedHeaders=")


def test_the_url_carries_the_signed_query():
    signed = sign(WIRE, HOST, "ua/1", Keys("a", SecretStr("b")), **WHEN)
    query = "Labels=%7B%22team%22%3A%22a%20b%22%7D&WorkspaceId=123456"
    assert signed.url == f"https://pai-eas.cn-hangzhou.aliyuncs.com/api/v2/services?{query}"


def test_an_empty_query_leaves_no_question_mark():
    wire = WireRequest("DescribeService", "2021-07-01", "ROA", "GET", "/api/v2/services/r/x", {})
    assert sign(wire, HOST, "ua/1", Keys("a", SecretStr("b")), **WHEN).url.endswith("/services/r/x")


HARD = {"team": "a b+c/d?e&f=g'(h)*~模", "path": "100%"}


@pytest.mark.parametrize(
    "call",
    [calls.CreateService({"metadata": {"name": "模"}}, HARD), calls.StopService("x"), calls.DescribeVpcs()],
)
def test_what_is_sent_is_what_was_signed(any_bench, call):
    """Signing what arrived, as the service does, gives the signature that arrived."""
    bench = any_bench
    bench.send(call, answer())
    (request,) = bench.sent
    named = dict(request.headers)
    authorization = named.pop("authorization")
    path, _, query = request.url.raw_path.decode().partition("?")
    signed_names = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    extra = set(named) - set(signed_names)
    assert extra <= {"content-length", "connection"}
    for name in extra:
        named.pop(name)

    from urllib.parse import unquote

    wire = WireRequest(
        action=named["x-acs-action"],
        version=named["x-acs-version"],
        style="ROA",
        method=request.method,
        path=path,
        query={pair.split("=", 1)[0]: unquote(pair.split("=", 1)[1]) for pair in query.split("&") if pair},
        body=request.content or None,
    )
    again = sign(
        wire,
        Endpoint("https", named["host"]),
        named["user-agent"],
        Keys("LTAItestid", SecretStr("testsecret")),
        date=datetime.strptime(named["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc),
        nonce=named["x-acs-signature-nonce"],
    )
    assert again.headers["authorization"] == authorization
    assert again.url == str(request.url)


def test_headers_of_a_given_client_stay_out(any_bench):
    """A caller's client may have headers, auth, parameters and a base URL of its own."""
    package = any_bench.package
    original = package.Client

    def with_habits(**options):
        return original(
            headers={"x-extra": "1", "user-agent": "mine"},
            auth=("user", "password"),
            params={"p": "1"},
            base_url="https://elsewhere.example",
            **options,
        )

    with pytest.MonkeyPatch.context() as patch:
        if any_bench.kind == "blocking":
            patch.setattr(package, "Client", _like(original, with_habits))
        else:
            original = package.AsyncClient
            patch.setattr(package, "AsyncClient", _like(original, with_habits))
        any_bench.send(calls.DescribeService("x"), answer())
    (request,) = any_bench.sent
    assert str(request.url) == "https://pai-eas.cn-hangzhou.aliyuncs.com/api/v2/services/cn-hangzhou/x"
    assert "x-extra" not in request.headers
    assert request.headers["authorization"].startswith("ACS3-HMAC-SHA256 ")
    assert request.headers["user-agent"].startswith("AlibabaCloud-Agent-Skills/")


def _like(original, make):
    """A class that makes what ``make`` makes and still passes isinstance."""

    class Meta(type):
        def __call__(cls, **options):
            return make(**options)

        def __instancecheck__(cls, value):
            return isinstance(value, original)

    return Meta("Client", (), {})
