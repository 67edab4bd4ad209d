"""One call from its first attempt to its outcome, through both senders."""

import logging
import traceback

import pytest
from client_stand_ins import answer, broken, error

from eas_deploy import calls
from eas_deploy.errors import (
    AuthenticationError,
    ConfigError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    DeadlineExceededError,
    NotFoundError,
    ReadTimeoutError,
    ServerError,
    ThrottledError,
    TransportError,
    UnreadableAnswerError,
)

READ = calls.DescribeService("x")
CHANGE = calls.CreateService({"metadata": {"name": "x"}})
FOUND = answer(200, {"ServiceName": "x"}, x_acs_request_id="R-9")


def test_an_answer_comes_back_as_its_model(bench):
    assert bench.send(READ, FOUND).service_name == "x"


def test_one_record_a_call(bench):
    """Retries count as one call."""
    bench.send(READ, error(503, "ServiceUnavailable"), broken("ReadTimeout"), FOUND, purpose="settle create")
    (record,) = bench.ledger
    assert (record.operation, record.purpose, record.attempts) == ("DescribeService", "settle create", 3)
    assert (record.request_id, record.http_status, record.error) == ("R-9", 200, None)
    assert record.started_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert record.duration_s == pytest.approx(sum(bench.clock.pauses))


def test_a_failed_call_is_recorded_too(bench):
    with pytest.raises(NotFoundError) as caught:
        bench.send(READ, error(404, "InvalidService.NotFound"))
    (record,) = bench.ledger
    assert (record.attempts, record.http_status, record.request_id) == (1, 404, "R-1")
    assert record.error == str(caught.value)


def test_a_failure_without_answer_has_no_status(bench):
    """Nor the status and request id of an earlier attempt."""
    with pytest.raises(ConnectionLostError):
        bench.send(READ, error(503, "ServiceUnavailable"), broken("ReadError"))
    (record,) = bench.ledger
    assert (record.http_status, record.request_id, record.attempts) == (None, None, 5)


@pytest.mark.parametrize(
    "trouble",
    [
        broken("ConnectError"),
        broken("ConnectTimeout"),
        broken("ReadTimeout"),
        broken("ReadError"),
        broken("RemoteProtocolError"),
        error(500, "InternalError"),
        error(429, "Throttling"),
        answer(502, b"<html>"),
        answer(200, b""),
        answer(200, b'{"ServiceName": "x'),
    ],
)
def test_a_read_outlives_what_passes(bench, trouble):
    assert bench.send(READ, trouble, trouble, FOUND).service_name == "x"
    assert len(bench.sent) == 3
    assert len(bench.clock.pauses) >= 2  # a throttled call may also wait for its turn


def test_each_attempt_has_a_nonce_and_a_date_of_its_own(bench):
    def later(package, request):
        bench.clock.seconds += 2
        return error(500, "InternalError")(package, request)

    bench.send(READ, later, FOUND)
    first, second = (request.headers for request in bench.sent)
    assert first["x-acs-signature-nonce"] != second["x-acs-signature-nonce"]
    assert first["x-acs-date"] == "2026-01-02T03:04:05Z"
    assert second["x-acs-date"] > first["x-acs-date"]
    assert first["authorization"] != second["authorization"]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (broken("ReadTimeout"), ReadTimeoutError),
        (broken("ReadError"), ConnectionLostError),
        (broken("RemoteProtocolError"), ConnectionLostError),
        (error(500, "InternalError"), ServerError),
        (answer(502, b"<html>"), ServerError),
        (answer(200, b""), UnreadableAnswerError),
        (answer(429, b"<html>"), ThrottledError),
    ],
)
def test_a_change_is_sent_once_when_its_fate_is_unknown(bench, trouble, kind):
    """A second CreateService could make a second service."""
    with pytest.raises(kind):
        bench.send(CHANGE, trouble, FOUND)
    assert len(bench.sent) == 1
    assert bench.clock.pauses == []


@pytest.mark.parametrize("trouble", [broken("ConnectError"), error(429, "Throttling")])
def test_a_change_is_sent_again_when_nothing_was_done(bench, trouble):
    bench.send(CHANGE, trouble, answer(200, {"ServiceId": "eas-m-1"}))
    assert len(bench.sent) == 2


def test_a_definite_answer_ends_a_read_at_once(bench):
    with pytest.raises(ConflictError):
        bench.send(READ, error(409, "InvalidParameter"), FOUND)
    assert len(bench.sent) == 1


def test_max_retries_bounds_the_attempts(bench):
    with pytest.raises(ServerError):
        bench.send(READ, error(500, "InternalError"), max_retries=2)
    assert len(bench.sent) == 3


def test_no_retries_when_none_are_allowed(bench):
    with pytest.raises(ThrottledError):
        bench.send(READ, error(429, "Throttling"), max_retries=0)
    assert len(bench.sent) == 1


