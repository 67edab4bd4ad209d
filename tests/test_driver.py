"""The two runners carry the same plan to the same end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from eas_deploy import driver
from eas_deploy.calls import DescribeMachineSpec, DescribeService, ListServices, ServiceInfo
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan, Send, apart, consult, every, in_lanes, pause, send, together
from eas_deploy.errors import ConfigError, NotFoundError


class Echo:
    """A sender that answers every DescribeService with its own name, or with the error it was given."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.sent: list[str] = []
        self.pauses: list[float] = []
        self.threads: set[str] = set()

    def send(self, step: Send[Any], *, ledger: list[CallRecord], deadline: float | None) -> Any:
        self.threads.add(threading.current_thread().name)
        self.sent.append(step.call.service_name)  # type: ignore[attr-defined]
        if self.error is not None:
            raise self.error
        return ServiceInfo(service_name=step.call.service_name)  # type: ignore[attr-defined]

    def started(
        self, step: Send[Any], *, ledger: list[CallRecord], deadline: float | None
    ) -> Callable[[], Any]:
        return partial(self.send, step, ledger=ledger, deadline=deadline)

    def pause(self, seconds: float, *, deadline: float | None) -> None:
        self.pauses.append(seconds)


class AsyncEcho(Echo):
    async def send(self, step: Send[Any], *, ledger: list[CallRecord], deadline: float | None) -> Any:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().send(step, ledger=ledger, deadline=deadline)

    async def pause(self, seconds: float, *, deadline: float | None) -> None:  # type: ignore[override]
        super().pause(seconds, deadline=deadline)


def run_blocking(make: Callable[[], Plan[Any]], error: BaseException | None = None) -> tuple[Any, Echo]:
    sender = Echo(error)
    return driver.run(make(), sender, []), sender


def run_awaited(make: Callable[[], Plan[Any]], error: BaseException | None = None) -> tuple[Any, Echo]:
    sender = AsyncEcho(error)
    return asyncio.run(driver.run_async(make(), sender, [])), sender


RUNNERS = pytest.mark.parametrize("run", [run_blocking, run_awaited])


@RUNNERS
def test_answers_are_sent_in(run: Any) -> None:
    def plan() -> Plan[str | None]:
        first = yield from send(DescribeService("a"))
        yield from pause(2.5)
        second = yield from send(DescribeService(f"{first.service_name}b"))
        return second.service_name

    result, sender = run(plan)

    assert result == "ab"
    assert sender.sent == ["a", "ab"]
    assert sender.pauses == [2.5]


@RUNNERS
def test_errors_are_thrown_in(run: Any) -> None:
    def plan() -> Plan[str]:
        try:
            yield from send(DescribeService("a"))
        except NotFoundError:
            return "absent"
        return "there"

    assert run(plan, NotFoundError("gone"))[0] == "absent"


@RUNNERS
def test_together_gives_results_in_order(run: Any) -> None:
    def one(name: str) -> Plan[str | None]:
        answer = yield from send(DescribeService(name))
        return answer.service_name

    def plan() -> Plan[Any]:
        return (yield from together(one("a"), one("b"), one("c")))

    result, sender = run(plan)

    assert result == ("a", "b", "c")
    assert sorted(sender.sent) == ["a", "b", "c"]


def test_calls_of_a_stage_start_in_order() -> None:
    """The threads that send them may come first in any order."""

    class Starting(Echo):
        def started(self, step: Send[Any], **how: Any) -> Callable[[], Any]:
            self.sent.append(f"begin {threading.current_thread().name}")
            return super().started(step, **how)

    def one(name: str) -> Plan[str | None]:
        answer = yield from send(DescribeService(name))
        return answer.service_name

    sender = Starting()

    def plan() -> Plan[Any]:
        return (yield from together(one("a"), one("b")))

    assert driver.run(plan(), sender, []) == ("a", "b")
    here = f"begin {threading.current_thread().name}"
    assert [sent for sent in sender.sent if sent.startswith("begin")] == [here, here]


def test_an_interruption_while_a_call_begins_reaches_its_plan() -> None:
    told: list[str] = []

    class Interrupted(Echo):
        def started(self, step: Send[Any], **how: Any) -> Callable[[], Any]:
            raise KeyboardInterrupt

    def one(name: str) -> Plan[None]:
        try:
            yield from send(DescribeService(name))
        except KeyboardInterrupt:
            told.append(name)
            raise

    def plan() -> Plan[Any]:
        return (yield from together(one("a")))

    with pytest.raises(KeyboardInterrupt):
        driver.run(plan(), Interrupted(), [])
    assert told == ["a"]


