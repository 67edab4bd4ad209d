"""Whether a failure of a changing call proves that nothing was changed. Pure."""

from __future__ import annotations

from eas_deploy.errors import ApiError, AuthenticationError, ConnectError, DeadlineExceededError


def proves_absence(failure: BaseException | None) -> bool:
    """Whether a failure of a changing call proves that nothing was changed.

    True when no request went out, or when a well-formed error body with a 4xx code came back. For a
    DeadlineExceededError it is the last attempt's failure, its cause, that decides; without one, nothing
    was sent at all.
    """
    if isinstance(failure, DeadlineExceededError):
        return failure.__cause__ is None or proves_absence(failure.__cause__)
    if isinstance(failure, ConnectError):
        return True
    if not isinstance(failure, ApiError):
        return False
    if failure.http_status is None:  # no credentials: nothing was sent
        return isinstance(failure, AuthenticationError)
    # A nonce is refused when a request with it came before: perhaps this very one, sent twice by a proxy.
    return failure.well_formed and 400 <= failure.http_status < 500 and failure.code != "SignatureNonceUsed"  # noqa: PLR2004 - the range of client errors