def test_the_wait_that_the_service_asks_for_is_kept(bench):
    bench.send(READ, error(429, "Throttling.User", x_acs_retry_after="3000"), FOUND)
    assert bench.clock.pauses[0] >= 3.0


def test_a_wait_beyond_the_deadline_is_not_begun(bench):
    """The throttling itself is raised, with the wait that was asked for, at once."""
    with pytest.raises(ThrottledError) as caught:
        bench.send(READ, error(429, "Throttling.User", x_acs_retry_after="120000"))
    assert caught.value.retry_after_s == 120.0
    assert bench.clock.pauses == []


def timeouts(request):
    return request.extensions["timeout"]


def test_timeouts_of_an_attempt(bench):
    bench.send(READ, FOUND, connect_timeout_s=3, read_timeout_s=7)
    assert (timeouts(bench.sent[0])["connect"], timeouts(bench.sent[0])["read"]) == (3.0, 7.0)


@pytest.mark.parametrize("call", [calls.ListImages(), calls.DescribeMachineSpec()])
def test_the_catalogues_get_longer_after_a_read_timeout(bench, call):
    bench.send(call, broken("ReadTimeout"), answer(200, {}))
    assert [timeouts(request)["read"] for request in bench.sent] == [10.0, 60.0]


def test_other_operations_do_not(bench):
    bench.send(READ, broken("ReadTimeout"), FOUND)
    assert [timeouts(request)["read"] for request in bench.sent] == [10.0, 10.0]


def test_no_timeout_is_longer_than_what_is_left(bench):
    bench.send(READ, FOUND, call_timeout_s=4)
    assert timeouts(bench.sent[0]) == {"connect": 4.0, "read": 4.0, "write": 4.0, "pool": 4.0}


def slow(seconds, then, bench):
    def outcome(package, request):
        bench.clock.seconds += seconds
        return then(package, request)

    return outcome


def test_the_call_ends_at_its_deadline(bench):
    """The error says what happened last, and carries it."""
    with pytest.raises(DeadlineExceededError, match=r"ended so: .*no answer within") as caught:
        bench.send(READ, slow(40, broken("ReadTimeout"), bench))
    assert isinstance(caught.value.__cause__, ReadTimeoutError)
    assert len(bench.sent) == 3
    assert (caught.value.operation, caught.value.host) == (
        "DescribeService",
        "pai-eas.cn-hangzhou.aliyuncs.com",
    )


def test_the_deployments_deadline_holds_too(bench):
    with pytest.raises(DeadlineExceededError):
        bench.send(READ, slow(6, broken("ReadTimeout"), bench), deadline=bench.clock.seconds + 5)
    assert len(bench.sent) == 1


def test_a_deadline_in_the_past_sends_nothing(bench):
    with pytest.raises(DeadlineExceededError, match="nothing was sent") as caught:
        bench.send(CHANGE, FOUND, deadline=bench.clock.seconds - 1)
    assert caught.value.__cause__ is None
    assert bench.sent == []
    assert [record.attempts for record in bench.ledger] == [0]


def test_a_definite_answer_counts_even_when_it_is_late(bench):
    with pytest.raises(NotFoundError):
        bench.send(READ, slow(100, error(404, "InvalidService.NotFound"), bench))


def test_a_dripping_body_ends_at_the_deadline(bench):
    """No single read is too long, but the whole is."""

    class Drip(bench.package.SyncByteStream, bench.package.AsyncByteStream):
        def __iter__(self):
            while True:
                bench.clock.seconds += 9
                yield b" "

        async def __aiter__(self):
            for chunk in self:
                yield chunk

    with pytest.raises(DeadlineExceededError, match="not whole"):
        bench.send(READ, lambda package, _: package.Response(200, stream=Drip()))
    assert bench.clock.seconds == 1000 + 90


def test_an_expired_token_is_renewed_once(bench):
    """It is certain that nothing was done, so even a change is sent again."""
    tokens = iter(["old", "new"])

    class Provider:
        def get_credential(self):
            token = next(tokens)
            return type(
                "Credential", (), {"access_key_id": "id", "access_key_secret": "s", "security_token": token}
            )

    bench.send(
        CHANGE,
        error(403, "InvalidSecurityToken.Expired"),
        answer(200, {"ServiceId": "eas-m-1"}),
        credential=Provider(),
        access_key_id=None,
        access_key_secret=None,
    )
    assert [request.headers["x-acs-security-token"] for request in bench.sent] == ["old", "new"]
    assert bench.clock.pauses == []


def test_an_expired_token_that_cannot_be_renewed_is_told(bench):
    with pytest.raises(AuthenticationError, match="get a new one") as caught:
        bench.send(READ, error(403, "InvalidSecurityToken.Expired"), FOUND, security_token="s3cret")
    assert len(bench.sent) == 1
    assert "s3cret" not in str(caught.value)


