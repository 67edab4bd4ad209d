"""How many replicas of a service run, in words. Pure."""

from __future__ import annotations


def replicas_in_words(running: int, wanted: int) -> str:
    """Such as ``"1 of 3 replicas run"``; while a service scales in, more run than are wanted."""
    if running > wanted:
        return f"{running} replicas run, {wanted} wanted"
    return f"{running} of {wanted} replicas run"
