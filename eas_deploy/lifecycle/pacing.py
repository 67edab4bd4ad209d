"""How long to pause between two attempts or looks. Pure: decides, and never sleeps."""

from __future__ import annotations

from eas_deploy._defaults import RETRY_BASE_S, RETRY_CAP_S, WAIT_CAP_S, WAIT_FIRST_S, WAIT_GROWTH


def pause_before_look(looks: int, dice: float) -> float:
    """Seconds before the next look at a service that is waited for.

    Exponential, of which the upper half is left to chance, so that a fleet does not look all at once.

    Args:
        looks: How often it was looked at so far, at least 1.
        dice: A random number, 0 to 1.
    """
    # Beyond that many the cap holds, and a float would overflow after some thousand looks.
    longest_s = min(WAIT_CAP_S, WAIT_FIRST_S * WAIT_GROWTH ** min(looks - 1, 64))
    return longest_s * (0.5 + 0.5 * dice)


def pause_before_repeat(attempts: int, asked_s: float, dice: float) -> float:
    """Seconds before a request to a service is sent again: exponential with full jitter.

    Args:
        attempts: How often it was sent so far, at least 1.
        asked_s: Seconds that the service asked to wait, waited in full; 0 if it did not.
        dice: A random number, 0 to 1.
    """
    return asked_s + dice * min(RETRY_CAP_S, RETRY_BASE_S * 2.0 ** (attempts - 1))
