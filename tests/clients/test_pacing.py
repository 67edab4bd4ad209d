"""The pace of an operation: unlimited until the service throttles, then close under its limit."""

import heapq
import itertools
import pickle
import random

import pytest

from eas_deploy._defaults import MAX_THROTTLED_RETRIES, OPERATION_LIMIT_PER_S
from eas_deploy.clients.pacing import AdaptiveLimiter
from eas_deploy.errors import ConfigError

ROUND_TRIP_S = 0.05
BURST = 10


CHANGE_S = 5.0


def fleet(limit, calls, lanes, seed, becomes=None):
    """Calls through a token bucket: how long they take by what is possible, and the most refusals of one.

    With ``becomes``, the bucket's limit is another one after `CHANGE_S`.
    """
    least_s = calls / limit if becomes is None else CHANGE_S + (calls - CHANGE_S * limit) / becomes
    dice, limiter, count = random.Random(seed), AdaptiveLimiter(), itertools.count()
    tokens, filled_at, now, waiting, worst = float(BURST), 0.0, 0.0, calls - lanes, 0
    events = [(0.0, next(count), "ask", 0, 0.0) for _ in range(lanes)]
    while events:
        now, _, what, refusals, started = heapq.heappop(events)
        if becomes is not None and now >= CHANGE_S:
            limit = becomes
        if what == "ask":
            start = now + limiter.reserve("x", now)
            event = (start + ROUND_TRIP_S / 2, next(count), "arrive", refusals, start)
        elif what == "arrive":
            tokens, filled_at = min(float(BURST), tokens + (now - filled_at) * limit), now
            passed = tokens >= 1
            tokens -= passed
            event = (now + ROUND_TRIP_S / 2, next(count), "accept" if passed else "refuse", refusals, started)
        elif what == "refuse":
            worst = max(worst, refusals + 1)
            limiter.learn("x", started, now, 1 / limit, throttled=True)
            again = now + 1 / limit + dice.random() * min(6.0, 0.4 * 2**refusals)
            event = (again, next(count), "ask", refusals + 1, 0.0)
        else:
            limiter.learn("x", started, now, None, throttled=False)
            if not waiting:
                continue
            waiting -= 1
            event = (now, next(count), "ask", 0, 0.0)
        heapq.heappush(events, event)
    return now / least_s, worst


@pytest.mark.parametrize(
    ("limit", "calls", "lanes"), [(100, 1000, 8), (100, 1000, 32), (100, 1000, 64), (50, 1000, 32)]
)
def test_the_limit_is_found_and_held(limit, calls, lanes):
    """On average a fleet takes hardly longer than the limit allows, and no call is refused too often."""
    runs = [fleet(limit, calls, lanes, seed) for seed in range(6)]

    assert sum(ratio for ratio, _ in runs) / len(runs) < 1.08
    assert max(worst for _, worst in runs) <= MAX_THROTTLED_RETRIES


@pytest.mark.parametrize(("limit", "becomes"), [(100, 50), (100, 20), (50, 200)])
def test_another_limit_is_found(limit, becomes):
    """A limit that falls or rises midway, as when others begin or stop to share it, costs little time."""
    runs = [fleet(limit, 1000, 32, seed, becomes) for seed in range(6)]

    assert sum(ratio for ratio, _ in runs) / len(runs) < 1.2
    assert max(worst for _, worst in runs) <= MAX_THROTTLED_RETRIES


@pytest.mark.parametrize("limit", [2, 5, 300])
def test_other_limits_cost_no_call(limit):
    assert max(fleet(limit, 40 * limit, 32, seed)[1] for seed in range(4)) <= MAX_THROTTLED_RETRIES


def test_unlimited_until_throttled():
    limiter = AdaptiveLimiter()

    assert [limiter.reserve("x", 0.0) for _ in range(100)] == [0.0] * 100
    assert limiter.rate("x") is None


def test_throttled_calls_are_spread():
    """After the first refusal calls start one after the other, not before the service asked."""
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.0, 1.0, 0.5, throttled=True)

    first, second, third = (limiter.reserve("x", 1.0) for _ in range(3))
    assert first == 0.5
    assert second - first == pytest.approx(third - second)
    assert second - first == pytest.approx(1 / OPERATION_LIMIT_PER_S, rel=0.05)


def test_operations_have_paces_of_their_own():
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.0, 1.0, None, throttled=True)

    assert limiter.rate("x") is not None
    assert limiter.rate("y") is None


def test_old_news_is_no_news():
    """Calls that were under way when the pace stepped back do not make it step back again."""
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.9, 1.0, None, throttled=True)
    rate = limiter.rate("x")
    for _ in range(20):
        limiter.learn("x", 0.95, 1.05, None, throttled=True)

    assert limiter.rate("x") == rate


def test_the_limit_is_measured():
    """What gets through between two throttled calls is the limit; the pace is close to it from then on."""
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.0, 0.1, None, throttled=True)
    for call in range(80):
        limiter.learn("x", 1 + call / 40, 1.1 + call / 40, None, throttled=False)
    limiter.learn("x", 2.0, 3.1, None, throttled=True)

    assert limiter.rate("x") == pytest.approx(80 / 2, rel=0.1)


def test_a_calm_pace_grows():
    """A second's worth of accepted calls, all held up by the pace, doubles it: the limit may have been raised."""
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.0, 0.1, None, throttled=True)
    before = limiter.rate("x")
    for _ in range(1000):
        limiter.reserve("x", 0.2)
    for _ in range(round(before)):
        limiter.learn("x", 0.2, 0.3, None, throttled=False)

    assert limiter.rate("x") == pytest.approx(2 * before)


def test_a_pace_that_holds_nobody_up_does_not_grow():
    """Calls that come one by one prove nothing about a higher rate, however many they are."""
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.0, 0.1, None, throttled=True)
    before = limiter.rate("x")
    for second in range(1, 1000):
        limiter.reserve("x", second)
        limiter.learn("x", second, second + 0.1, None, throttled=False)

    assert limiter.rate("x") == before


def test_an_idle_hour_is_not_measured():
    """A call that is throttled after an hour without any does not make the next ones crawl."""
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.0, 0.1, None, throttled=True)
    limiter.learn("x", 3600.0, 3600.1, None, throttled=True)

    assert limiter.rate("x") > OPERATION_LIMIT_PER_S / 4


def test_a_ceiling_holds_from_the_first_call_on():
    limiter = AdaptiveLimiter(per_second=10)

    assert [limiter.reserve("x", 0.0) for _ in range(3)] == pytest.approx([0.0, 0.1, 0.2])
    for _ in range(100):
        limiter.learn("x", 5.0, 5.1, None, throttled=False)
    assert limiter.rate("x") == 10


def test_a_ceiling_above_the_limit_is_undercut():
    limiter = AdaptiveLimiter(per_second=20)
    limiter.learn("x", 0.0, 0.1, None, throttled=True)
    for call in range(10):
        limiter.learn("x", 0.2 + call / 10, 0.3 + call / 10, None, throttled=False)
    limiter.learn("x", 1.2, 1.3, None, throttled=True)

    assert limiter.rate("x") == pytest.approx(10, rel=0.2)


@pytest.mark.parametrize("wrong", [0, -1.0])
def test_a_ceiling_is_positive(wrong):
    with pytest.raises(ConfigError, match="per_second"):
        AdaptiveLimiter(wrong)


def test_a_pickled_limiter_keeps_its_ceiling():
    assert pickle.loads(pickle.dumps(AdaptiveLimiter(7))).per_second == 7
