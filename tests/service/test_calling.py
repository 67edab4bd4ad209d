"""Calling a service: what is sent, what comes back, what is tried again, and what every refusal says."""

import io
import json

import pytest
from service_stand_ins import answering

from eas_deploy.emulator import Fault
from eas_deploy.errors import InvocationError, NotFoundError


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo")


def plugged(emulator, *answers):
    app = answering(*answers)
    emulator.plug("demo", app)
    return app


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("payload", "body", "content_type"),
    [
        ({"a": [1, "ä"]}, '{"a":[1,"ä"]}'.encode(), "application/json"),
        ([1, 2], b"[1,2]", "application/json"),
        (7, b"7", "application/json"),
        ('{"a": 1}', b'{"a": 1}', "application/json"),
        ("plain words", b"plain words", "text/plain; charset=utf-8"),
        (b"\x00\x01", b"\x00\x01", "application/octet-stream"),
        (bytearray(b"\x02"), b"\x02", "application/octet-stream"),
    ],
)
def test_payloads(emulator, handles, demo, payload, body, content_type):
    app = plugged(emulator, (200, b"ok"))
    handles("demo").predict(payload)
    assert app.requests[0]["body"] == body
    assert app.requests[0]["headers"]["content-type"] == content_type
    assert app.requests[0]["method"] == "POST"
    assert app.requests[0]["path"] == "/"


def test_files_and_iterators_are_streamed(emulator, handles, demo):
    """They are sent in pieces, without a length, and so never held in memory as a whole."""
    app = plugged(emulator, (200, b"ok"))
    handles("demo").predict(io.BytesIO(b"x" * 200_000))
    handles("demo").predict(iter([b"one", b"two"]))
    assert [len(one["body"]) for one in app.requests] == [200_000, 6]
    assert all("content-length" not in one["headers"] for one in app.requests)


def test_pieces_of_text_are_sent_in_utf_8(emulator, handles, demo):
    """A file may be open for text."""
    app = plugged(emulator, (200, b"ok"))
    handles("demo").predict(io.StringIO("Grüße"))
    handles("demo").predict(iter(["Grü", b"\xc3\x9fe"]))
    assert [one["body"].decode() for one in app.requests] == ["Grüße", "Grüße"]


def test_an_async_iterator_is_for_asyncio(emulator, handles, demo):
    app = plugged(emulator, (200, b"ok"))

    async def pieces():
        yield b"one"

    if handles.is_async:
        handles("demo").predict(pieces())
        assert app.requests[0]["body"] == b"one"
    else:
        with pytest.raises(TypeError, match="AsyncService"):
            handles("demo").predict(pieces())


@pytest.mark.parametrize("payload", [object(), float("nan")])
def test_what_json_cannot_hold(handles, demo, payload):
    with pytest.raises((TypeError, ValueError)):
        handles("demo").predict(payload)


def test_path_method_parameters_and_headers(emulator, handles, demo):
    app = plugged(emulator, (200, b"ok"))
    handles("demo").predict(
        b"x",
        "v1/files",
        method="put",
        params={"a": "b c", "n": [1, 2]},
        headers={"content-type": "text/csv", "X-Own": "1"},
    )
    request = app.requests[0]
    assert (request["method"], request["path"], request["query"]) == ("PUT", "/v1/files", "a=b+c&n=1&n=2")
    assert request["headers"]["content-type"] == "text/csv"
    assert request["headers"]["x-own"] == "1"


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_an_authorization_of_the_callers_own(handles, demo, name):
    """It goes in place of the token, not beside it."""
    sent = []

    async def note(request):
        sent.append(request)

    handles.client.event_hooks = {"request": [note if handles.is_async else sent.append]}
    with pytest.raises(InvocationError):
        handles("demo").predict({}, headers={name: "mine"})
    asked = [one for one in sent if one.url.path.endswith("/api/predict/demo")]
    assert [one.headers.get_list("authorization") for one in asked] == [["mine"]]


