"""Reads the fenced blocks of a Markdown file and runs the Python ones."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eas_deploy.emulator import Emulator

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL
)
PYTHON = {"python", "{code-cell} python"}
OUTPUT = "text"


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, and the line it begins at."""

    info: str
    body: str
    line: int


def blocks_of(markdown: str) -> Iterator[Block]:
    """The fenced blocks, in order."""
    for match in FENCE.finditer(markdown):
        line = markdown.count("\n", 0, match.start("body")) + 1
        yield Block(match["info"].strip(), match["body"], line)


def run(path: Path, emulator: Emulator) -> int:
    """Runs the Python blocks of a file in one namespace; answers how many there were.

    A ``text`` block is what the Python block before it must have printed, with ``...`` for anything. Test
    functions in a block are called with ``emulator``, reset, in place of the fixture ``eas_emulator``.

    Raises:
        AssertionError: A block printed something else.
    """
    namespace: dict[str, Any] = {"__name__": "__docs__"}
    printed = ""
    ran = 0
    for block in blocks_of(path.read_text("utf-8")):
        where = f"{path.name}:{block.line}"
        if block.info in PYTHON:
            printed = _output_of(block, path, namespace, emulator)
            ran += 1
        elif block.info == OUTPUT:
            check = doctest.OutputChecker()
            said = f"{where}: the block before printed\n{printed}"
            assert check.check_output(block.body, printed, doctest.ELLIPSIS), said
    return ran


def _output_of(block: Block, path: Path, namespace: dict[str, Any], emulator: Emulator) -> str:
    before = set(namespace)
    code = compile("\n" * (block.line - 1) + block.body, str(path), "exec", dont_inherit=True)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, namespace)
        for name in [name for name in namespace if name not in before and name.startswith("test_")]:
            emulator.reset()
            namespace[name](eas_emulator=emulator)
    return output.getvalue()
