"""Strategies for JSON that is almost what it should be."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

WORDS = ("", "0", "Running", "ENABLED", "oss://b/", "a b", "\ud800", "\x00", "é", "2026-01-02T03:04:05Z", "{")
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
)
keys = st.sampled_from(("Code", "Message", "name", "id", "")) | st.text(max_size=5)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if steps:
        yield steps
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _places(one, (*steps, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _places(one, (*steps, index))


@st.composite
def mutated(draw: st.DrawFn, document: Any, most: int = 3) -> Any:
    """The document with up to ``most`` values replaced, removed, renamed or doubled."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, most))):
        places = list(_places(document))
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        holder = document
        for step in way:
            holder = holder[step]
        change = draw(st.sampled_from(("replace", "remove", "rename", "double")))
        if change == "replace":
            holder[last] = draw(json_values)
        elif change == "remove":
            del holder[last]
        elif isinstance(holder, dict):
            value = holder.pop(last) if change == "rename" else holder[last]
            holder[draw(keys)] = value
        else:
            holder.insert(last, holder[last])
    return document
