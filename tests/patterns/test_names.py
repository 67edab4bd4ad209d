"""Names made of a prefix."""

import pytest

from eas_deploy.patterns import name_from_prefix


@pytest.mark.parametrize(("prefix", "name"), [("skill_qwen_", "skill_qwen_482917"), ("qwen", "qwen482917")])
def test_digits_follow_the_prefix_as_it_stands(prefix, name):
    assert name_from_prefix(prefix, "482917") == name


@pytest.mark.parametrize("digits", ["48291", "4829170", "48291x", "", "٤٨٢٩١٧"])
def test_six_digits_and_nothing_else(digits):
    with pytest.raises(ValueError, match="6 digits"):
        name_from_prefix("qwen_", digits)
