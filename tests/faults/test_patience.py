"""Blocking work that is waited for only so long."""

import contextvars
import threading

import pytest

from eas_deploy.clients import patience
from eas_deploy.clients.patience import OutOfPatienceError, within

WHO = contextvars.ContextVar("WHO", default="nobody")


def test_what_the_work_comes_to():
    assert within(5, lambda: 42) == 42


def test_what_the_work_raises():
    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        within(5, fail)


def test_the_work_sees_the_context_of_the_caller():
    WHO.set("the caller")
    assert within(5, WHO.get) == "the caller"


def test_one_call_after_the_other_uses_one_thread():
    """A daemon, so that a program that is interrupted does not wait for it."""
    threads = {within(5, threading.current_thread) for _ in range(20)}
    assert len(threads) == 1
    assert threads != {threading.current_thread()}
    assert all(thread.daemon for thread in threads)


@pytest.mark.parametrize("fails", [False, True])
def test_when_the_time_is_over(fails):
    """The work goes on; what it comes to is handed to the one who tidies up, if it comes to anything."""
    enough, tidied = threading.Event(), threading.Event()
    late = []

    def work():
        enough.wait(5)
        if fails:
            tidied.set()
            raise ValueError("late")
        return "late"

    def discard(result):
        late.append(result)
        tidied.set()

    with pytest.raises(OutOfPatienceError):
        within(0.01, work, discard)
    assert late == []
    enough.set()
    assert tidied.wait(5)
    assert late == ([] if fails else ["late"])


def test_a_dead_thread_is_not_used(monkeypatch):
    """After a fork the threads of the parent are not there."""
    monkeypatch.setattr(patience, "_idle", [patience._Hand()])
    assert within(5, lambda: "done") == "done"


def test_a_thread_without_work_ends(monkeypatch):
    monkeypatch.setattr(patience, "POOL_KEEPALIVE_S", 0.01)
    monkeypatch.setattr(patience, "_idle", [])
    thread = within(5, threading.current_thread)
    thread.join(5)
    assert not thread.is_alive()
    assert patience._idle == []