@RUNNERS
def test_together_ends_all_before_it_raises(run: Any) -> None:
    """A failed sub-plan does not cut off its neighbours; the first error, in order, is raised."""
    ended = []

    def failing(name: str) -> Plan[None]:
        yield from pause(0)
        ended.append(name)
        raise NotFoundError(name)

    def plan() -> Plan[Any]:
        return (yield from together(failing("first"), failing("second")))

    with pytest.raises(NotFoundError, match="first"):
        run(plan)
    assert sorted(ended) == ["first", "second"]


def test_blocking_together_overlaps() -> None:
    """Each sub-plan but the last runs in a thread of its own."""
    meeting = threading.Barrier(3, timeout=5)

    def meet(_: None) -> int:
        return meeting.wait()

    def plan() -> Plan[Any]:
        return (yield from together(consult(meet, None), consult(meet, None), consult(meet, None)))

    result, _ = run_blocking(plan)

    assert sorted(result) == [0, 1, 2]


def test_awaited_callbacks_may_be_coroutines() -> None:
    async def answer(question: str) -> str:
        await asyncio.sleep(0)
        return question.upper()

    def plan() -> Plan[Any]:
        return (yield from consult(answer, "yes"))

    assert run_awaited(plan)[0] == "YES"


@RUNNERS
def test_an_interruption_reaches_the_plan(run: Any) -> None:
    """A plan learns of Ctrl-C, so that it can say what may exist."""
    seen = []

    def plan() -> Plan[None]:
        try:
            yield from send(DescribeService("a"))
        except KeyboardInterrupt as error:
            seen.append(error)
            raise

    with pytest.raises(KeyboardInterrupt):
        run(plan, KeyboardInterrupt())
    assert len(seen) == 1


def test_an_interrupted_batch_does_not_wait_for_its_neighbours() -> None:
    release = threading.Event()

    def slow(_: None) -> None:
        release.wait(10)

    def interrupted() -> Plan[None]:
        yield from pause(0)
        raise KeyboardInterrupt

    def plan() -> Plan[Any]:
        return (yield from together(consult(slow, None), interrupted()))

    with pytest.raises(KeyboardInterrupt):
        run_blocking(plan)
    assert not release.is_set()
    release.set()


class TestEvery:
    """Following pages."""

    @staticmethod
    def _drive(plan: Plan[Any], pages: list[Any]) -> tuple[Any, list[Any]]:
        calls = []
        outcome = None
        while True:
            try:
                step = plan.send(outcome)
            except StopIteration as end:
                return end.value, calls
            assert isinstance(step, Send)
            calls.append(step.call)
            outcome = step.call.answer_type.model_validate(pages[len(calls) - 1])

    def test_pages_are_followed_to_the_end(self) -> None:
        pages = [
            {"Services": [{"ServiceName": "a"}, {"ServiceName": "b"}], "TotalCount": 3},
            {"Services": [{"ServiceName": "c"}], "TotalCount": 3},
        ]

        items, calls = self._drive(every(ListServices(page_size=2)), pages)

        assert [item.service_name for item in items] == ["a", "b", "c"]
        assert [call.page_number for call in calls] == [1, 2]

    def test_a_page_after_the_wanted_item_is_not_read(self) -> None:
        pages = [{"Services": [{"ServiceName": "a"}], "TotalCount": 9}]

        items, calls = self._drive(every(ListServices(), until=lambda item: item.service_name == "a"), pages)

        assert len(items) == len(calls) == 1

    def test_an_empty_page_ends_the_list(self) -> None:
        """A total that counts things the key may not see must not make it ask for ever."""
        pages = [{"Services": [{"ServiceName": "a"}], "TotalCount": 5}, {"Services": [], "TotalCount": 5}]

        items, _ = self._drive(every(ListServices(page_size=1)), pages)

        assert [item.service_name for item in items] == ["a"]

    def test_a_list_without_pages_is_one_call(self) -> None:
        assert DescribeMachineSpec().operation == "DescribeMachineSpec"


