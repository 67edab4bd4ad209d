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


def fleet(limit, calls, lanes, seed):
    """Calls through a token bucket: how long they take by what is possible, and the most refusals of one."""
    dice, limiter, count = random.Random(seed), AdaptiveLimiter(), itertools.count()
    tokens, filled_at, now, waiting, worst = float(BURST), 0.0, 0.0, calls - lanes, 0
    events = [(0.0, next(count), "ask", 0, 0.0) for _ in range(lanes)]
    while events:
        now, _, what, refusals, started = heapq.heappop(events)
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
    return now / (calls / limit), worst


@pytest.mark.parametrize(
    ("limit", "calls", "lanes"), [(100, 1000, 8), (100, 1000, 32), (100, 1000, 64), (50, 1000, 32)]
)
def test_the_limit_is_found_and_held(limit, calls, lanes):
    """On average a fleet takes hardly longer than the limit allows, and no call is refused too often."""
    runs = [fleet(limit, calls, lanes, seed) for seed in range(6)]

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

    gap = 2 / OPERATION_LIMIT_PER_S
    assert [limiter.reserve("x", 1.0) for _ in range(3)] == pytest.approx([0.5, 0.5 + gap, 0.5 + 2 * gap])


def test_operations_have_paces_of_their_own():
    limiter = AdaptiveLimiter()
    limiter.learn("x", 0.0, 1.0, None, throttled=True)

    assert limiter.rate("x") is not None
    assert limiter.rate("y") is None


def test_old_news_is_no_news():
    """Calls that were under way when the pace stepped back do not make it step back again."""
    limiter = AdaptiveLimiter()
    for _ in range(20):
        limiter.learn("x", 0.9, 1.0, None, throttled=True)

    assert limiter.rate("x") == OPERATION_LIMIT_PER_S / 2


def test_a_ceiling_holds_from_the_first_call_on():
    limiter = AdaptiveLimiter(per_second=10)

    assert [limiter.reserve("x", 0.0) for _ in range(3)] == pytest.approx([0.0, 0.1, 0.2])
    for _ in range(100):
        limiter.learn("x", 5.0, 5.1, None, throttled=False)
    assert limiter.rate("x") == 10


@pytest.mark.parametrize("wrong", [0, -1.0])
def test_a_ceiling_is_positive(wrong):
    with pytest.raises(ConfigError, match="per_second"):
        AdaptiveLimiter(wrong)


def test_a_pickled_limiter_keeps_its_ceiling():
    assert pickle.loads(pickle.dumps(AdaptiveLimiter(7))).per_second == 7
