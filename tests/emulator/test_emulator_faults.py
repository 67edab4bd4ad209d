"""Answers that are lost or spoilt on purpose."""

import socket
import threading
import time

import httpx
import pytest

from eas_deploy.emulator import Emulator, Fault

LOSING = ["close", "reset", "timeout"]
SPOILING = ["server_error", "html_502", "empty_body", "truncated_json", "slow"]


def attempt(caller, config):
    """CreateService: the answer, or the exception that the connection ended in."""
    try:
        return caller.http.send(
            caller.request("CreateService", "POST", "/api/v2/services", body=config), stream=False
        )
    except httpx.TransportError as error:
        return error


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("kind", LOSING)
def test_lost_answer(emulator, caller, config, kind, applied):
    """The connection ends without an answer; an applied fault has created the service all the same."""
    caller.http.timeout = 0.1
    emulator.inject(Fault("CreateService", kind=kind, applied=applied))
    ended = {
        # What was sent and never read makes the kernel reset the connection that we close.
        "close": (httpx.RemoteProtocolError, httpx.ReadError),
        "reset": httpx.ReadError,
        "timeout": httpx.ReadTimeout,
    }
    assert isinstance(attempt(caller, config), ended[kind])
    assert ("demo_service" in emulator.services) is applied
    (call,) = emulator.calls
    assert (call.operation, call.status, call.fault) == ("CreateService", None, kind)


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("kind", SPOILING)
def test_spoilt_answer(emulator, caller, config, kind, applied):
    """The answer is no proof of anything; an applied fault has created the service all the same."""
    emulator.inject(Fault("CreateService", kind=kind, applied=applied, delay_s=0.02))
    answer = attempt(caller, config)
    assert ("demo_service" in emulator.services) is applied
    assert emulator.calls[0].status == answer.status_code
    if kind == "html_502":
        assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    elif kind == "empty_body":
        assert (answer.status_code, answer.content) == (200, b"")
    elif kind == "truncated_json":
        with pytest.raises(ValueError, match=r"."):
            answer.json()
    elif kind == "slow" and applied:
        assert answer.json()["ServiceName"] == "demo_service"
    else:
        assert (answer.status_code, answer.json()["Code"]) == (500, "InternalError")


def test_client_that_leaves_early(emulator, caller, config):
    """A request that never arrives whole is not carried out."""
    request = caller.request("CreateService", "POST", "/api/v2/services", body=config)
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection(("127.0.0.1", int(emulator.url.rpartition(":")[2]))) as connection:
        head = "\r\n".join(["POST /api/v2/services HTTP/1.1", *lines, "", ""])
        connection.sendall(head.encode() + request.content[:10])
        while not emulator.calls:
            time.sleep(0)
    assert caller.eas("ListServices", "GET", "/services")["Services"] == []
    assert (emulator.calls[0].operation, emulator.calls[0].status) == ("CreateService", None)


def test_body_in_pieces(emulator, caller, config):
    """A body may come in any number of pieces."""
    request = caller.request("CreateService", "POST", "/api/v2/services", body=config)
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection(("127.0.0.1", int(emulator.url.rpartition(":")[2]))) as connection:
        head = "\r\n".join(["POST /api/v2/services HTTP/1.1", *lines, "", ""])
        connection.sendall(head.encode() + request.content[:10])
        while not emulator.calls:
            time.sleep(0)
        connection.sendall(request.content[10:])
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_closed_before_the_request_is_read(emulator, caller, config):
    """An unapplied close does not even look at the body."""
    emulator.inject(Fault(kind="close"))
    attempt(caller, config)
    assert emulator.calls[0].body is None


def test_slow_and_cut_reads_are_true(emulator, caller):
    """A read that is only slow or cut gives its real answer, since that changes nothing."""
    emulator.inject(Fault("ListWorkspaces", kind="slow", delay_s=0.02))
    assert caller.aiworkspace("ListWorkspaces", "/workspaces")["TotalCount"] == 1
    emulator.inject(Fault("ListWorkspaces", kind="truncated_json"))
    answer = caller.send("ListWorkspaces", path="/api/v1/workspaces", product="aiworkspace")
    assert answer.status_code == 200
    assert answer.text.startswith('{"RequestId"')


