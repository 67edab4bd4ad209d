"""Waiting for results of an asynchronous service: nothing that came is lost, and no look outlasts the wait."""

import json
from types import SimpleNamespace

import pytest
from service_stand_ins import answering

from eas_deploy.errors import InvocationError, ReadTimeoutError, WaitTimeoutError

JSON = {"content-type": "application/json"}


@pytest.fixture
def queue(emulator):
    config = emulator.add_service("other").config
    metadata = {**config["metadata"], "type": "Async"}
    emulator.add_service("demo", config={**config, "metadata": metadata})
    return emulator.services["demo"].queue


def test_results_that_came_before_a_failed_one_are_given(emulator, handles, queue):
    """A result leaves the queue when it is read, so one that fails must not take the others with it."""
    queue.slow_polls = 0
    answers = [(200, json.dumps(number).encode(), JSON) for number in (1, 2)]
    emulator.plug("demo", answering(*answers, (500, b"no", {})))
    service = handles("demo")
    waiting = [service.put({}) for _ in range(3)]
    results = service.watch(waiting)
    assert [next(results).value, next(results).value] == [1, 2]
    with pytest.raises(InvocationError) as caught:
        next(results)
    assert caught.value.http_status == 500


def test_results_come_in_the_order_in_which_they_are_ready(emulator, handles, queue):
    queue.slow_polls = 3
    emulator.plug("demo", answering((200, b"1", JSON)))
    service = handles("demo")
    slow = service.put({})
    queue.slow_polls = 0
    quick = service.put({})
    assert [one.request_id for one in service.watch([slow, quick])] == [quick.request_id, slow.request_id]


def test_a_look_that_hangs_ends_with_the_wait(handles, queue, clock):
    """A queue that does not answer is a result that did not come in time."""
    service = handles("demo")
    queued = service.put({})
    asked = []

    def hang(invocation):
        asked.append(invocation.timeout_s)
        clock.sleep(invocation.timeout_s)
        raise ReadTimeoutError("no answer", operation="GET", host="demo")

    service.handle._subject.edge = SimpleNamespace(clock=clock, invoke=hang)
    with pytest.raises(WaitTimeoutError, match=queued.request_id):
        service.result(queued, timeout_s=20)
    assert asked == [20]
