"""The two ways in which the products page their lists: by number, and by token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from eas_deploy.emulator.refusal import RefusalError, invalid_parameter

T = TypeVar("T")


@dataclass(frozen=True)
class NumberedPage(Generic[T]):
    """One page of a list that is paged by number."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)


def page_by_number(
    items: Sequence[T],
    query: Mapping[str, str],
    *,
    default: int,
    maximum: int = 100,
    number_key: str = "PageNumber",
) -> NumberedPage[T]:
    """The page that ``query`` asks for.

    Raises:
        RefusalError: If number or size is no integer, below 1, or the size above ``maximum``.
    """
    number = _integer(query, number_key, 1, 2**31)
    size = _integer(query, "PageSize", default, maximum)
    start = (number - 1) * size
    return NumberedPage(items[start : start + size], number, size, len(items))


def page_by_token(
    items: Sequence[T], query: Mapping[str, str], *, default: int, maximum: int = 100
) -> tuple[Sequence[T], str, int]:
    """The page after ``NextToken``, the token of the page after it (empty at the end), and the size.

    Raises:
        RefusalError: If the token is not one of ours, or ``MaxResults`` out of range.
    """
    size = _integer(query, "MaxResults", default, maximum)
    start = _offset(query.get("NextToken", ""))
    end = start + size
    token = base64.urlsafe_b64encode(f"offset={end}".encode()).decode() if end < len(items) else ""
    return items[start:end], token, size


def _integer(query: Mapping[str, str], key: str, default: int, maximum: int) -> int:
    text = query.get(key) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= maximum:
        raise invalid_parameter(f"The specified {key} {text!r} is not in [1, {maximum}].")
    return int(text)


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        key, _, value = base64.urlsafe_b64decode(token.encode()).decode().partition("=")
        if key == "offset":
            return int(value)
    except (binascii.Error, ValueError):
        pass
    raise RefusalError(400, "InvalidParameter.NextToken", "The specified NextToken is invalid.")
