"""A fleet under way is shown as the caller wants."""

import sys

import pytest
from fleet_runs import request_for

from eas_deploy.errors import ConfigError


def test_a_callable_is_told_of_every_outcome(fleets):
    told = []

    report = fleets.deploy(
        [request_for("one"), {"metadata": {"name": "broken"}}, request_for("two")],
        progress=lambda outcome, ended, total: told.append((outcome.name, outcome.ok, ended, total)),
    )

    assert len(report) == 3
    assert [(ended, total) for _, _, ended, total in told] == [(1, 3), (2, 3), (3, 3)]
    assert {(name, ok) for name, ok, _, _ in told} == {("one", True), ("two", True), ("broken", False)}


def test_a_bar(fleets, capsys):
    pytest.importorskip("tqdm")

    fleets.deploy([request_for("one"), request_for("two")], progress=True)

    assert "2/2" in capsys.readouterr().err


def test_a_bar_needs_tqdm(fleets, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)

    with pytest.raises(ConfigError, match=r"eas-deploy\[progress\]"):
        fleets.deploy([request_for("one")], progress=True)
    assert not fleets.emulator.calls


def test_nothing_is_shown_unasked(fleets, capsys):
    fleets.deploy([request_for("one")])

    shown = capsys.readouterr()
    assert shown.out == shown.err == ""
