"""What both deployers do with the procedure: sources, confirming, and the truth about interruptions."""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import DEPLOY_ID, canned, flow, plain_request

from eas_deploy.calls import WorkspaceInfo
from eas_deploy.calls.steps import Send
from eas_deploy.config import ServiceConfig
from eas_deploy.deployment import Deployment
from eas_deploy.driver import run_async
from eas_deploy.errors import (
    ConfigError,
    ConfirmationDeclined,
    DuplicateServiceError,
    NotStartedError,
    ReadTimeoutError,
)
from eas_deploy.flow import Sealed, as_source
from eas_deploy.planning.create import Progress
from eas_deploy.planning.plan import DeploymentPlan

PATTERN_1 = Path(__file__).parents[2] / "examples" / "patterns" / "1_vllm_oss.json"
LOST = {"error": "ReadTimeoutError"}
SEVERAL_WORKSPACES = {
    "ListWorkspaces": {
        "Workspaces": [
            {"WorkspaceId": "1", "WorkspaceName": "a", "Status": "ENABLED"},
            {"WorkspaceId": "2", "WorkspaceName": "b", "Status": "ENABLED"},
        ],
        "TotalCount": 2,
    }
}
ABSENT = {"error": "NotFoundError", "http_status": 404}
OURS = {
    "ServiceName": "demo",
    "ServiceId": "eas-m-1",
    "Labels": [{"LabelKey": "eas-deploy-id", "LabelValue": DEPLOY_ID}],
}


class TestSources:
    """What can be deployed."""

    def test_a_request_and_a_config_are_taken_as_they_are(self) -> None:
        request, config = plain_request(), ServiceConfig.load(PATTERN_1)

        assert as_source(Sealed(request)) is request
        assert as_source(Sealed(config)) is config

    @pytest.mark.parametrize(
        "form",
        [
            PATTERN_1,
            str(PATTERN_1),
            PATTERN_1.read_text(),
            ServiceConfig.load(PATTERN_1).to_wire(),
        ],
        ids=["path", "path as text", "text", "dict"],
    )
    def test_a_service_json_in_any_form_is_loaded(self, form: object) -> None:
        assert as_source(Sealed(form)).to_wire() == ServiceConfig.load(PATTERN_1).to_wire()  # type: ignore[arg-type,union-attr]  # each form is a Request

    def test_any_path_like_object_is_a_path(self) -> None:
        class Somewhere:
            def __fspath__(self) -> str:
                return str(PATTERN_1)

        assert as_source(Sealed(Somewhere())).service_name == "qwen35_7b_prod"  # type: ignore[union-attr]  # a path gives a config

    def test_a_dict_that_is_no_service_json_is_refused(self) -> None:
        with pytest.raises(ConfigError):
            as_source(Sealed({"metadata": {}}))


class TestConfirm:
    """The confirm callback is asked once, with the plan, before anything is created."""

    def test_agreed(self) -> None:
        asked = []
        runner = canned()

        deployment = runner.run(
            flow(confirm=lambda plan: asked.append(plan) or True).deploy(Sealed(plain_request()), [])
        )

        assert deployment.service_id == "eas-m-1"
        assert asked == [deployment.plan]

    @pytest.mark.parametrize("answer", [False, None])
    def test_declined(self, answer: object) -> None:
        runner = canned()

        with pytest.raises(ConfirmationDeclined, match="demo") as caught:
            runner.run(flow(confirm=lambda plan: answer).deploy(Sealed(plain_request()), []))

        assert runner.batches == [["ListServices"], ["ListImages", "DescribeMachineSpec"]]
        assert caught.value.service_may_exist is False

    def test_not_asked_by_default(self) -> None:
        assert canned().run(flow().deploy(Sealed(plain_request()), [])).service_id == "eas-m-1"

    def test_not_asked_about_a_duplicate(self) -> None:
        taken = {"ListServices": {"Services": [{"ServiceName": "demo"}], "TotalCount": 1}}

        with pytest.raises(DuplicateServiceError):
            canned(taken).run(flow(confirm=pytest.fail).deploy(Sealed(plain_request()), []))

    def test_its_own_error_comes_through(self) -> None:
        def broken(plan: object) -> bool:
            raise RuntimeError("no terminal")

        runner = canned()
        with pytest.raises(RuntimeError, match="no terminal"):
            runner.run(flow(confirm=broken).deploy(Sealed(plain_request()), []))
        assert runner.sent("CreateService") == []

    def test_a_long_answer_makes_the_plan_stale(self) -> None:
        """The name is checked again when confirming took more than a minute."""
        runner = canned()

        runner.run(flow(plan_age_s=61, confirm=lambda plan: True).deploy(Sealed(plain_request()), []))

        assert len(runner.sent("ListServices")) == 2


