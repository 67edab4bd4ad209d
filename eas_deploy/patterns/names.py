"""Service names made of a prefix."""

from __future__ import annotations

SUFFIX_DIGITS = 6
"""Digits after a prefix: a million names, so that one drawn at random is free."""


def name_from_prefix(prefix: str, digits: str) -> str:
    """The service name for a prefix: the digits follow it as it stands, no separator is added.

    Args:
        prefix: How the name begins, 1 to 57 characters of a-z, 0-9 and underscore.
        digits: Six random digits.

    Raises:
        ValueError: Not six digits.

    Example:
        >>> name_from_prefix("skill_qwen_", "482917")
        'skill_qwen_482917'
    """
    if len(digits) != SUFFIX_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"a name prefix is followed by {SUFFIX_DIGITS} digits, not {digits!r}")
    return prefix + digits