class Crowd(Echo):
    """A sender that counts how many calls are under way."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.under_way = self.most = 0

    def enter(self) -> None:
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)

    def leave(self) -> None:
        with self.lock:
            self.under_way -= 1

    def send(self, step: Send[Any], *, ledger: list[CallRecord], deadline: float | None) -> Any:
        self.enter()
        threading.Event().wait(0.002)
        self.leave()
        return super().send(step, ledger=ledger, deadline=deadline)


class AsyncCrowd(Crowd):
    async def send(self, step: Send[Any], *, ledger: list[CallRecord], deadline: float | None) -> Any:  # type: ignore[override]
        self.enter()
        await asyncio.sleep(0.002)
        self.leave()
        return Echo.send(self, step, ledger=ledger, deadline=deadline)

    async def pause(self, seconds: float, *, deadline: float | None) -> None:  # type: ignore[override]
        super().pause(seconds, deadline=deadline)


def crowd_blocking(plan: Plan[Any]) -> tuple[Any, Crowd]:
    sender = Crowd()
    return driver.run(plan, sender, []), sender


def crowd_awaited(plan: Plan[Any]) -> tuple[Any, Crowd]:
    sender = AsyncCrowd()
    return asyncio.run(driver.run_async(plan, sender, [])), sender


CROWDS = pytest.mark.parametrize("run", [crowd_blocking, crowd_awaited])


class TestLanes:
    """So many plans at once, and no more calls than that."""

    @CROWDS
    def test_results_in_order_and_few_at_once(self, run: Any) -> None:
        def one(name: str) -> Plan[str | None]:
            answer, _ = yield from together(send(DescribeService(name)), send(DescribeService(name)))
            return answer.service_name

        def plan() -> Plan[Any]:
            return (yield from in_lanes([one(str(index)) for index in range(9)], 3))

        result, sender = run(plan())

        assert result == tuple(map(str, range(9)))
        assert sender.most == 3

    @CROWDS
    def test_plans_that_fill_the_lanes_run_their_parts_in_turn(self, run: Any) -> None:
        """Two calls of a plan at once gain nothing when each plan can have only one under way."""
        overlaps: list[bool] = []

        def part(name: str, under_way: list[str]) -> Plan[None]:
            under_way.append(name)
            overlaps.append(len(under_way) > 1)
            yield from send(DescribeService(name))
            under_way.remove(name)

        def one() -> Plan[None]:
            under_way: list[str] = []
            yield from together(part("a", under_way), part("b", under_way))

        def plan(count: int) -> Plan[Any]:
            return (yield from in_lanes([one() for _ in range(count)], 3))

        run(plan(2))  # both might have two calls under way, which are four
        assert overlaps[:3] == [False] * 3  # neither can have ended by then
        overlaps.clear()
        run(plan(1))
        assert any(overlaps)

    @CROWDS
    @pytest.mark.parametrize("count", [1, 3])
    def test_all_parts_of_a_plan_end_before_it_fails(self, run: Any, count: int) -> None:
        """In turn or side by side: a failed part does not cut off the next one."""
        ended = []

        def failing(name: str) -> Plan[None]:
            yield from send(DescribeService(name))
            ended.append(name)
            raise NotFoundError(name)

        def one() -> Plan[str]:
            try:
                yield from together(failing("first"), failing("second"))
            except NotFoundError as error:
                return str(error)
            return ""

        def plan() -> Plan[Any]:
            return (yield from in_lanes([one() for _ in range(count)], 3))

        assert run(plan())[0] == ("first",) * count
        assert sorted(ended) == ["first"] * count + ["second"] * count

    @CROWDS
    def test_what_ends_the_program_begins_nothing_more(self, run: Any) -> None:
        """Whichever plan raises it: a callback may want to end it all."""

        class Ending(BaseException):
            pass

        begun = []

        def one(index: int) -> Plan[None]:
            begun.append(index)
            yield from send(DescribeService(str(index)))
            if index == 0:
                raise Ending

        def plan() -> Plan[Any]:
            return (yield from in_lanes([one(index) for index in range(500)], 2))

        with pytest.raises(Ending):
            run(plan())
        assert len(begun) < 500  # the other lane goes on until it is told

    @CROWDS
    def test_a_failure_is_raised_when_all_have_ended(self, run: Any) -> None:
        ended = []

        def one(index: int) -> Plan[None]:
            yield from pause(0)
            ended.append(index)
            if index == 1:
                raise NotFoundError("gone")

        def plan() -> Plan[Any]:
            return (yield from in_lanes([one(index) for index in range(4)], 2))

        with pytest.raises(NotFoundError):
            run(plan())
        assert sorted(ended) == [0, 1, 2, 3]

    def test_apart_has_a_deadline_of_its_own(self) -> None:
        seen = []

        class Looking(Echo):
            def send(self, step: Send[Any], *, ledger: list[CallRecord], deadline: float | None) -> Any:
                seen.append((ledger, deadline))
                return super().send(step, ledger=ledger, deadline=deadline)

        own: list[CallRecord] = []

        def plan() -> Plan[Any]:
            return (yield from apart(send(DescribeService("a")), own, 7.0))

        driver.run(plan(), Looking(), [], 99.0)
        assert seen[0][0] is own
        assert seen[0][1] == 7.0


def test_a_coroutine_is_no_consent_to_a_blocking_runner() -> None:
    """Not awaited it would be true, and create a service that somebody declined."""

    async def declines(_: None) -> bool:
        return False

    def plan() -> Plan[Any]:
        return (yield from consult(declines, None))

    with pytest.raises(ConfigError, match="AsyncDeployer"):
        run_blocking(plan)
