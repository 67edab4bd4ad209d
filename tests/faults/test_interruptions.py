"""Ctrl-C, a cancelled task or a closed client in the middle of a create: what is left says what may exist."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest
from fault_laboratory import LeapingClock
from fault_matrix import REGION, REQUESTS

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.emulator import Fault
from eas_deploy.errors import CreateOutcomeUnknownError, EasDeployError, TransportError

NAME = REQUESTS[1].name
HELD = Fault("CreateService", "timeout", applied=True, delay_s=20)
needs_notes = pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")


@pytest.fixture
def warnings_logged(caplog):
    caplog.set_level(logging.WARNING, logger="eas_deploy")
    return caplog


def wait_for(emulator, operation):
    """Returns once a request of that operation has arrived, with its body if it has one."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for call in list(emulator.calls):
            if call.operation == operation and (call.body is not None or operation != "CreateService"):
                return
        time.sleep(0.002)
    raise AssertionError(f"{operation} was not sent")


class Pressing(httpx.BaseTransport):
    """Sends requests on, and is interrupted at those of one operation: before, or after it was answered."""

    def __init__(self, operation, *, answered):
        self.operation, self.answered = operation, answered
        self.below = httpx.HTTPTransport(verify=False, trust_env=False)

    def handle_request(self, request):
        wanted = request.headers["x-acs-action"] == self.operation
        if wanted and not self.answered:
            raise KeyboardInterrupt
        response = self.below.handle_request(request)
        if wanted:
            response.read()
            raise KeyboardInterrupt
        return response

    def close(self):
        self.below.close()


def interrupted(emulator, operation, *, answered):
    others = set(threading.enumerate())
    with (
        httpx.Client(transport=Pressing(operation, answered=answered)) as client,
        Deployer(REGION, http_client=client, **emulator.connection()) as deployer,
    ):
        with pytest.raises(KeyboardInterrupt) as caught:
            deployer.deploy(REQUESTS[1])
        # Reads that were under way beside the interrupted call are left to themselves; idle threads wait on.
        for thread in set(threading.enumerate()) - others:
            if thread.name != "eas-deploy-call":
                thread.join(10)
    return caught.value


@needs_notes
@pytest.mark.parametrize("answered", [False, True])
def test_ctrl_c_while_creating(emulator, warnings_logged, answered):
    """Whether the service was made cannot be known: the note says so, and how to look."""
    error = interrupted(emulator, "CreateService", answered=answered)
    (note,) = error.__notes__
    assert f"service {NAME} may have been created and may cost money" in note
    assert f"service({NAME!r}).refresh()" in note
    assert note in warnings_logged.text
    assert (NAME in emulator.services) is answered


@needs_notes
def test_ctrl_c_while_verifying(emulator, warnings_logged):
    """The service is there, and the note says under which id."""
    error = interrupted(emulator, "DescribeServiceEndpoints", answered=True)
    (note,) = error.__notes__
    assert f"service {NAME} is {emulator.services[NAME].service_id}" in note
    assert note in warnings_logged.text


@pytest.mark.parametrize("operation", ["DescribeMachineSpec", "ListWorkspaces"])
def test_ctrl_c_while_planning(emulator, warnings_logged, operation):
    """Nothing was created, and nothing is said to be."""
    error = interrupted(emulator, operation, answered=True)
    assert not getattr(error, "__notes__", ())
    assert warnings_logged.text == ""
    assert emulator.services == {}


PROGRAM = f"""
import sys
sys.path[:0] = {sys.path!r}
from eas_deploy import Deployer
from fault_matrix import REQUESTS
Deployer(read_timeout_s=30).deploy(REQUESTS[1])
"""


@needs_notes
def test_a_program_that_is_interrupted(emulator):
    """Ctrl-C ends it at once, and what it prints says what may exist."""
    emulator.inject(HELD)
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **emulator.env()},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(emulator, "CreateService")
        program.send_signal(signal.SIGINT)
        _, printed = program.communicate(timeout=30)
    finally:
        program.kill()
    assert "KeyboardInterrupt" in printed
    assert f"service {NAME} may have been created and may cost money" in printed


