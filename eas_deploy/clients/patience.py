"""Waiting for blocking work only so long: when the time is over, it is left to the thread that does it.

No timeout of a socket bounds a host name that is looked up, or headers that arrive byte by byte. The threads
are daemons, so that a program does not wait for them at its exit, and are used again (a new one for every
call costs several times as much).
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from eas_deploy._defaults import POOL_KEEPALIVE_S

T = TypeVar("T")

_idle: list[_Hand] = []
"""Threads without work, the one that worked last at the end."""


class OutOfPatienceError(Exception):
    """The time was over before the work was done."""


def within(seconds: float, work: Callable[[], T], discard: Callable[[T], object] | None = None) -> T:
    """What ``work`` comes to, done by another thread in the context of this one.

    Args:
        seconds: How long to wait.
        work: What to do.
        discard: Given the result if it comes when nobody waits for it any more.

    Raises:
        OutOfPatienceError: It took longer; it goes on, and nobody hears of it.
    """
    done: Future[T] = Future()
    _free_hand().tasks.put((done, partial(contextvars.copy_context().run, work)))
    try:
        return done.result(max(0.0, seconds))
    except FutureTimeoutError as error:
        if done.done() and done.exception() is error:
            raise  # the work's own
        _leave_to(discard, done)
        raise OutOfPatienceError from None
    except BaseException:
        _leave_to(discard, done)  # if it was the waiting that was interrupted
        raise


def _leave_to(discard: Callable[[T], object] | None, done: Future[T]) -> None:
    if discard is not None:
        done.add_done_callback(partial(_discard, discard))


def _discard(discard: Callable[[T], object], done: Future[T]) -> None:
    if done.exception() is None:
        discard(done.result())


def _free_hand() -> _Hand:
    while _idle:
        try:
            hand = _idle.pop()
        except IndexError:
            break  # another thread took the last one
        if hand.is_alive():  # after a fork they are not
            return hand
    hand = _Hand()
    hand.start()
    return hand


class _Hand(threading.Thread):
    """A thread that does one task after the other, and ends when there is none for a while."""

    def __init__(self) -> None:
        super().__init__(name="eas-deploy-call", daemon=True)
        self.tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()

    def run(self) -> None:
        while True:
            try:
                done, work = self.tasks.get(timeout=POOL_KEEPALIVE_S)
            except Empty:
                try:
                    _idle.remove(self)
                except ValueError:
                    continue  # just taken: a task is on its way
                return
            self._do(done, work)
            del done, work  # what it came to belongs to whoever waits for it

    def _do(self, done: Future[Any], work: Callable[[], Any]) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001 - raised again in the thread that waits
            error = raised
        _idle.append(self)  # before it is told, so that the next call finds this thread
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)
        del error
