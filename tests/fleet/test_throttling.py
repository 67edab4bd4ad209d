"""A fleet finds the limit of the service and keeps under it; nothing fails because of it."""

import pytest
from fleet_runs import request_for

from eas_deploy.clients.pacing import AdaptiveLimiter


def test_a_throttled_fleet_comes_through(fleets):
    fleets.emulator.limit(20)

    report = fleets.deploy([request_for(f"demo_{index}") for index in range(16)], max_concurrency=16)

    assert report.ok, report.summary()
    throttled = [call for call in fleets.emulator.calls if call.status == 429]
    assert throttled
    assert all(one.verified for one in report.deployments)


def test_a_shared_limiter_keeps_its_ceiling(fleets):
    """A limiter that the caller passes paces from the first call on."""
    fleets.emulator.limit(200)
    limiter = AdaptiveLimiter(per_second=100)

    report = fleets.deploy(
        [request_for(f"demo_{index}") for index in range(20)],
        deployer={"limiter": limiter},
        max_concurrency=8,
    )

    assert report.ok
    assert not [call for call in fleets.emulator.calls if call.status == 429]


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_calls_under_way_than_allowed(fleets, limit):
    """``max_concurrency`` bounds the calls too, those that a service makes side by side included."""
    spans = []
    report = fleets.deploy([request_for(f"demo_{index}") for index in range(6)], max_concurrency=limit)
    for deployment in report.deployments:
        for record in deployment.ledger[4:]:
            start = record.started_at.timestamp()
            spans.append((start, start + record.duration_s))

    assert max(sum(a <= start < b for a, b in spans) for start, _ in spans) <= limit