def test_without_payload_it_is_a_get(emulator, handles, demo):
    assert handles("demo").predict(path="/v1/models")["data"][0]["object"] == "model"


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ((200, b'{"a": 1}', JSON), {"a": 1}),
        ((200, b'{"a": 1}', {"content-type": "application/problem+json; charset=utf-8"}), {"a": 1}),
        ((200, "wörds".encode(), {"content-type": "text/plain"}), "wörds"),
        ((200, b"\x89PNG", {"content-type": "image/png"}), b"\x89PNG"),
        ((200, b"\x00"), b"\x00"),
        ((201, b"", JSON), None),
    ],
)
def test_answers(emulator, handles, demo, answer, value):
    plugged(emulator, answer)
    assert handles("demo").predict({}) == value


def test_raw_gives_the_bytes(emulator, handles, demo):
    plugged(emulator, (200, b'{"a": 1}', JSON))
    assert handles("demo").predict({}, raw=True) == b'{"a": 1}'


def test_json_that_is_none(emulator, handles, demo):
    plugged(emulator, (200, b"<html>", JSON))
    with pytest.raises(InvocationError, match="raw=True"):
        handles("demo").predict({})


def test_address_and_token_are_looked_up_once(emulator, handles, demo):
    service = handles("demo")
    for _ in range(3):
        service.predict(path="/health")
    assert [call.operation for call in emulator.calls] == ["DescribeServiceEndpoints"]


def test_a_reset_token_is_looked_up_again_once(emulator, handles, demo):
    service = handles("demo")
    service.predict(path="/health")
    demo.access_token = "another"
    service.predict(path="/health")
    assert [call.status for call in emulator.data_calls] == [200, 401, 200]
    assert len(emulator.calls) == 2


def test_a_token_that_stays_refused(emulator, handles, demo):
    """The same token again would be refused again."""
    plugged(emulator, 401)
    with pytest.raises(InvocationError, match="token was refused") as caught:
        handles("demo").predict({})
    assert caught.value.http_status == 401
    assert len(emulator.data_calls) == 1


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (400, b"bad", "check the payload"),
        (403, b"no", "does not let this caller in"),
        (404, b"no such path", "no such path"),
        (404, b"", "wait_until_ready"),
        (405, b"no", "method="),
        (408, b"late", "rpc.keepalive"),
        (413, b"big", "larger than the gateway takes"),
        (422, b"field", "refuses the payload"),
        (429, b"slow", "rate limit"),
        (450, b"full", "queue of the service is full"),
        (499, b"gone", "timeout_s"),
        (500, b"boom", r"logs\(\)"),
        (502, b"bad", r"diagnose\(\)"),
        (503, b"no healthy upstream", "wait_until_ready"),
        (503, b"overloaded", "no instance is ready"),
        (504, b"late", "did not answer in time"),
        (418, b"tea", "refuses the request"),
        (507, b"full", "failed"),
        (302, b"", "redirects"),
    ],
)
def test_every_refusal_says_what_to_do(emulator, handles, demo, status, body, advice):
    plugged(emulator, (status, body))
    with pytest.raises(InvocationError, match=advice) as caught:
        handles("demo").predict({}, max_retries=0)
    assert caught.value.http_status == status
    assert f"HTTP {status}" in str(caught.value)
    if body:
        assert body.decode() in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body"), [(429, b""), (450, b""), (503, b"no healthy upstream"), (503, b"")]
)
def test_what_the_service_never_saw_is_sent_again(emulator, handles, demo, clock, status, body):
    app = plugged(emulator, (status, body), (status, body), (200, b"{}", JSON))
    assert handles("demo").predict({"n": 1}) == {}
    assert [one["body"] for one in app.requests] == [b'{"n":1}'] * 3
    assert len(clock.pauses) == 2


