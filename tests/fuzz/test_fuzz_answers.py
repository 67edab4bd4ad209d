"""Whatever a server answers, to whatever call: a value or one of our errors."""

import dataclasses
import json
from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import json_values, mutated

from eas_deploy import calls
from eas_deploy.calls.base import Call, Listing, PagedCall
from eas_deploy.clients.judging import Circumstances, judge, request_id
from eas_deploy.clients.wire import WireAnswer
from eas_deploy.errors import EasDeployError

CALLS = [
    one
    for one in vars(calls).values()
    if isinstance(one, type) and issubclass(one, Call) and hasattr(one, "operation")
]
ABOUT = Circumstances(
    host="h", keys_from="k", key_id="LTAI****id", received_at=datetime.now(timezone.utc), scrub=str
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(["application/json", "text/html", ""]),
        "date": st.sampled_from(["Fri, 02 Jan 2026 03:04:05 GMT", "yesterday", "Fri, 99 Foo 2026", ""]),
        "x-acs-retry-after": st.sampled_from(["100", "-1", "soon", "9" * 400, "1.5"]),
        "x-acs-request-id": st.just("R-1"),
    },
)
STATUSES = st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 409, 429, 450, 499, 500, 502, 503, 599])
CODES = st.sampled_from(
    [
        *("InvalidParameter", "InvalidService.NotFound", "Throttling.User", "Forbidden.RAM", "NoPermission"),
        *("InvalidTimeStamp.Expired", "InvalidSecurityToken.Expired", "SignatureNonceUsed", ""),
        *("Forbidden.PrivilegeCheckFailed", "ServiceUnavailable", "SignatureDoesNotMatch"),
    ]
)
REFUSALS = st.fixed_dictionaries(
    {"Code": CODES | json_values},
    optional={"Message": json_values, "RequestId": json_values, "AccessDeniedDetail": json_values},
)


def made(kind):
    """A call of that kind with made-up arguments."""
    needed = {
        field.name: {} if field.name in {"body", "labels"} else "x"
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    return kind(**needed)


def shaped(kind):
    """An object with the fields of the call's answer, and with lists where those want lists."""
    fields = kind.answer_type.model_fields
    items = getattr(kind.answer_type, "items_field", None)
    return {
        field.alias or name: [{}] if name == items else "x" for name, field in fields.items() if field.alias
    }


def texts(kind):
    """Bodies: any bytes, any JSON, an error, or the answer with something wrong in it."""
    anything = json_values | REFUSALS | mutated(shaped(kind), most=5)
    return st.binary(max_size=40) | anything.map(lambda value: json.dumps(value).encode("utf-8"))


def test_all_calls_are_asked():
    assert len(CALLS) > 40


@pytest.mark.parametrize("kind", CALLS, ids=lambda kind: kind.operation)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_value_or_one_of_our_errors(kind, data):
    call = made(kind)
    answer = WireAnswer(data.draw(STATUSES), data.draw(HEADERS), data.draw(texts(kind)))
    outcome = judged(call, answer)
    repr(outcome), str(outcome), request_id(answer, outcome)
    assert isinstance(outcome, (kind.answer_type, EasDeployError))
    if isinstance(call, PagedCall) and isinstance(outcome, Listing):
        following = call.next_page(outcome, len(outcome.items))
        assert following is None or type(following) is kind


def judged(call, answer):
    try:
        return judge(call, answer, ABOUT)
    except EasDeployError as error:
        return error
