"""The little HTML that results show of themselves in notebooks; everything put in is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def block(text: str) -> str:
    """``text`` as HTML text."""
    return escape(text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with the columns ``head``; empty when there are no rows."""
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return ""
    columns = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