@pytest.mark.parametrize("status", [400, 404, 408, 500, 502, 504])
def test_what_the_service_may_have_seen_is_not_sent_again(emulator, handles, demo, status):
    app = plugged(emulator, (status, b"x"))
    with pytest.raises(InvocationError):
        handles("demo").predict({})
    assert len(app.requests) == 1


def test_a_503_of_the_service_itself_is_repeated_for_reading_only(emulator, handles, demo):
    app = plugged(emulator, (503, b"upstream connect error"), (200, b"ok"))
    with pytest.raises(InvocationError):
        handles("demo").predict({})
    handles("demo").predict()
    plugged(emulator, (503, b"upstream connect error"), (200, b"ok"))
    handles("demo").predict()
    assert len(app.requests) == 2


def test_a_lost_answer_is_not_sent_again(emulator, handles, demo):
    emulator.inject(Fault("DataPlane", "reset"))
    with pytest.raises(InvocationError, match="may have been carried out") as caught:
        handles("demo").predict({})
    assert caught.value.http_status is None
    assert len(emulator.data_calls) == 1


def test_retries_have_a_limit(emulator, handles, demo):
    app = plugged(emulator, 450)
    with pytest.raises(InvocationError):
        handles("demo").predict({}, max_retries=2)
    assert len(app.requests) == 3


def test_the_pause_that_is_asked_for_is_kept(emulator, handles, demo, clock):
    plugged(emulator, (429, b"", {"retry-after": "7"}), (200, b"ok"))
    handles("demo").predict({})
    assert clock.pauses[0] >= 7


def test_no_retry_beyond_the_time_allowed(emulator, handles, demo, clock):
    plugged(emulator, (429, b"", {"retry-after": "100"}))
    with pytest.raises(InvocationError):
        handles("demo").predict({}, timeout_s=30)
    assert clock.pauses == []


def test_a_stream_that_was_used_up_is_not_sent_again(emulator, handles, demo):
    app = plugged(emulator, 450)
    with pytest.raises(InvocationError):
        handles("demo").predict(iter([b"x"]))
    assert len(app.requests) == 1


def test_an_unreachable_address(emulator, handles, demo, clock):
    """Nothing was sent, so it is tried again; the error says so in the end."""
    service = handles("demo")
    told = service.get_endpoints()
    told.endpoints[0].internet_endpoints[:] = ["http://127.0.0.1:1/api/predict/demo"]
    with pytest.raises(InvocationError, match="nothing was sent"):
        service.predict({})
    assert len(clock.pauses) == 4


def test_internet_or_intranet(emulator, handles):
    config = emulator.add_service("other").config
    emulator.add_service("demo", config={**config, "networking": {"disable_internet_endpoint": True}})
    service = handles("demo")
    service.predict(path="/health")
    service.predict(path="/health", network="intranet")
    with pytest.raises(InvocationError, match='network="intranet"'):
        service.predict(path="/health", network="internet")


def test_through_a_load_balancer(emulator, handles):
    """An NLB has a bare domain and a port of its own."""
    plain = emulator.add_service("other").config
    network = {"vpc_id": emulator.add_vpc()}
    switches = [emulator.add_vswitch(network["vpc_id"], zone) for zone in ("cn-hangzhou-h", "cn-hangzhou-i")]
    cloud = {
        **plain["cloud"],
        "networking": {
            **network,
            "vswitch_id": ",".join(switches),
            "security_group_id": emulator.add_security_group(network["vpc_id"]),
        },
    }
    nlb = {"nlb": [{"id": "default", "listener_port": 18123, "netType": "intranet"}]}
    emulator.add_service("demo", config={**plain, "cloud": cloud, "networking": nlb})
    service = handles("demo")
    assert service.chat("Hello") == "You said: Hello"
    assert service.get_endpoints().endpoints[0].endpoint_type == "Nlb"


def test_an_absent_service(handles):
    with pytest.raises(NotFoundError):
        handles("demo").predict({})


