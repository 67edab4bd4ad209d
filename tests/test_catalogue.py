"""Lists of what the region offers, which print and render as tables."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest
from harness import canned

from eas_deploy.calls.steps import Plan, Send
from eas_deploy.catalogue import Catalogue, list_images, list_machine_specs, list_services, list_workspaces


def run(plan: Plan[Any], *pages: dict[str, Any]) -> tuple[Any, list[Any]]:
    """The result of a plan that only sends, and its calls."""
    calls: list[Any] = []
    answer: Any = None
    while True:
        try:
            step = plan.send(answer)
        except StopIteration as end:
            return end.value, calls
        assert isinstance(step, Send)
        calls.append(step.call)
        answer = step.call.answer_type.model_validate(pages[len(calls) - 1])


class Pairs(Catalogue[tuple[str, object]]):
    _columns = (("name", itemgetter(0)), ("n", itemgetter(1)))


def test_it_is_a_list() -> None:
    catalogue = Pairs([("a", 3), ("b", 1)])

    assert catalogue == [("a", 3), ("b", 1)]
    assert catalogue[0] == ("a", 3)


def test_it_prints_as_a_table() -> None:
    """Columns as wide as they must be, nothing for None, no blanks at the ends of lines."""
    assert str(Pairs([("a", None), ("long name", 7)])) == "name       n\na\nlong name  7"


def test_an_empty_one_prints_its_head() -> None:
    assert str(Pairs()) == "name  n"


def test_it_renders_as_an_escaped_table() -> None:
    assert Pairs([("<b>", 1)])._repr_html_() == (
        "<table><thead><tr><th>name</th><th>n</th></tr></thead>"
        "<tbody><tr><td>&lt;b&gt;</td><td>1</td></tr></tbody></table>"
    )


@pytest.mark.parametrize("listing", [list_images(), list_machine_specs(), list_workspaces()])
def test_it_pickles_whole(listing: Plan[Catalogue[Any]]) -> None:
    """What was listed can go to another process, and prints there as here."""
    wire = {
        "ListImages": {"Images": [{"Name": "vllm:1", "ImageUri": "r/vllm:1"}], "TotalCount": 1},
        "DescribeMachineSpec": {"InstanceMetas": [{"InstanceType": "ecs.c7.xlarge", "CPU": 4}]},
        "ListWorkspaces": {"Workspaces": [{"WorkspaceId": "1", "Status": "ENABLED"}], "TotalCount": 1},
    }
    found = canned(wire).run(listing)

    again = pickle.loads(pickle.dumps(found))

    assert again == found
    assert str(again) == str(found)
    assert len(str(found).splitlines()) == 2


def test_services_of_all_pages() -> None:
    found, calls = run(
        list_services(filter="qwen"),
        {"Services": [{"ServiceName": "a"}], "TotalCount": 2},
        {"Services": [{"ServiceName": "b"}], "TotalCount": 2},
    )

    assert [one.service_name for one in found] == ["a", "b"]
    assert [(call.filter, call.page_number) for call in calls] == [("qwen", 1), ("qwen", 2)]


def test_official_images_by_default() -> None:
    found, (call,) = run(
        list_images(),
        {
            "Images": [
                {
                    "Name": "vllm:1",
                    "ImageUri": "r/vllm:1",
                    "Labels": [{"Key": "system.chipType", "Value": "GPU"}],
                }
            ]
        },
    )

    assert (call.labels, call.verbose) == ("system.official=true,system.supported.eas=true", True)
    assert str(found) == "name    chip  uri\nvllm:1  GPU   r/vllm:1"


def test_other_images_on_demand() -> None:
    _, (call,) = run(list_images(labels="a=b", name="vllm"), {"Images": []})

    assert (call.labels, call.name, call.verbose) == ("a=b", "vllm", True)


TABLES: list[tuple[Callable[[], Plan[Any]], dict[str, Any], str]] = [
    (
        list_machine_specs,
        {
            "InstanceMetas": [
                {"InstanceType": "ecs.c7.large", "CPU": 2, "Memory": 4.0, "IsAvailable": True},
                {
                    "InstanceType": "ecs.gn6i-c4g1.xlarge",
                    "CPU": 4,
                    "Memory": 15.5,
                    "GPU": "T4",
                    "GPUAmount": 1,
                    "GPUMemory": 16.0,
                    "IsAvailable": False,
                },
            ]
        },
        (
            "instance type         CPU  memory (GB)  GPU  GPUs  GPU memory (GB)  available\n"
            "ecs.c7.large          2    4.0                                      True\n"
            "ecs.gn6i-c4g1.xlarge  4    15.5         T4   1     16.0             False"
        ),
    ),
    (
        list_workspaces,
        {
            "Workspaces": [
                {"WorkspaceId": 1, "WorkspaceName": "a", "Status": "ENABLED", "IsDefault": True},
                {"WorkspaceId": "22", "WorkspaceName": "bb", "Status": "DISABLED"},
            ],
            "TotalCount": 2,
        },
        "id  name  status    default\n1   a     ENABLED   True\n22  bb    DISABLED",
    ),
]


@pytest.mark.parametrize(("make", "page", "text"), TABLES, ids=["machine specs", "workspaces"])
def test_tables(make: Callable[[], Plan[Any]], page: dict[str, Any], text: str) -> None:
    found, _ = run(make(), page)

    assert str(found) == text