def test_a_refused_clock_is_not_tried_again(bench):
    with pytest.raises(AuthenticationError, match="300 s ahead"):
        bench.send(READ, error(400, "InvalidTimeStamp.Expired", date="Fri, 02 Jan 2026 02:59:05 GMT"), FOUND)
    assert len(bench.sent) == 1


def test_an_unknown_region_is_named_when_its_host_is_not_found(bench):
    with pytest.raises(ConnectError, match="mars-1 is not among the known EAS regions"):
        bench.send(READ, broken("ConnectError", "Name or service not known"), region_id="mars-1")


def test_an_endpoint_url_is_named_when_it_is_not_reached(bench):
    with pytest.raises(ConnectError, match="Check endpoint_url"):
        bench.send(READ, broken("ConnectError"), endpoint_url="http://127.0.0.1:1")


def test_an_endpoint_url_takes_the_calls_of_all_products(bench):
    bench.send(calls.ListListeners(), answer(), endpoint_url="http://127.0.0.1:4510")
    (request,) = bench.sent
    assert (str(request.url).split("?")[0], request.headers["host"]) == (
        "http://127.0.0.1:4510/",
        "127.0.0.1:4510",
    )


def test_an_interrupted_call_is_recorded(bench):
    """Ctrl-C goes through, and the ledger still says what was under way."""

    def interrupt(_package, _request):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.send(CHANGE, interrupt)
    (record,) = bench.ledger
    assert (record.operation, record.attempts, record.error) == ("CreateService", 1, "KeyboardInterrupt")


def test_a_closed_http_client_is_told(any_bench):
    bench = any_bench
    kind = bench.package.Client if bench.kind == "blocking" else bench.package.AsyncClient
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "is_closed", property(lambda _: True))
        with pytest.raises(ConnectError, match="closed"):
            bench.send(READ, FOUND)
    assert bench.sent == bench.clock.pauses == []
    assert [record.attempts for record in bench.ledger] == [0]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ConnectError", ConnectError),
        ("ConnectTimeout", ConnectError),
        ("PoolTimeout", ConnectError),
        ("ProxyError", ConnectError),
        ("UnsupportedProtocol", ConnectError),
        ("InvalidURL", ConnectError),
        ("ReadTimeout", ReadTimeoutError),
        ("WriteTimeout", ConnectionLostError),
        ("ReadError", ConnectionLostError),
        ("WriteError", ConnectionLostError),
        ("CloseError", ConnectionLostError),
        ("RemoteProtocolError", ConnectionLostError),
        ("LocalProtocolError", ConnectionLostError),
        ("DecodingError", UnreadableAnswerError),
        ("TooManyRedirects", ConnectionLostError),
    ],
)
def test_errors_of_the_http_package_become_ours(any_bench, name, kind):
    """ConnectError is kept for what certainly was not sent."""
    with pytest.raises(TransportError) as caught:
        any_bench.send(CHANGE, broken(name), max_retries=0)
    assert type(caught.value) is kind
    cause = caught.value.__cause__
    assert cause is None if name.endswith("ProtocolError") else type(cause).__name__ == name


@pytest.mark.parametrize("name", ["LocalProtocolError", "RemoteProtocolError"])
def test_what_cannot_be_sent_or_understood_is_not_quoted(bench, name):
    """A header may hold a token, and so may an answer."""
    trouble = broken(name, "illegal: b's3cret'")
    with pytest.raises(ConnectionLostError) as caught:
        bench.send(CHANGE, trouble, max_retries=0)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_redirects_are_not_followed(bench):
    """A signed request belongs to one host."""
    with pytest.raises(UnreadableAnswerError):
        bench.send(CHANGE, answer(302, b"", location="https://elsewhere.example"), FOUND)
    assert len(bench.sent) == 1


def test_what_is_logged(bench, caplog):
    """Attempts at DEBUG, the outcome at INFO."""
    caplog.set_level(logging.DEBUG, logger="eas_deploy")
    bench.send(READ, error(503, "ServiceUnavailable"), FOUND)
    ours = [
        (record.levelname, record.getMessage()) for record in caplog.records if record.name == "eas_deploy"
    ]
    host = "pai-eas.cn-hangzhou.aliyuncs.com"
    assert [level for level, _ in ours] == ["DEBUG", "DEBUG", "INFO"]
    assert ours[0][1].startswith(f"DescribeService attempt 1 at {host}: ServerError in ")
    assert ours[1][1].startswith(f"DescribeService attempt 2 at {host}: 200 in ")
    assert ours[2][1].startswith("DescribeService: HTTP 200 (attempts: 2, ")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("region_id", "no/region"),
        ("endpoint_url", "nowhere"),
        ("connect_timeout_s", 0),
        ("read_timeout_s", -1),
        ("call_timeout_s", float("nan")),
        ("max_retries", -1),
        ("user_agent", "two\nlines"),
    ],
)
def test_wrong_arguments_are_refused(bench, option, value):
    with pytest.raises(ConfigError, match=option):
        bench.send(READ, FOUND, **{option: value})
