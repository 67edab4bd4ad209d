"""Reading a text loses nothing of it, whichever of the two parsers reads it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eas_deploy.config.reading import parse

WORDS = ["", ":", "a:b", '"', "\\", "\\u003a", "Infinity", "\ud800", "模型", "\n", "\x7f", "\u2028"]
texts = st.sampled_from(WORDS) | st.text(max_size=5)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**63) - 1, 10**300, -0.0, 5e-324, 1.7976931348623157e308])
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(documents, st.sampled_from([None, 0, 2]), st.booleans())
def test_every_value_is_read_as_it_was_written(document, indent, ensure_ascii):
    """Types, signs and the order of keys included, which a repr shows."""
    text = json.dumps(document, indent=indent, ensure_ascii=ensure_ascii)
    value, found = parse(text)
    assert (repr(value), found) == (repr(document), [])


KEYS = ['"a"', '"b"', '":"', r'"\u0061"', r'"\u003a"']
VALUES = ["1", '":"', r'"\u003a"', r'"\u003A"', r'"\\u003a"', '{"a": ":"}', '[":", {}]']
members = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=5)


@settings(max_examples=200, deadline=None)
@given(members, st.sampled_from([":", ": ", " :\t"]))
def test_a_key_given_twice_is_found_however_colons_are_written(written, colon):
    text = "{" + ", ".join(f"{key}{colon}{value}" for key, value in written) + "}"
    keys = [json.loads(key) for key, _ in written]
    value, found = parse(text)
    assert value == json.loads(text)
    assert len(found) == len(keys) - len(set(keys))
    assert {one.rule for one in found} <= {"json.invalid"}


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" * 400 + ".0", "1.8e308"]
)
def test_a_number_that_json_or_a_float_does_not_have_is_found(number):
    _, found = parse(f'{{"a": [{number}]}}')
    assert [(one.rule, one.path) for one in found] == [("json.invalid", "a[0]")]


@pytest.mark.parametrize("opening", ["[", '{"a": '])
def test_what_is_nested_deeper_than_the_quick_parser_goes_is_read(opening):
    depth = 600
    text = opening * depth + "1" + {"[": "]", '{"a": ': "}"}[opening] * depth
    value, found = parse(text)
    for _ in range(depth):
        value = value["a"] if isinstance(value, dict) else value[0]
    assert (value, found) == (1, [])


@pytest.mark.parametrize("text", ['{"a": 1e400, b}', '{"a": {"b": 1, "b": 2}, ]', '{"a": NaN'])
def test_what_breaks_after_something_is_lost_is_one_finding(text):
    """An exception would carry the whole text, secrets included."""
    value, (finding,) = parse(text)
    assert value is None
    assert "Not valid JSON" in finding.message