class Awaited:
    """A sender for asyncio that answers from the can."""

    def __init__(self) -> None:
        self.can = canned(SEVERAL_WORKSPACES)

    async def send(self, step: Send[Any], *, ledger: object, deadline: object) -> Any:
        self.can.calls.append(step.call)
        return self.can._answer(step.call)

    async def pause(self, seconds: float, *, deadline: object) -> None:
        raise AssertionError("nothing is waited for here")


class TestCoroutines:
    """With the asyncio runner, callbacks may be coroutine functions."""

    @staticmethod
    def _deploy(agreed: bool) -> tuple[Deployment, Awaited]:
        async def choose(workspaces: tuple[WorkspaceInfo, ...]) -> str | None:
            await asyncio.sleep(0)
            return workspaces[1].workspace_id

        async def confirm(plan: DeploymentPlan) -> bool:
            await asyncio.sleep(0)
            return agreed

        sender = Awaited()
        course = flow(choose_workspace=choose, confirm=confirm).deploy(
            Sealed(plain_request(workspace_id=None)), []
        )
        return asyncio.run(run_async(course, sender, [])), sender

    def test_agreed(self) -> None:
        deployment, sender = self._deploy(agreed=True)

        assert deployment.config.metadata.workspace_id == "2"
        assert len(sender.can.sent("CreateService")) == 1

    def test_declined(self) -> None:
        with pytest.raises(ConfirmationDeclined):
            self._deploy(agreed=False)