@pytest.mark.parametrize("answers", [[401], [500], [(200, b"no json", JSON)]])
def test_the_token_is_never_shown(emulator, handles, demo, answers):
    """Not even if the service sends it back."""
    status, *rest = answers[0] if isinstance(answers[0], tuple) else (answers[0],)
    plugged(emulator, (status, f"you sent {demo.access_token}".encode(), *rest[1:]))
    with pytest.raises(InvocationError) as caught:
        handles("demo").predict({})
    assert demo.access_token not in str(caught.value)


def test_large_answers_stream(emulator, handles, demo):
    plugged(emulator, (200, b"x" * 1_000_000))
    chunks = list(handles("demo").stream({"n": 1}))
    assert len(chunks) > 1
    assert sum(map(len, chunks)) == 1_000_000


def test_a_stream_that_is_refused(emulator, handles, demo):
    plugged(emulator, (450, b"full"))
    with pytest.raises(InvocationError, match="queue of the service is full"):
        list(handles("demo").stream({"n": 1}, max_retries=1))


def test_a_stream_that_breaks_off(emulator, handles, demo):
    async def app(scope, receive, send):
        await receive()
        headers = [(b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * 10, "more_body": True})
        scope["eas_deploy.emulator.transport"].abort()

    emulator.plug("demo", app)
    with pytest.raises(InvocationError, match="broke off"):
        list(handles("demo").stream())


def test_a_ready_http_client(emulator, handles, demo):
    """Paths are relative to the service, and the token is on board without being shown."""
    with_token = handles("demo").http()
    assert demo.access_token not in repr(with_token.headers)
    if handles.is_async:
        answer = handles.run(with_token.get("/v1/models"))
        handles.run(with_token.aclose())
    else:
        answer = with_token.get("/v1/models")
        with_token.close()
    assert answer.json()["object"] == "list"


def test_an_asynchronous_service(emulator, handles):
    """Put, poll until it is there, wait for one, watch many."""
    config = emulator.add_service("other").config
    metadata = {**config["metadata"], "type": "Async"}
    emulator.add_service("demo", config={**config, "metadata": metadata})
    plugged(emulator, (200, b'{"done": 1}', JSON))
    service = handles("demo")
    queued = service.put({"n": 1})
    assert queued.index == 1
    assert service.poll(queued) is None
    assert service.poll(queued.request_id).value == {"done": 1}
    assert service.result(service.put({"n": 2})) == {"done": 1}
    several = [service.put({"n": number}) for number in range(3)]
    results = list(service.watch(several))
    assert {one.request_id for one in results} == {one.request_id for one in several}


def test_a_result_that_does_not_come(emulator, handles):
    from eas_deploy.errors import WaitTimeoutError

    config = emulator.add_service("other").config
    metadata = {**config["metadata"], "type": "Async"}
    emulator.add_service("demo", config={**config, "metadata": metadata}).queue.slow_polls = 1000
    service = handles("demo")
    queued = service.put({"n": 1})
    with pytest.raises(WaitTimeoutError, match=queued.request_id):
        service.result(queued, timeout_s=20)


def test_a_full_queue(emulator, handles):
    config = emulator.add_service("other").config
    metadata = {**config["metadata"], "type": "Async"}
    emulator.add_service("demo", config={**config, "metadata": metadata}).queue.capacity = 0
    with pytest.raises(InvocationError) as caught:
        handles("demo").put({"n": 1})
    assert caught.value.http_status == 450


def test_put_to_a_service_without_queue(emulator, handles, demo):
    plugged(emulator, (200, b"{}", JSON))
    with pytest.raises(InvocationError, match=r"predict\(\)"):
        handles("demo").put({"n": 1})


def test_json_body_is_what_was_given(emulator, handles, demo):
    app = plugged(emulator, (200, b"{}", JSON))
    handles("demo").predict({"text": "x" * 1000})
    assert json.loads(app.requests[0]["body"]) == {"text": "x" * 1000}
