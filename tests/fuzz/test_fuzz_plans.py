"""Any sequence of answers and errors ends in a Deployment or in one of our errors, and none hides a service."""

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import json_values, mutated

from eas_deploy import Deployment, errors
from eas_deploy.calls.absence import proves_absence
from eas_deploy.calls.steps import Consult, Pause, Send, Together
from eas_deploy.clients.judging import Circumstances, judge
from eas_deploy.clients.wire import WireAnswer
from eas_deploy.flow import Flow, Sealed
from eas_deploy.patterns import PATTERNS
from eas_deploy.planning.settle import OWNER_LABEL

DATA = Path(__file__).parents[1]
ANSWERS = json.loads((DATA / "planning" / "answers.json").read_text())
FIELDS = json.loads((DATA / "data" / "open_requests.json").read_text())
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
DEPLOY_ID = "0" * 32
ABOUT = Circumstances(host="h", keys_from="k", key_id="LTAI****id", received_at=NOW, scrub=str)
OURS = {
    "ServiceId": "eas-m-1",
    "Status": "Creating",
    "Labels": [{"LabelKey": OWNER_LABEL, "LabelValue": DEPLOY_ID}],
}
ERROR_BODY = st.fixed_dictionaries(
    {
        "Code": st.sampled_from(
            [
                "InvalidParameter",
                "ServiceAlreadyExists",
                "InvalidService.NotFound",
                "NoPermission",
                "Throttling",
            ]
        ),
        "Message": st.sampled_from(["no", "vswitch can not be null", "already exists"]),
    }
)
LOST = st.sampled_from(
    [errors.ConnectError, errors.ConnectionLostError, errors.ReadTimeoutError, errors.UnreadableAnswerError]
)
MOST_CALLS = 60
"""After that many the time is over, as it would be."""


class Fate:
    """Answers the calls of a plan as hypothesis has it, and writes down what was told of the create."""

    def __init__(self, draw):
        self.draw = draw
        self.calls = 0
        self.told_id = False
        self.unknown = False
        self.creates = 0

    def run(self, plan):
        outcome = error = None
        while True:
            try:
                step = plan.send(outcome) if error is None else plan.throw(error)
            except StopIteration as end:
                return end.value
            outcome = error = None
            try:
                outcome = self.perform(step)
            except Exception as raised:  # noqa: BLE001 - thrown into the plan, as a driver does
                error = raised

    def perform(self, step):
        self.calls += 1
        if self.calls > MOST_CALLS and isinstance(step, (Send, Pause)):
            raise errors.DeadlineExceededError("The time allowed is over.")
        if isinstance(step, Pause):
            return None
        if isinstance(step, Consult):
            return step.callback(step.question)
        if isinstance(step, Together):
            return self.together(step)
        return self.create(step.call) if step.call.operation == "CreateService" else self.answer(step.call)

    def together(self, step):
        results = []
        for part in step.plans:
            try:
                results.append(self.run(part))
            except Exception as raised:  # noqa: BLE001 - the first is raised when all have ended
                results.append(raised)
        for result in results:
            if isinstance(result, Exception):
                raise result
        return tuple(results)

    def create(self, call):
        self.creates += 1
        try:
            answer = self.answer(call)
        except errors.EasDeployError as error:
            self.unknown = isinstance(error, errors.ConflictError) or not proves_absence(error)
            raise
        self.told_id = bool(answer.service_id)
        self.unknown = not self.told_id
        return answer

    def answer(self, call):
        """Mostly the right answer: else no plan would come far."""
        good = ANSWERS[call.operation]
        fate = self.draw(st.integers(0, 13))
        if fate == 0:
            raise self.draw(LOST)("lost", operation=call.operation)
        if fate == 1:
            status = self.draw(st.sampled_from([400, 403, 404, 409, 429, 500, 502]))
            return self.judged(call, status, self.draw(ERROR_BODY))
        if fate == 2:
            return self.judged(call, 200, self.draw(json_values))
        if fate in {3, 4}:
            return self.judged(call, 200, self.draw(mutated(good)))
        if fate == 5 and call.operation == "DescribeService":
            return self.judged(call, 200, self.draw(mutated(OURS, most=1)))
        return self.judged(call, 200, good)

    def judged(self, call, status, body):
        return judge(call, WireAnswer(status, {}, json.dumps(body).encode()), ABOUT)


@pytest.mark.parametrize("pattern", FIELDS)
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_course_has_an_end(pattern, data):
    fields = {**FIELDS[pattern], "name": "demo"}
    flow = Flow(
        region_id="cn-hangzhou",
        now=lambda: NOW,
        digits=lambda: "482917",
        new_id=lambda: DEPLOY_ID,
        choose_workspace=data.draw(st.sampled_from([None, lambda found: found[0], lambda _: "nowhere"])),
        nlb_fallback=data.draw(st.sampled_from(["auto", "shared_gateway", "stop"])),
    )
    fate = Fate(data.draw)
    result = ended(fate, flow.deploy(Sealed(PATTERNS[int(pattern)](**fields)), []))
    str(result), repr(result)
    if isinstance(result, Deployment):
        assert result.service_id
        assert fate.told_id or fate.unknown
        result.to_dict(), result._repr_html_()
    else:
        assert not fate.told_id, "an error hides a service"
        assert fate.creates or not result.service_may_exist


def ended(fate, plan):
    """The Deployment, or the error of ours."""
    try:
        return fate.run(plan)
    except errors.EasDeployError as error:
        return error
