"""Every finding that any module can make has its rule in the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import eas_deploy
from eas_deploy.rules import CATALOG

PACKAGE = Path(eas_deploy.__file__).parent
MAKERS = {"Finding", "notice", "failed", "_open", "refuse_rule"}


def _constant(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _ids(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            if keyword.arg == "rule" and (found := _constant(keyword.value)):
                yield found
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in MAKERS and node.args and (found := _constant(node.args[0])):
            yield found


def test_every_rule_that_is_used_is_listed() -> None:
    """A user who meets an id in a finding can look it up."""
    used = {
        rule
        for path in PACKAGE.rglob("*.py")
        if "emulator" not in path.parts
        for rule in _ids(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert "workspace.unlisted" in used, "the search itself works"
    assert used - {info.id for info in CATALOG} == set()
