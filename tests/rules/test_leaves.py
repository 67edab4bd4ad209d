"""Image references, instance types, command words and paths."""

import pytest

from eas_deploy.rules import ImageRef, is_cpu_type
from eas_deploy.rules.command_words import command_facts
from eas_deploy.rules.paths import child, is_within, joined, normalised

OFFICIAL = "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu"


def test_an_official_image_is_taken_apart():
    ref = ImageRef.parse(OFFICIAL)
    assert (ref.registry, ref.region) == ("eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com", "cn-hangzhou")
    assert (ref.repository, ref.name, ref.tag) == ("pai-eas/vllm", "vllm", "0.14.0-gpu")
    assert ref.is_official


@pytest.mark.parametrize(
    ("reference", "name", "tag", "region"),
    [
        ("vllm:0.14.0-gpu", "vllm", "0.14.0-gpu", None),
        ("chat-llm-webui:3.0-vllm", "chat-llm-webui", "3.0-vllm", None),
        ("localhost:5000/me/app", "app", None, None),
        ("registry.cn-beijing.aliyuncs.com/me/app:1", "app", "1", "cn-beijing"),
        ("registry-vpc.cn-beijing.aliyuncs.com/me/app:1", "app", "1", "cn-beijing"),
        ("crpi-0a1b.cn-beijing.personal.cr.aliyuncs.com/me/app:1", "app", "1", "cn-beijing"),
        (
            "mybigpai-registry-vpc.cn-beijing.cr.aliyuncs.com/mybigpai/pairec_base:1.0.0",
            "pairec_base",
            "1.0.0",
            "cn-beijing",
        ),
        ("docker.io/library/app@sha256:" + "0" * 64, "app", None, None),
    ],
)
def test_other_references_are_taken_apart(reference, name, tag, region):
    ref = ImageRef.parse(reference)
    assert (ref.name, ref.tag, ref.region) == (name, tag, region)
    assert ref.is_well_formed
    assert not ref.is_official


@pytest.mark.parametrize("reference", ["a b", "http://x/y", "UPPER/case:1", "x:", "", "${image}"])
def test_what_is_no_reference_says_so(reference):
    assert not ImageRef.parse(reference).is_well_formed


@pytest.mark.parametrize(
    "instance_type",
    [
        "ecs.c7.xlarge",
        "ecs.c7a.large",
        "ecs.g8i.2xlarge",
        "ecs.r7.large",
        "ecs.u1-c1m2.large",
        "ecs.hfc7.large",
        "ecs.hfg8i.large",
    ],
)
def test_cpu_families_are_known_by_name(instance_type):
    assert is_cpu_type(instance_type)


@pytest.mark.parametrize(
    "instance_type",
    [
        "ecs.gn7i-c16g1.4xlarge",
        "ml.gu7i.c8m30.1-gu30",
        "ecs.ebmgn8v.48xlarge",
        "ecs.vgn7i-vws-m4.xlarge",
        "ecs.ebmppu8.x",
        "ecs.egs.x",
        "dedicated_resource",
        "",
    ],
)
def test_other_families_are_not_taken_for_cpu(instance_type):
    assert not is_cpu_type(instance_type)


@pytest.mark.parametrize(
    ("command", "models"),
    [
        ("vllm serve /m --port 8000", ["/m"]),
        ("vllm serve --port 8000 /m", ["/m"]),
        ("vllm serve --trust-remote-code /m", ["/m"]),
        ("/usr/bin/vllm serve '/m x'", ["/m x"]),
        ("python -m vllm.entrypoints.openai.api_server --model /m/", ["/m"]),
        ("cd /code && python -m sglang.launch_server --model-path=/m/../n", ["/n"]),
        ("# vllm serve /old\nvllm serve \\\n  /m", ["/m"]),
        ("swift deploy --ckpt_dir /m", ["/m"]),
        ("python app.py --model-path THUDM/chatglm-6b --data-dir /data", []),
        ("vllm serve Qwen/Qwen3 --download-dir /cache", []),
        ("vllm serve '/m", []),
    ],
)
def test_local_models_are_found_in_commands(command, models):
    facts = command_facts({"script": command}, "custom")
    assert [model for _, model in facts.models] == models


def test_bare_arguments_are_the_servers_own_in_its_own_image():
    container = {"args": ["oss://b-1/m", "--port=80"]}
    assert command_facts(container, "vllm").oss_urls == (("args[0]", True),)
    assert command_facts(container, "custom").oss_urls == (("args[0]", False),)
    assert command_facts(container, "vllm").ports == (("args[1]", 80),)


def test_arguments_continue_the_command():
    facts = command_facts({"command": "vllm serve", "args": ["/m", "--port", "80"]}, None)
    assert facts.models == (("args[0]", "/m"),)
    assert facts.ports == (("args[2]", 80),)


def test_only_the_whole_option_is_a_port():
    text = "a --master_port 1 --port x --port ${PORT} --port=8001; b --port 8002"
    assert command_facts({"script": text}, None).ports == (("script", 8001), ("script", 8002))


def test_paths_are_written_as_in_javascript():
    assert joined(("storage", 0, "oss", "path")) == "storage[0].oss.path"
    assert child("metadata", "rpc.keepalive") == 'metadata["rpc.keepalive"]'


def test_folders_are_compared_by_their_parts():
    assert normalised("/a/./b/../c//") == "/a/c"
    assert normalised("//a") == "/a"
    assert normalised("/") == "/"
    assert is_within("/a/b", "/a")
    assert not is_within("/ab", "/a")
    assert is_within("/a", "/")
