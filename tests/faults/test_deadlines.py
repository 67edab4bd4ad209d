"""Every call ends by its deadline, whatever the server does: silence, dripping headers, a dripping body."""

import asyncio
import contextlib
import socket
import threading
import time

import httpx
import pytest
from fault_matrix import REGION, REQUESTS

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.emulator import Fault
from eas_deploy.errors import (
    ConnectError,
    CreateOutcomeUnknownError,
    DeadlineExceededError,
    EasDeployError,
    GateError,
    ReadTimeoutError,
)

KEYS = {"access_key_id": "LTAItestid", "access_key_secret": "testsecret"}
LIMIT_S = 0.15
BRIEF_S = 1.5
"""Long enough for one CreateService, even so."""
GRACE_S = 5
"""What a busy machine may add. Without a deadline none of these calls would ever end."""

HEADS = {
    "silence": b"",
    "dripping headers": b"HTTP/1.1 200 OK\r\nx-slow: ",
    "a dripping body": b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n",
    "dripping chunks": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    "a dripping status": b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + b"HTTP/1.1 2",
}
DRIPS = {"silence": b"", "dripping chunks": b"1\r\n \r\n"}


@pytest.fixture(params=HEADS)
def dripping_url(request):
    """A server that answers any number of connections, a byte now and then, for as long as anyone listens."""
    head, drip = HEADS[request.param], DRIPS.get(request.param, b"1")
    over = threading.Event()

    def talk(connection):
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(head)
            while not over.wait(0.02):
                connection.sendall(drip)

    def serve(listening):
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


CALLS = {
    "deploy": lambda deployer: deployer.deploy(REQUESTS[3]),
    "images": lambda deployer: deployer.images(),
    "a typed call": lambda deployer: deployer.eas.describe_service("one"),
}
LIMITS = {"deploy": "deploy_timeout_s", "images": "deploy_timeout_s"}


CLIENTS = [*((call, False) for call in CALLS), ("a typed call", True)]
"""Which call, and whether over a client that was given instead of the connections that a deployer makes."""


@pytest.mark.parametrize(("call", "given"), CLIENTS)
def test_a_blocking_call_ends_in_time(dripping_url, call, given):
    limit = {LIMITS.get(call, "call_timeout_s"): LIMIT_S}
    with (
        httpx.Client(verify=False, trust_env=False) as client,
        Deployer(
            REGION, endpoint_url=dripping_url, http_client=client if given else None, **limit, **KEYS
        ) as deployer,
    ):
        began = time.monotonic()
        with pytest.raises(EasDeployError) as caught:
            CALLS[call](deployer)
        assert time.monotonic() - began < LIMIT_S + GRACE_S
    assert isinstance(caught.value, (DeadlineExceededError, ReadTimeoutError, GateError))
    assert caught.value.service_may_exist is False


@pytest.mark.parametrize(("call", "given"), CLIENTS)
def test_an_awaited_call_ends_in_time(dripping_url, call, given):
    limit = {LIMITS.get(call, "call_timeout_s"): LIMIT_S}

    async def main():
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as client,
            AsyncDeployer(
                REGION, endpoint_url=dripping_url, http_client=client if given else None, **limit, **KEYS
            ) as deployer,
        ):
            began = time.monotonic()
            with pytest.raises(EasDeployError) as caught:
                await CALLS[call](deployer)
            return time.monotonic() - began, caught.value

    took_s, error = asyncio.run(main())
    assert took_s < LIMIT_S + GRACE_S
    assert isinstance(error, (DeadlineExceededError, ReadTimeoutError, GateError))
    assert error.service_may_exist is False


def timed(emulator_or_url, call, **limits):
    """What a call raises, and after how long."""
    url = emulator_or_url if isinstance(emulator_or_url, str) else emulator_or_url.url
    keys = KEYS if isinstance(emulator_or_url, str) else emulator_or_url.connection()
    with Deployer(REGION, **{**keys, "endpoint_url": url}, **limits) as deployer:
        began = time.monotonic()
        with pytest.raises(EasDeployError) as caught:
            call(deployer)
        return caught.value, time.monotonic() - began


@pytest.fixture
def full_url():
    """A server that never accepts: its queue is full, so a connection is not made and not refused either."""
    with socket.socket() as listening, contextlib.ExitStack() as queue:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def describe(deployer):
    return deployer.eas.describe_service("one")


def test_the_time_to_connect(full_url):
    error, took_s = timed(full_url, describe, connect_timeout_s=LIMIT_S, read_timeout_s=30, max_retries=0)
    assert isinstance(error, ConnectError)
    assert took_s < LIMIT_S + GRACE_S


def test_the_time_to_read(emulator):
    emulator.inject(Fault(kind="timeout", delay_s=20))
    error, took_s = timed(emulator, describe, read_timeout_s=LIMIT_S, max_retries=0)
    assert isinstance(error, ReadTimeoutError)
    assert took_s < LIMIT_S + GRACE_S


def test_the_time_of_a_call(emulator):
    emulator.inject(Fault(kind="timeout", times=None, delay_s=20))
    error, took_s = timed(emulator, describe, read_timeout_s=30, call_timeout_s=LIMIT_S)
    assert isinstance(error, DeadlineExceededError)
    assert took_s < LIMIT_S + GRACE_S


@pytest.fixture
def brief(emulator):
    """Executes a plan within `BRIEF_S`."""
    options = {"read_timeout_s": 30, **emulator.connection()}
    with Deployer(REGION, **options) as deployer:
        plan = deployer.plan(REQUESTS[1])

    def execute():
        began = time.monotonic()
        try:
            with Deployer(REGION, deploy_timeout_s=BRIEF_S, **options) as deployer:
                return deployer.execute(plan)
        finally:
            assert time.monotonic() - began < BRIEF_S + GRACE_S

    return execute


@pytest.mark.parametrize("applied", [False, True])
def test_the_time_of_a_deployment(emulator, brief, applied):
    """It ends while a lost create is being settled: then nobody knows, and the error says so."""
    emulator.inject(
        Fault("CreateService", "reset", applied=applied),
        Fault("DescribeService", "timeout", times=None, delay_s=20),
    )
    with pytest.raises(CreateOutcomeUnknownError) as caught:
        brief()
    assert caught.value.service_may_exist
    assert (REQUESTS[1].name in emulator.services) is applied


def test_a_deployment_whose_time_ends_after_the_create(emulator, brief):
    """The service exists, so a deployment is returned, however little of it could be read."""
    emulator.inject(
        Fault("DescribeService", "timeout", times=None, delay_s=20),
        Fault("DescribeServiceEndpoints", "timeout", times=None, delay_s=20),
    )
    deployment = brief()
    assert deployment.service_id == emulator.services[REQUESTS[1].name].service_id
    assert not deployment.verified
    assert len([notice for notice in deployment.notices if "could not be read" in notice]) == 2
