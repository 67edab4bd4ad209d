"""The tables of the documentation that are written from the code."""

from __future__ import annotations

import re

import generated
import model_fields
import pytest
from blocks import ROOT

from eas_deploy import errors, patterns
from eas_deploy.rules import CATALOG


def rows(table):
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]


def test_every_rule_has_a_row():
    ids = [row[0] for row in rows(generated.rules_table())[2:]]
    assert ids == [f"`{one.id}`" for one in CATALOG]


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        ("eas:CreateService", ["always"] * 8),
        ("paiworkspace:ListWorkspaces", ["if left open"] * 8),
        ("eas:ListGateway", [""] * 7 + ["always"]),
        ("eas:ListResources", [""] * 6 + ["always", ""]),
        ("vpc:DescribeVpcs", ["", "", "if left open", "", "", "", "", ""]),
        ("ecs:DescribeSecurityGroups", ["", "", "always", "", "", "", "", "always"]),
    ],
)
def test_permissions_of_the_patterns(action, needed):
    table = {row[0]: row[1:] for row in rows(generated.permissions_table())}
    assert table[f"`{action}`"] == needed


def test_every_error_is_documented():
    named = generated.errors_reference()
    for name in (
        "EasDeployError",
        "ConfigError",
        "DuplicateServiceError",
        "CredentialsError",
        "InvocationError",
    ):
        assert f"eas_deploy.errors.{name}\n" in named
        assert hasattr(errors, name)


def test_every_name_of_the_patterns_is_in_the_reference():
    """They are listed by hand, in the order of the patterns."""
    listed = re.findall(r"eas_deploy\.patterns\.(\w+)", (ROOT / "docs" / "api.md").read_text("utf-8"))
    assert sorted(listed) == sorted(patterns.__all__)


def test_types_are_told_in_words():
    fields = patterns.ServiceRequest.model_fields
    assert model_fields.in_words(fields["port"].annotation) == "int | None"
    assert model_fields.in_words(fields["env"].annotation) == "Mapping[str, str]"
    assert model_fields.in_words(fields["startup_check"].annotation) == "Probe | 'default' | None"
    assert model_fields.in_words(fields["storage"].annotation) == "tuple[Storage, ...]"


def test_a_pattern_describes_what_not_every_request_has():
    assert list(model_fields.own_fields(patterns.ComfyUiOss)) == ["model", "mount_path"]
    assert "replicas" in model_fields.own_fields(patterns.ServiceRequest)


def test_a_pipe_does_not_break_a_table():
    assert generated._table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |\n"