def cancelled(emulator, when, clock=None):
    """What is raised by a deployment whose task is cancelled when ``when`` returns."""

    async def main():
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as client,
            AsyncDeployer(
                REGION, http_client=client, read_timeout_s=30, clock=clock, **emulator.connection()
            ) as deployer,
        ):
            task = asyncio.create_task(deployer.deploy(REQUESTS[1]))
            await asyncio.to_thread(when)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            return caught.value

    return asyncio.run(main())


@needs_notes
def test_a_task_cancelled_while_creating(emulator, warnings_logged):
    emulator.inject(HELD)
    error = cancelled(emulator, lambda: wait_for(emulator, "CreateService"))
    (note,) = error.__notes__
    assert f"service {NAME} may have been created" in note
    assert note in warnings_logged.text
    assert NAME in emulator.services


@needs_notes
def test_a_task_cancelled_while_settling(emulator, warnings_logged):
    """The answer was lost and the look-ups are under way: still nobody knows."""
    emulator.inject(
        Fault("CreateService", "reset", applied=True), Fault("DescribeService", "timeout", delay_s=20)
    )
    error = cancelled(emulator, lambda: wait_for(emulator, "DescribeService"), LeapingClock(emulator))
    (note,) = error.__notes__
    assert f"service {NAME} may have been created" in note


def test_a_task_cancelled_while_planning(emulator, warnings_logged):
    emulator.inject(Fault("ListImages", "timeout", delay_s=20))
    error = cancelled(emulator, lambda: wait_for(emulator, "ListImages"))
    assert not getattr(error, "__notes__", ())
    assert emulator.services == {}


def test_a_client_closed_while_creating(emulator):
    """Closed by another thread: what is raised tells that the service may exist."""
    emulator.inject(HELD)
    raised = []
    # A socket that is closed by another thread goes on waiting, for as long as its timeout.
    deployer = Deployer(REGION, read_timeout_s=0.5, clock=LeapingClock(emulator), **emulator.connection())

    def deploy():
        try:
            deployer.deploy(REQUESTS[1])
        except EasDeployError as error:
            raised.append(error)

    thread = threading.Thread(target=deploy)
    thread.start()
    wait_for(emulator, "CreateService")
    deployer.close()
    thread.join(10)
    (error,) = raised
    assert type(error) is CreateOutcomeUnknownError, error
    assert error.service_may_exist
    assert f"service({NAME!r}).refresh()" in error.how_to_check


def test_an_async_client_closed_while_creating(emulator):
    emulator.inject(HELD)

    async def main():
        deployer = AsyncDeployer(
            REGION, read_timeout_s=30, clock=LeapingClock(emulator), **emulator.connection()
        )
        task = asyncio.create_task(deployer.deploy(REQUESTS[1]))
        await asyncio.to_thread(wait_for, emulator, "CreateService")
        await deployer.aclose()
        with pytest.raises(EasDeployError) as caught:
            await asyncio.wait_for(task, 10)
        return caught.value

    error = asyncio.run(main())
    assert type(error) is CreateOutcomeUnknownError, error


@pytest.mark.parametrize("whose", ["own", "given"])
def test_a_client_closed_before_creating(emulator, whose):
    """Nothing was sent, so nothing can exist."""
    client = httpx.Client(verify=False, trust_env=False)
    deployer = Deployer(REGION, http_client=client, clock=LeapingClock(emulator), **emulator.connection())
    plan = deployer.plan(REQUESTS[1])
    if whose == "own":
        deployer.close()
    client.close()
    with pytest.raises(TransportError, match="closed") as caught:
        deployer.execute(plan)
    assert not caught.value.service_may_exist
    assert "CreateService" not in {call.operation for call in emulator.calls}
