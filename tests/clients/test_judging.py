"""Status and body become an answer or one of our errors."""

import json
from datetime import datetime, timezone

import pytest
from pydantic import SecretStr

from eas_deploy import calls
from eas_deploy.clients.credentials import Keys
from eas_deploy.clients.judging import Circumstances, judge, request_id
from eas_deploy.clients.wire import WireAnswer
from eas_deploy.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    EasDeployError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    ThrottledError,
    UnreadableAnswerError,
)

KEYS = Keys("LTAI5tExampleKeyId", SecretStr("the-secret"), SecretStr("the-token"))
ABOUT = Circumstances(
    host="pai-eas.cn-hangzhou.aliyuncs.com",
    keys_from="the environment",
    key_id=KEYS.masked_id,
    received_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    scrub=KEYS.scrub,
)


def judged(status, body, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(calls.DescribeService("x"), WireAnswer(status, named, content), ABOUT)


def refused(status, code, message="Something is wrong", extra=None, **headers):
    body = {"Code": code, "Message": message, "RequestId": "R-1", "HostId": "h", **(extra or {})}
    with pytest.raises(EasDeployError) as caught:
        judged(status, body, **headers)
    return caught.value


def test_a_success_is_its_model():
    assert judged(200, {"ServiceName": "x", "Status": "Running"}).status == "Running"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "Throttling", ThrottledError),
        (400, "Throttling.User", ThrottledError),
        (400, "Throttling.Api", ThrottledError),
        (403, "Rejected.Throttling", ThrottledError),
        (429, "SlowDown", ThrottledError),
        (404, "InvalidAccessKeyId.NotFound", AuthenticationError),
        (400, "InvalidAccessKeyId.Inactive", AuthenticationError),
        (400, "SignatureDoesNotMatch", AuthenticationError),
        (400, "SignatureNonceUsed", AuthenticationError),
        (400, "InvalidTimeStamp.Expired", AuthenticationError),
        (403, "InvalidSecurityToken.Expired", AuthenticationError),
        (401, "Whatever", AuthenticationError),
        (403, "Forbidden.RAM", PermissionDeniedError),
        (400, "NoPermission", PermissionDeniedError),
        (403, "Whatever", PermissionDeniedError),
        (403, "Forbidden.PrivilegeCheckFailed", PermissionDeniedError),
        (404, "InvalidService.NotFound", NotFoundError),
        (400, "InvalidService.NotFound", NotFoundError),
        (404, "Whatever", NotFoundError),
        (409, "InvalidParameter", ConflictError),
        (500, "InternalError", ServerError),
        (503, "ServiceUnavailable", ServerError),
        (400, "InvalidParameter", ApiError),
    ],
)
def test_codes(status, code, kind):
    error = refused(status, code)
    assert type(error) is kind
    assert (error.code, error.http_status, error.request_id) == (code, status, "R-1")
    assert (error.operation, error.host, error.well_formed) == ("DescribeService", ABOUT.host, True)


def test_a_message_says_what_where_and_which():
    text = str(refused(400, "InvalidParameter", "Service name is empty"))
    for part in ("DescribeService", ABOUT.host, "Service name is empty", "InvalidParameter", "400", "R-1"):
        assert part in text


def test_a_refused_permission_names_the_action_to_allow():
    error = refused(403, "Forbidden.RAM", extra={"AccessDeniedDetail": {"AuthAction": "eas:Special"}})
    assert error.ram_action == "eas:Special"
    assert "Allow eas:Special" in str(error)
    assert "LTAI****Id" in str(error)


def test_a_refused_permission_without_detail_names_the_calls_own_action():
    assert refused(403, "NoPermission").ram_action == "eas:DescribeService"


def test_a_name_of_another_account_is_no_missing_permission():
    text = str(refused(403, "Forbidden.PrivilegeCheckFailed"))
    assert "another account" in text
    assert "Allow" not in text


def test_a_refused_key_says_where_it_came_from():
    text = str(refused(404, "InvalidAccessKeyId.NotFound"))
    assert "LTAI****Id" in text
    assert "the environment" in text


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Fri, 02 Jan 2026 02:54:05 GMT", "600 s ahead"),
        ("Fri, 02 Jan 2026 03:04:35 GMT", "30 s behind"),
        ("nonsense", "Set the clock"),
    ],
)
def test_a_refused_time_says_how_wrong_the_clock_is(date, words):
    assert words in str(refused(400, "InvalidTimeStamp.Expired", date=date))


def test_keys_that_the_service_quotes_are_taken_out():
    """An answer to a wrong signature quotes the request, token and all."""
    text = str(refused(400, "SignatureDoesNotMatch", "got LTAI5tExampleKeyId the-token the-secret"))
    assert "the-token" not in text
    assert "the-secret" not in text
    assert "LTAI5tExampleKeyId" not in text


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [("1500", 1.5), ("0", None), ("-5", None), ("soon", None), ("9" * 400, None), (None, None)],
)
def test_the_wait_asked_for_is_in_milliseconds(milliseconds, seconds):
    headers = {} if milliseconds is None else {"x_acs_retry_after": milliseconds}
    assert refused(429, "Throttling", **headers).retry_after_s == seconds


@pytest.mark.parametrize("body", [b"", b"  ", b"<html>Bad Gateway</html>", b'{"cut":', b"[]", b"null", b"{}"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(502, ServerError), (500, ServerError), (404, ApiError), (403, ApiError), (429, ThrottledError)],
)
def test_an_error_without_an_error_body_is_nobodys_word(status, kind, body):
    """A proxy's 404 does not say that a service is absent, nor its 403 that a permission is missing."""
    with pytest.raises(ApiError) as caught:
        judged(status, body)
    assert type(caught.value) is kind
    assert (caught.value.well_formed, caught.value.http_status, caught.value.code) == (False, status, None)


@pytest.mark.parametrize(
    "body", [b"", b"<html>hi</html>", b'{"cut":', b"[]", b"null", b'"text"', b'{"Cpu": "many"}']
)
@pytest.mark.parametrize("status", [200])
def test_a_success_that_is_not_the_apis_cannot_be_read(status, body):
    with pytest.raises(UnreadableAnswerError) as caught:
        judged(status, body)
    assert caught.value.http_status == status


def test_a_redirect_cannot_be_read():
    with pytest.raises(UnreadableAnswerError):
        judged(302, b"<html>moved</html>", location="https://login.example")


def test_a_field_that_does_not_fit_is_named_without_its_value():
    with pytest.raises(UnreadableAnswerError, match=r"Cpu: int_parsing") as caught:
        judged(200, {"Cpu": "s3cret", "AccessToken": "s3cret"})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("headers", "outcome", "expected"),
    [
        ({"x-acs-request-id": "H"}, calls.ServiceInfo(request_id="B"), "H"),
        ({}, calls.ServiceInfo(request_id="B"), "B"),
        ({}, ApiError("x", request_id="B"), "B"),
        ({"x-acs-request-id": "H"}, UnreadableAnswerError("x"), "H"),
        ({}, UnreadableAnswerError("x"), None),
    ],
)
def test_the_request_id_is_found(headers, outcome, expected):
    assert request_id(WireAnswer(200, headers, b""), outcome) == expected
