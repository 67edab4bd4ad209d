"""Every example runs to its end, as a user runs it."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
PATTERN_FILES = sorted((EXAMPLES / "patterns").glob("*.json"))


def run(name):
    return runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def named(name):
    """The example as a module: imported, not run."""
    return runpy.run_path(str(EXAMPLES / name), run_name="example")


def test_no_example_is_forgotten():
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        "combine_fields.py",
        "fleet.py",
        "operate_service.py",
        "plan_first.py",
        "queue_requests.py",
        "quickstart.py",
    }


def test_quickstart_deploys_everything_and_gets_an_answer(capsys):
    """All eight pattern files and one Python request are reported, a service answers, and the exit code is 0."""
    with pytest.raises(SystemExit) as left:
        run("quickstart.py")
    printed = capsys.readouterr()
    assert left.value.code == 0
    assert len(PATTERN_FILES) == 8
    assert printed.out.count("Deployment Summary\n==================\n") == 9
    for name in (
        "qwen35_7b_prod",
        "qwen_autoscaling_test",
        "qwen_nlb_test",
        "llama3_8b_api",
        "sdxl_inference",
        "qwen_cpu_service",
        "my_vllm_service",
        "my_gateway_service",
        "qwen_demo",
    ):
        assert f"Service Name: {name}\n" in printed.out
    assert "qwen_demo answers 'Hello': " in printed.out
    assert printed.out.endswith("9 requests, 0 failures\n")
    assert printed.err == ""


def test_quickstart_tries_all_and_tells_what_failed(capsys, tmp_path):
    """One bad file fails the run, is named at the end, and keeps nothing else from being deployed."""
    (tmp_path / "0_broken.json").write_text('{"metadata": {"name": "Not-a-name"}}', "utf-8")
    shutil.copy(PATTERN_FILES[0], tmp_path)
    assert named("quickstart.py")["main"](tmp_path) == 1
    printed = capsys.readouterr()
    assert "Service Name: qwen35_7b_prod\n" in printed.out
    assert "Service Name: qwen_demo\n" in printed.out
    assert printed.err.startswith("FAILED 0_broken.json: ")
    assert printed.err.count("FAILED") == 1


def test_plan_first_creates_only_what_was_planned(capsys):
    run("plan_first.py")
    printed = capsys.readouterr().out
    assert "Deployment plan for qwen_planned in cn-hangzhou\n" in printed
    assert '"Version": "1"' in printed
    assert "services so far: 0\n" in printed
    assert "ecs.gn7i-c16g1.4xlarge (instead of ecs.c7.xlarge)" in printed
    assert printed.count("Deployment Summary\n") == 1
    assert "declined the plan for qwen_large; nothing was created" in printed


def test_combine_fields_follows_three_patterns(capsys):
    run("combine_fields.py")
    printed = capsys.readouterr().out
    assert "patterns: (2, 3, 4)\n" in printed
    assert "Port: 18080\n" in printed


def test_fleet_goes_on_when_a_name_is_taken(capsys):
    run("fleet.py")
    printed = capsys.readouterr().out
    assert "Fleet of 3: 3 created\n" in printed
    assert "Fleet of 2: 1 created, 1 not created\n" in printed
    assert (
        "qwen2_5_0_5b_instruct: NOT CREATED: A service named qwen2_5_0_5b_instruct already exists" in printed
    )
    assert printed.endswith("4 services\n")


def test_operate_service_goes_through_a_life(capsys):
    """It is waited for, talked to, scaled, broken, diagnosed and deleted."""
    run("operate_service.py")
    printed = capsys.readouterr().out
    told = [
        "qwen_operated: Running (1/1 ready",
        "You said: Hello, who are you?\n",
        "  ~ metadata.instance: 1 -> 2\n2 replicas run\n",
        "Server listening on 0.0.0.0:8000\n",
        "qwen_operated: Waiting (CrashLoopBackOff)\n",
        "services left: 0\n",
    ]
    places = [printed.find(words) for words in told]
    assert -1 not in places
    assert places == sorted(places)


def test_queue_requests_gets_every_result(capsys):
    run("queue_requests.py")
    printed = capsys.readouterr().out.splitlines()
    assert sorted(printed) == [
        "a harbour in the rain: {'prompt': 'a harbour in the rain'}",
        "a lighthouse at dawn: {'prompt': 'a lighthouse at dawn'}",
        "a storm: {'prompt': 'a storm'}",
    ]
