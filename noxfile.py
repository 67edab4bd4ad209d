"""The checks of the project, one session each; plain ``nox`` runs them all in the present environment."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "imports", "tests", "docs"]

HERE = Path(__file__).parent
SUPPORTED = ["3.10", "3.11", "3.12", "3.13"]


def _python(session: nox.Session, *arguments: str, **variables: str) -> None:
    """Run ``python`` of the environment that nox itself runs in, with these environment variables too."""
    session.run(sys.executable, *arguments, external=True, env=variables or None)


@nox.session
def lint(session: nox.Session) -> None:
    """Every rule of ruff, and its formatter."""
    _python(session, "-m", "ruff", "check", ".")
    _python(session, "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict, on the package, the examples and the typing tests."""
    _python(session, "-m", "mypy", "eas_deploy", "examples", "tests/typing")


@nox.session
def imports(session: nox.Session) -> None:
    """The layers of the package: which module may import which."""
    session.run(str(Path(sys.executable).with_name("lint-imports")), external=True)


@nox.session
def tests(session: nox.Session) -> None:
    """The test suite, warnings as errors, with branch coverage."""
    # Not pytest-cov: the package's own pytest plugin is imported before that could start measuring.
    _python(session, "-m", "coverage", "run", "-m", "pytest", *session.posargs)
    _python(session, "-m", "coverage", "report")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, its code blocks executed, warnings as errors."""
    target = str(HERE / "docs" / "_build" / "html")
    _python(session, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", target)


@nox.session
def faults(session: nox.Session) -> None:
    """The whole fault matrix: every pattern, call, kind of fault, blocking and asyncio."""
    script = "tests/faults/whole_matrix.py"
    _python(session, script, *session.posargs, ALIBABA_CLOUD_ECS_METADATA_DISABLED="true")


@nox.session(venv_backend="virtualenv")
def bench(session: nox.Session) -> None:
    """Every number of speed beside its peer, measured in one run; fails when one is missed."""
    session.install("-e", ".[bench]")
    session.run("python", "benchmarks/bench.py", *session.posargs)


@nox.session(venv_backend="virtualenv", python=SUPPORTED)
def versions(session: nox.Session) -> None:
    """The test suite on every supported Python, each in an environment of its own."""
    session.install("-e", ".[dev]")
    session.run("pytest", *session.posargs)
