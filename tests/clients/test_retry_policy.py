"""The decision whether to try again: a pure function."""

import pytest

from eas_deploy.calls.absence import proves_absence
from eas_deploy.clients.retry import RetryBudget, Tally, pause_before_retry
from eas_deploy.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ConnectError,
    ConnectionLostError,
    CredentialsError,
    DeadlineExceededError,
    NotFoundError,
    PermissionDeniedError,
    ReadTimeoutError,
    ServerError,
    ThrottledError,
    TransportError,
    UnreadableAnswerError,
)


def decide(failure, failures=1, throttled=1, **changes):
    terms = {"repeatable": True, "max_retries": 4, "remaining_s": 90.0, "dice": 1.0} | changes
    return pause_before_retry(failure, Tally(failures, throttled), **terms)


THROTTLED = ThrottledError("x", http_status=429, code="Throttling.User")
PASSING = [
    ConnectError("x"),
    ConnectionLostError("x"),
    ReadTimeoutError("x"),
    ServerError("x", http_status=503),
    UnreadableAnswerError("x", http_status=200),
    THROTTLED,
    AuthenticationError("x", http_status=400, code="SignatureNonceUsed"),
]
LASTING = [
    ApiError("x", http_status=400, code="InvalidParameter"),
    AuthenticationError("x", http_status=400, code="InvalidTimeStamp.Expired"),
    CredentialsError("x"),
    PermissionDeniedError("x", http_status=403),
    NotFoundError("x", http_status=404),
    ConflictError("x", http_status=409),
    TransportError("x"),
]


@pytest.mark.parametrize("failure", PASSING, ids=lambda failure: type(failure).__name__)
def test_a_read_is_repeated_after_what_may_pass(failure):
    assert decide(failure) is not None


@pytest.mark.parametrize("failure", LASTING, ids=lambda failure: type(failure).__name__)
def test_nothing_is_repeated_after_a_definite_answer(failure):
    assert decide(failure) is None


@pytest.mark.parametrize("failure", PASSING, ids=lambda failure: type(failure).__name__)
def test_a_change_is_repeated_only_when_nothing_was_changed(failure):
    repeated = decide(failure, repeatable=False) is not None
    assert repeated == isinstance(failure, (ConnectError, ThrottledError))


@pytest.mark.parametrize(
    "failure",
    [
        ThrottledError("x", http_status=429, well_formed=False),
        ThrottledError("x", http_status=503, code="Throttling"),
    ],
)
def test_a_change_is_not_repeated_when_it_is_unclear_who_throttled(failure):
    """A proxy's 429 page, or a 5xx, proves nothing."""
    assert decide(failure, repeatable=False) is None


def test_pauses_double_up_to_a_cap():
    pauses = [decide(ServerError("x"), failures=number, max_retries=9) for number in range(1, 7)]
    assert pauses == [0.4, 0.8, 1.6, 3.2, 6.0, 6.0]


def test_pauses_are_spread_from_zero():
    """Full jitter."""
    assert decide(ServerError("x"), dice=0.0) == 0.0
    assert decide(ServerError("x"), failures=2, dice=0.5) == 0.4


def test_retries_end():
    assert decide(ServerError("x"), failures=4) is not None
    assert decide(ServerError("x"), failures=5) is None


def test_being_throttled_is_waited_out_longer():
    assert decide(THROTTLED, throttled=10) is not None
    assert decide(THROTTLED, throttled=11) is None


@pytest.mark.parametrize("failure", [THROTTLED, ServerError("x")])
def test_no_retries_at_all(failure):
    assert decide(failure, max_retries=0) is None


def test_what_the_service_asks_for_is_waited_in_full():
    asked = ThrottledError("x", http_status=429, retry_after_s=7.0)
    assert decide(asked, dice=0.0) == 7.0
    assert decide(asked, dice=1.0) == 7.4


def test_a_pause_that_does_not_fit_is_not_begun():
    asked = ThrottledError("x", http_status=429, retry_after_s=7.0)
    assert decide(asked, remaining_s=7.0, dice=0.0) is None
    assert decide(asked, remaining_s=7.1, dice=0.0) == 7.0


def late(cause):
    error = DeadlineExceededError("x")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("failure", "proof"),
    [
        (ConnectError("x"), True),
        (CredentialsError("x"), True),
        (ApiError("x", http_status=400, code="InvalidParameter"), True),
        (AuthenticationError("x", http_status=403, code="InvalidSecurityToken.Expired"), True),
        (ThrottledError("x", http_status=429, code="Throttling"), True),
        (late(None), True),
        (late(ConnectError("x")), True),
        (late(ReadTimeoutError("x")), False),
        (AuthenticationError("x", http_status=400, code="SignatureNonceUsed"), False),
        (ApiError("x", http_status=400, well_formed=False), False),
        (ServerError("x", http_status=500, code="InternalError"), False),
        (ReadTimeoutError("x"), False),
        (ConnectionLostError("x"), False),
        (UnreadableAnswerError("x", http_status=200), False),
    ],
)
def test_proof_of_absence(failure, proof):
    """Only what shows that nothing was changed lets a change be sent again."""
    assert proves_absence(failure) is proof


def test_the_budget_runs_out_and_fills_again():
    budget = RetryBudget(tokens=2, refund=0.5)
    assert [budget.take(), budget.take(), budget.take()] == [True, True, False]
    budget.refund()
    assert not budget.take()
    budget.refund()
    assert budget.take()


def test_the_budget_is_never_more_than_full():
    budget = RetryBudget(tokens=1, refund=1)
    budget.refund()
    assert [budget.take(), budget.take()] == [True, False]
