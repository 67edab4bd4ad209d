"""The procedure as facts in, calls out: every ``cases/*.json`` is one deployment on canned answers.

A case has a ``title``, the requirement in one sentence, and:

* ``request``: what differs from ``request.json`` (null leaves a field out; ``pattern`` is a number), or
  ``service_json``: a whole service JSON;
* ``answers``: what differs from ``answers.json``;
* ``region_id``, ``choose_workspace``, ``nlb_fallback``: options of the deployer;
* ``execute``: whether the plan is executed too, ``plan_age_s`` seconds after it was made; ``pauses_within_s``:
  after how many seconds of pauses the deadline is over;
* ``expect``: what must come of it. Only what is named is compared.

Expectations are written by hand from the description of the procedure.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harness import HERE, REQUEST, Canned, canned, flow

from eas_deploy import errors
from eas_deploy.flow import Flow, Request, Sealed, as_source
from eas_deploy.patterns import PATTERNS, ServiceRequest
from eas_deploy.planning.needs import needs_of
from eas_deploy.planning.outline import outline

CASES = sorted((HERE / "cases").glob("*.json"))


def request_of(case: dict[str, Any]) -> Request:
    if "service_json" in case:
        return case["service_json"]
    fields = {
        key: value for key, value in {**REQUEST, **case.get("request", {})}.items() if value is not None
    }
    number = fields.pop("pattern", None)
    return (PATTERNS[number] if number else ServiceRequest)(**fields)


def flow_of(case: dict[str, Any]) -> Flow:
    chosen = case.get("choose_workspace")
    return flow(
        case.get("plan_age_s", 0),
        region_id=case.get("region_id", "cn-hangzhou"),
        choose_workspace=None if chosen is None else lambda workspaces: chosen,
        nlb_fallback=case.get("nlb_fallback", "auto"),
    )


def value_at(wire: Any, path: str) -> Any:
    """What stands at a path like ``containers[0].image``; ``"(absent)"`` for nothing."""
    for step in path.replace("[", ".").replace("]", "").split("."):
        try:
            wire = wire[int(step) if step.isdigit() else step]
        except (KeyError, IndexError):
            return "(absent)"
    return wire


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = json.loads(path.read_text())
    expected = case["expect"]
    assert case["title"]
    runner = canned(case.get("answers"), case.get("pauses_within_s"))
    procedure = flow_of(case)
    plan = deployment = raised = None
    try:
        request = request_of(case)
        if "outline" in expected:
            planned = outline(needs_of(as_source(Sealed(request))))
            assert [call.operation for call in planned] == expected["outline"]
        plan = runner.run(procedure.plan(Sealed(request), []))
        if case.get("execute"):
            deployment = runner.run(procedure.execute(plan, []))
    except errors.EasDeployError as error:
        raised = error

    check_error(expected.get("error"), raised)
    check_calls(expected, runner)
    if plan is not None:
        check_plan(expected, plan)
    if "deployment" in expected:
        assert deployment is not None
        check_deployment(expected["deployment"], deployment)


def check_error(expected: dict[str, Any] | None, raised: errors.EasDeployError | None) -> None:
    if raised is not None and expected is None:
        raise raised
    if expected is None:
        return
    assert raised is not None, "the plan did not stop"
    assert type(raised).__name__ == expected["type"], raised
    for words in expected.get("says", []):
        assert words in str(raised)
    for name, value in expected.get("has", {}).items():
        found = getattr(raised, name)
        assert (list(found) if isinstance(found, tuple) else found) == value
    if "rules" in expected:
        listed = raised.findings.errors  # type: ignore[attr-defined]  # both errors that name rules have them
        assert sorted([one.rule, one.path] for one in listed) == sorted(expected["rules"])
    assert raised.service_may_exist is expected.get("service_may_exist", False)


def check_calls(expected: dict[str, Any], runner: Canned) -> None:
    if "batches" in expected:
        assert runner.batches == expected["batches"]
    if "pauses" in expected:
        assert runner.pauses == expected["pauses"]
    for operation, calls in expected.get("sent", {}).items():
        sent = runner.sent(operation)
        assert len(sent) == len(calls), operation
        for call, fields in zip(sent, calls, strict=True):
            assert {name: getattr(call, name) for name in fields} == fields
    if "settle_calls" in expected:
        assert runner.purposes.count("settle create") == expected["settle_calls"]


def check_plan(expected: dict[str, Any], plan: Any) -> None:
    wire = plan.config.to_wire()
    for where, value in expected.get("config", {}).items():
        assert value_at(wire, where) == value, where
    decisions = {one.subject: one for one in plan.decisions}
    for subject, chosen in expected.get("decided", {}).items():
        assert (decisions[subject].chosen if subject in decisions else None) == chosen, subject
    for subject, words in expected.get("because", {}).items():
        assert words in decisions[subject].reason
    if "findings" in expected:
        assert sorted([one.severity, one.rule] for one in plan.findings) == sorted(expected["findings"])
    for words in expected.get("finding_says", []):
        assert words in str(plan.findings)
    for words in expected.get("summary_says", []):
        assert words in plan.summary()


def check_deployment(expected: dict[str, Any], deployment: Any) -> None:
    for name in ("service_id", "status", "verified"):
        if name in expected:
            assert getattr(deployment, name) == expected[name], name
    notices = "\n".join(deployment.notices)
    for words in expected.get("notices", []):
        assert words in notices
    if expected.get("notices") == []:
        assert notices == ""
    for where, value in expected.get("config", {}).items():
        assert value_at(deployment.config.to_wire(), where) == value, where
