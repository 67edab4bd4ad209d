"""The examples in the docstrings do what they say."""

import doctest

import pytest

from eas_deploy.catalog import commands, frameworks, models
from eas_deploy.patterns import detection, names, networks, presets
from eas_deploy.patterns import request as request_module


@pytest.mark.parametrize(
    "module",
    [commands, frameworks, models, detection, names, networks, presets, request_module],
    ids=lambda module: module.__name__,
)
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
