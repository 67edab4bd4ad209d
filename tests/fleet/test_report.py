"""The report says of every request what became of it, and hides what is secret."""

import json

import pytest
from fleet_runs import request_for

from eas_deploy.emulator import Fault


@pytest.fixture
def report(fleets):
    fleets.emulator.inject(
        Fault("DescribeServiceEndpoints", "refuse", status=403, code="Forbidden.RAM", times=1)
    )
    fleets.emulator.add_service("taken")
    return fleets.deploy(
        [request_for("one"), request_for("taken"), request_for("two", env={"TOKEN": "canary-value"})],
        max_concurrency=1,
    )


def test_ok_and_failed(report):
    assert not report.ok
    assert [one.name for one in report.failed] == ["taken"]
    assert [one.name for one in report.deployments] == ["one", "two"]
    assert len(report) == 3
    assert report[-1].ok


def test_summary(report):
    lines = report.summary().splitlines()

    assert lines[0] == "Fleet of 3: 2 created, 1 not created"
    assert lines[1] == "=" * len(lines[0])
    assert lines[2].startswith("- one: ")
    assert lines[2].endswith(", not verified")
    assert lines[3].startswith("- taken: NOT CREATED: A service named taken already exists")
    assert str(report) == report.summary()


def test_to_dict_is_json(report):
    told = json.loads(json.dumps(report.to_dict()))

    assert told["ok"] is False
    assert [one["state"] for one in told["outcomes"]] == ["created", "not created", "created"]
    assert told["outcomes"][1]["error"]["type"] == "DuplicateServiceError"
    assert told["ledger"][0]["operation"] == "ListServices"


def test_html_names_every_service(report):
    html = report._repr_html_()

    assert html.startswith("<h4>Fleet of 3: 2 created, 1 not created</h4>")
    assert html.count("<tr>") == 4


def test_secrets_stay_hidden(report):
    token = report[2].deployment.access_token.get_secret_value()
    shown = f"{report!r}{report}{report._repr_html_()}{report.to_dict()}{report.outcomes!r}"

    assert token
    assert token not in shown
    assert "canary-value" not in shown
    assert token in str(report.to_dict(reveal_token=True))
