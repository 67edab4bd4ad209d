"""The typed clients: every operation as a method, lists read to their end."""

import asyncio
import inspect
import re

import pytest
from client_stand_ins import answer

from eas_deploy import calls
from eas_deploy.calls import CallRecord
from eas_deploy.clients import products

BLOCKING = [
    products.EasClient,
    products.AiworkspaceClient,
    products.VpcClient,
    products.EcsClient,
    products.NlbClient,
]
ASYNC = [
    products.AsyncEasClient,
    products.AsyncAiworkspaceClient,
    products.AsyncVpcClient,
    products.AsyncEcsClient,
    products.AsyncNlbClient,
]


class Sender:
    """Answers calls from a list, in order."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    def send(self, step, **_options):
        self.calls.append(step.call)
        return step.call.answer_type.model_validate(self.answers.pop(0))


class AsyncSender(Sender):
    async def send(self, step, **options):
        return super().send(step, **options)


@pytest.fixture(params=["blocking", "async"])
def ask(request):
    """Calls a method of a typed client, both ways; gives its answer and the calls that were sent."""

    def both(product, method, *args, answers, **kwargs):
        if request.param == "blocking":
            sender = Sender(*answers)
            return getattr(getattr(products, product)(sender), method)(*args, **kwargs), sender.calls
        sender = AsyncSender(*answers)

        async def main():
            return await getattr(getattr(products, f"Async{product}")(sender), method)(*args, **kwargs)

        return asyncio.run(main()), sender.calls

    return both


def methods(kinds):
    return {
        value.__name__: name
        for kind in kinds
        for name, value in vars(kind).items()
        if callable(value) and not name.startswith("_")
    }


@pytest.mark.parametrize("kinds", [BLOCKING, ASYNC])
def test_every_operation_is_a_method(kinds):
    """In snake_case, as the official SDKs spell them."""
    every = {
        value.operation: re.sub(r"(?<!^)(?=[A-Z])", "_", value.operation).lower().replace("_v_s", "_vs")
        for value in vars(calls).values()
        if isinstance(value, type) and hasattr(value, "operation")
    }
    assert methods(kinds) == every


@pytest.mark.parametrize("kind", BLOCKING + ASYNC)
def test_a_client_has_the_operations_of_its_product(kind):
    for operation in methods([kind]):
        assert getattr(calls, operation).product in kind.__name__.lower()


def test_arguments_go_into_the_call(ask):
    found, sent = ask("EasClient", "describe_service", "x", answers=[{"Status": "Running"}])
    assert (found.status, sent) == ("Running", [calls.DescribeService("x")])


def test_numbered_pages_are_read_to_the_end(ask):
    pages = [
        {"Services": [{"ServiceName": "a"}, {"ServiceName": "b"}], "TotalCount": 3},
        {"Services": [{"ServiceName": "c"}], "TotalCount": 3},
    ]
    found, sent = ask("EasClient", "list_services", "q", answers=pages)
    assert [service.service_name for service in found.items] == ["a", "b", "c"]
    assert [service.service_name for service in found.services] == ["a", "b", "c"]
    assert sent == [calls.ListServices("q"), calls.ListServices("q", page_number=2)]


def test_token_pages_are_read_to_the_end(ask):
    pages = [
        {"Listeners": [{"ListenerPort": 80}], "NextToken": "t"},
        {"Listeners": [{"ListenerPort": 443}]},
    ]
    found, sent = ask("NlbClient", "list_listeners", answers=pages)
    assert [listener.listener_port for listener in found.items] == [80, 443]
    assert sent[1].next_token == "t"


@pytest.mark.parametrize(
    ("product", "method", "page", "body"),
    [
        ("EasClient", "list_services", {"page_number": 1}, {"Services": [{}], "TotalCount": 500}),
        ("NlbClient", "list_listeners", {"next_token": None}, {"Listeners": [{}], "NextToken": "t"}),
    ],
)
def test_a_certain_page_is_just_that_page(ask, product, method, page, body):
    found, sent = ask(product, method, answers=[body], **page)
    assert (len(found.items), len(sent)) == (1, 1)


def test_help_shows_the_arguments_and_words_of_the_call():
    method = products.EasClient(Sender()).describe_service_log
    assert list(inspect.signature(method).parameters)[:2] == ["service_name", "instance_name"]
    assert inspect.getdoc(method) == inspect.getdoc(calls.DescribeServiceLog)


def test_over_a_real_sender(bench):
    """The same answer as the sender's own."""
    bench.send(calls.ListImages(), answer(200, {"Images": []}))
    assert [type(record) for record in bench.ledger] == [CallRecord]
