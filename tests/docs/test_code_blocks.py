"""Every Python block of the README and the documentation runs, and prints what the page says."""

from __future__ import annotations

import pytest
from blocks import PYTHON, ROOT, blocks_of, run

from eas_deploy.emulator import Emulator

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
WITH_CODE = [page for page in PAGES if any(one.info in PYTHON for one in blocks_of(page.read_text("utf-8")))]


@pytest.fixture
def eas_environment(monkeypatch):
    """An emulator that the environment points to, and the folder from which the pages name files."""
    monkeypatch.chdir(ROOT)
    with Emulator() as emulator:
        for name, value in emulator.env().items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.usefixtures("eas_environment")
@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_blocks_run(page, eas_emulator):
    assert run(page, eas_emulator) > 0


def test_pages_with_code_are_found():
    """The README and the guide are among what is run, so that the test above cannot be empty."""
    assert {"README.md", "quickstart.md", "deployment.md", "emulator.md"} <= {page.name for page in WITH_CODE}


def test_other_output_is_refused(tmp_path, eas_emulator):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```text\n2\n```\n", "utf-8")
    with pytest.raises(AssertionError, match=r"page\.md:6: the block before printed"):
        run(page, eas_emulator)


def test_a_failing_block_tells_its_line(tmp_path, eas_emulator):
    page = tmp_path / "page.md"
    page.write_text("one\n\n```python\n\nraise KeyError('x')\n```\n", "utf-8")
    with pytest.raises(KeyError) as caught:
        run(page, eas_emulator)
    assert caught.traceback[-1].lineno + 1 == 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_say_their_language(page):
    """A block without a language would be skipped in silence."""
    unknown = {"python", "text", "sh"}
    for block in blocks_of(page.read_text("utf-8")):
        assert block.info in unknown or block.info.startswith("{"), (
            f"{page.name}:{block.line}: {block.info!r}"
        )


def test_quick_look_is_short():
    """The quickstart of the README has at most ten lines of code."""
    first = next(blocks_of(README.read_text("utf-8")))
    assert first.info in PYTHON
    assert len([line for line in first.body.splitlines() if line.strip()]) <= 10


SHELL = [block.body.strip() for block in blocks_of(README.read_text("utf-8")) if block.info == "sh"]
"""The commands of the README, which set everything up on a machine with Python and git only."""


def test_first_command_runs_the_main_job_on_the_emulator():
    assert SHELL[0].endswith('-e ".[emulator]" && .venv/bin/python examples/quickstart.py')
    assert (ROOT / "examples" / "quickstart.py").is_file()


def test_second_command_is_what_ci_runs():
    """CI runs the README's line as it is, but for pip's progress bars."""
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert len(SHELL) == 2
    assert SHELL[1] in [line.replace("pip install --quiet", "pip install") for line in lines]


def test_contributing_names_the_same_command():
    assert SHELL[1] in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