def test_slow_answer_drips(emulator, caller):
    """The body comes in pieces over the given time."""
    emulator.inject(Fault(kind="slow", delay_s=0.1))
    request = caller.request("DescribeMachineSpec", path="/api/v2/public/instance_types")
    begun = time.monotonic()
    answer = caller.http.send(request, stream=True)
    pieces = sum(1 for _ in answer.iter_raw())
    assert time.monotonic() - begun >= 0.08
    assert pieces >= 5


def test_timeout_ends(emulator, caller):
    """A client that waits long enough sees the connection close."""
    emulator.inject(Fault(kind="timeout", delay_s=0.05))
    with pytest.raises(httpx.RemoteProtocolError):
        caller.send("ListServices", path="/api/v2/services")


def test_delay(emulator, caller):
    """delay_s holds back the answer of any other kind."""
    emulator.inject(Fault(kind="html_502", delay_s=0.05))
    begun = time.monotonic()
    assert caller.send("ListServices", path="/api/v2/services").status_code == 502
    assert time.monotonic() - begun >= 0.04


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("throttle", 429, "Throttling.User"), ("expired_token", 400, "InvalidSecurityToken.Expired")],
)
def test_truthful_refusals(emulator, caller, config, kind, status, code):
    """These answers say that nothing was done, and nothing was."""
    emulator.inject(Fault(kind=kind))
    answer = attempt(caller, config)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)
    assert emulator.services == {}
    assert attempt(caller, config).status_code == 200


def test_injected_throttle_says_when_to_return(emulator, caller):
    emulator.inject(Fault(kind="throttle"))
    answer = caller.send("ListServices", path="/api/v2/services")
    assert int(answer.headers["x-acs-retry-after"]) > 0


def test_refuse(emulator, caller, config):
    """An error of the test's own making, in EAS's shape."""
    emulator.inject(
        Fault("CreateService", kind="refuse", status=409, code="Odd", message="vswitch can not be null")
    )
    answer = attempt(caller, config)
    body = answer.json()
    assert (answer.status_code, body["HttpCode"], body["Code"]) == (409, 409, "Odd")
    assert body["Message"] == "vswitch can not be null"
    assert emulator.services == {}


@pytest.mark.parametrize("kind", ["throttle", "expired_token", "refuse"])
def test_truthful_refusals_are_never_applied(kind):
    with pytest.raises(ValueError, match="never applied"):
        Fault(kind=kind, applied=True)


@pytest.mark.parametrize("wrong", [{"kind": "fire"}, {"times": -1}, {"after": -1}, {"delay_s": -0.1}])
def test_malformed_fault(wrong):
    with pytest.raises(ValueError, match=r"no fault|negative"):
        Fault(**wrong)


def statuses(caller, times):
    return [caller.send("ListServices", path="/api/v2/services").status_code for _ in range(times)]


def test_times_and_after(emulator, caller):
    """A fault can let requests pass first, and happen several times."""
    emulator.inject(Fault("ListServices", kind="html_502", times=2, after=1))
    assert statuses(caller, 4) == [200, 502, 502, 200]


def test_until_cleared(emulator, caller):
    emulator.inject(Fault(kind="html_502", times=None))
    assert statuses(caller, 3) == [502, 502, 502]
    emulator.clear_faults()
    assert statuses(caller, 1) == [200]


def test_other_operations_are_spared(emulator, caller):
    emulator.inject(Fault("ListImages", kind="html_502"))
    assert statuses(caller, 1) == [200]


def test_oldest_fault_comes_first(emulator, caller):
    emulator.inject(Fault(kind="html_502"), Fault(kind="server_error"))
    assert statuses(caller, 3) == [502, 500, 200]


def test_faulted_requests_use_up_their_nonce(emulator, caller):
    """A retry with the nonce of a request that failed is refused, as by the real gateway."""
    emulator.inject(Fault(kind="server_error"))
    request = caller.request("ListServices", path="/api/v2/services")
    assert caller.http.send(request).status_code == 500
    assert caller.http.send(request).json()["Code"] == "SignatureNonceUsed"


def test_stopping_does_not_wait_for_held_answers(make_caller):
    """An emulator that holds an answer back stops at once."""
    with Emulator() as emulator:
        caller = make_caller(emulator)
        emulator.inject(Fault(kind="timeout"))
        waiting = threading.Thread(target=attempt, args=(caller, {}))
        waiting.start()
        while not emulator.calls:
            time.sleep(0)
        begun = time.monotonic()
    waiting.join()
    assert time.monotonic() - begun < 10