class TestInterruption:
    """Ctrl-C keeps its type, and a note and a warning say what may exist."""

    @staticmethod
    def _interrupted(answers: dict[str, object], caplog: pytest.LogCaptureFixture) -> str:
        runner = canned(answers)
        procedure = flow()
        plan = runner.run(procedure.plan(Sealed(plain_request()), []))
        with caplog.at_level(logging.WARNING, "eas_deploy"), pytest.raises(KeyboardInterrupt) as caught:
            runner.run(procedure.execute(plan, []))
        if sys.version_info >= (3, 11):
            assert getattr(caught.value, "__notes__", []) == caplog.messages
        return "\n".join(caplog.messages)

    def test_while_creating(self, caplog: pytest.LogCaptureFixture) -> None:
        said = self._interrupted({"CreateService": {"interrupt": True}}, caplog)

        assert "service demo may have been created and may cost money" in said
        assert "Deployer.service('demo')" in said
        assert "eas-deploy-id" in said

    def test_while_settling(self, caplog: pytest.LogCaptureFixture) -> None:
        said = self._interrupted(
            {"CreateService": LOST, "DescribeService": [ABSENT, {"interrupt": True}]}, caplog
        )

        assert "may have been created" in said

    def test_while_verifying(self, caplog: pytest.LogCaptureFixture) -> None:
        said = self._interrupted({"DescribeService": {"interrupt": True}}, caplog)

        assert "service demo is eas-m-1" in said

    def test_after_the_service_was_found_by_a_look_up(self, caplog: pytest.LogCaptureFixture) -> None:
        said = self._interrupted(
            {"CreateService": LOST, "DescribeService": [OURS, {"interrupt": True}]}, caplog
        )

        assert "service demo is eas-m-1" in said

    def test_while_reading_the_status_of_a_duplicate(self, caplog: pytest.LogCaptureFixture) -> None:
        """The create was refused: nothing exists, and nothing is said."""
        refused = {"error": "ConflictError", "http_status": 409, "code": "ServiceAlreadyExists"}

        assert (
            self._interrupted({"CreateService": refused, "DescribeService": {"interrupt": True}}, caplog)
            == ""
        )

    def test_before_anything_was_sent(self, caplog: pytest.LogCaptureFixture) -> None:
        runner = canned({"ListServices": [{"Services": [], "TotalCount": 0}, {"interrupt": True}]})
        procedure = flow(plan_age_s=3600)
        plan = runner.run(procedure.plan(Sealed(plain_request()), []))

        with pytest.raises(KeyboardInterrupt) as caught:
            runner.run(procedure.execute(plan, []))

        assert not getattr(caught.value, "__notes__", [])
        assert caplog.messages == []

    def test_an_exception_without_notes_is_logged(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Python 3.10 has no notes; the log tells all the same."""

        class Bare(BaseException):
            add_note = property()

        runner = canned()
        procedure = flow()
        plan = runner.run(procedure.plan(Sealed(plain_request()), []))
        monkeypatch.setattr(runner, "_answer", _raiser(Bare()))

        with pytest.raises(Bare):
            runner.run(procedure.execute(plan, []))

        assert "may have been created" in caplog.text


def test_a_withdrawn_create_is_not_sent() -> None:
    """Whoever withdraws it before it was sent can be sure that nothing exists."""
    runner, procedure = canned(), flow()
    plan = runner.run(procedure.plan(Sealed(plain_request()), []))

    with pytest.raises(NotStartedError, match="another one failed") as caught:
        runner.run(procedure.execute(plan, [], Progress(withdrawn="another one failed")))

    assert runner.sent("CreateService") == []
    assert caught.value.service_may_exist is False


def _raiser(error: BaseException) -> object:
    def answer(call: object) -> object:
        raise error

    return answer


def test_errors_say_whether_a_service_may_exist() -> None:
    """A create that was given up with the name proven absent left nothing."""
    runner = canned({"CreateService": LOST, "DescribeService": ABSENT})

    with pytest.raises(ReadTimeoutError) as caught:
        runner.run(flow().deploy(Sealed(plain_request()), []))

    assert caught.value.service_may_exist is False


def test_a_callback_that_chooses_the_workspace_is_asked_once() -> None:
    asked = []

    def choose(workspaces: tuple[object, ...]) -> object:
        asked.append(workspaces)
        return workspaces[1]

    plan = canned(SEVERAL_WORKSPACES).run(
        flow(choose_workspace=choose).plan(Sealed(plain_request(workspace_id=None)), [])
    )

    assert plan.config.metadata.workspace_id == "2"
    assert [[one.workspace_id for one in workspaces] for workspaces in asked] == [["1", "2"]]


class TestWhatIsExecuted:
    """A plan is executed where it was made."""

    def test_a_plan_of_another_region_is_refused(self) -> None:
        """Its image, machine and network were checked elsewhere; nothing is sent."""
        plan = canned().run(flow().plan(Sealed(plain_request()), []))
        elsewhere = canned()

        with pytest.raises(ConfigError) as caught:
            elsewhere.run(flow(region_id="cn-shanghai").execute(plan, []))

        assert [one.rule for one in caught.value.findings] == ["plan.region"]
        assert elsewhere.calls == []

    def test_only_plans_are_executed(self) -> None:
        with pytest.raises(TypeError, match="DeploymentPlan"):
            canned().run(flow().execute(plain_request(), []))  # type: ignore[arg-type]  # that is the test

    @pytest.mark.parametrize("minutes", [2, -2])
    def test_a_plan_from_another_time_looks_at_the_name_again(self, minutes: int) -> None:
        """Also one from the future: a clock was set meanwhile."""
        procedure = flow()
        plan = canned().run(procedure.plan(Sealed(plain_request()), []))
        later = replace(plan, created_at=plan.created_at + timedelta(minutes=minutes))
        runner = canned()

        runner.run(procedure.execute(later, []))

        assert runner.calls[0].operation == "ListServices"
