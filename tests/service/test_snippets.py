"""The code that a deployment shows for calling its service runs as it is."""

import pickle
import subprocess

import pytest
from service_stand_ins import FakeClock

from eas_deploy import Deployer
from eas_deploy.patterns import ComfyUiOss, CpuToGpu, SglangHealthCheck, VllmNlb, VllmOss

LLM = {"model": "oss://bucket/qwen/", "instance_type": "ecs.gn7i-c16g1.4xlarge"}
REQUESTS = {
    "vllm": VllmOss(name="demo", image="vllm:0.14.0-gpu", **LLM),
    "vllm_named": VllmOss(
        name="demo", image="vllm:0.14.0-gpu", command="vllm serve /model_dir --served-model-name qwen", **LLM
    ),
    "vllm_nlb": VllmNlb(name="demo", image="vllm:0.14.0-gpu", listener_port=18017, **LLM),
    "sglang": SglangHealthCheck(name="demo", image="sglang:v0.5.17", **LLM),
    "comfyui": ComfyUiOss(name="demo", image="comfyui:2.2", **LLM),
    "sd_webui": CpuToGpu(
        name="demo",
        image="eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/stable-diffusion-webui:4.1",
        command="./webui.sh --listen --port=8000",
        **LLM,
    ),
    "own": CpuToGpu(name="demo", image="registry.example.com/team/app:1", command="./serve", **LLM),
}


@pytest.fixture
def deployed(emulator):
    def deploy(request):
        with Deployer("cn-hangzhou", clock=FakeClock(), **emulator.connection()) as deployer:
            deployment = deployer.deploy(request)
            deployment.service.wait()
        return deployment

    return deploy


def run(snippet, capsys):
    if snippet.tool == "curl":
        return subprocess.run(
            ["bash", "-c", snippet], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    exec(compile(snippet, "snippet", "exec"), {})
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("framework", "tools", "path", "answer"),
    [
        ("vllm", ["curl", "python", "openai"], "/v1/chat/completions", "You said: Hello"),
        ("vllm_named", ["curl", "python", "openai"], "/v1/chat/completions", "You said: Hello"),
        ("vllm_nlb", ["curl", "python", "openai"], "/v1/chat/completions", "You said: Hello"),
        ("sglang", ["curl", "python", "openai"], "/v1/chat/completions", "You said: Hello"),
        ("comfyui", ["curl", "python"], "/prompt", "prompt_id"),
        ("sd_webui", ["curl", "python"], "/sdapi/v1/txt2img", "a lighthouse at dawn"),
        ("own", ["curl", "python"], "/", "GET"),
    ],
)
def test_snippets_run(emulator, deployed, capsys, framework, tools, path, answer):
    deployment = deployed(REQUESTS[framework])
    snippets = deployment.examples(reveal_token=True)
    assert [one.tool for one in snippets] == tools
    for snippet in snippets:
        assert answer in run(snippet, capsys)
        assert (emulator.data_calls[-1].path, emulator.data_calls[-1].status) == (path, 200)


def test_the_token_is_masked_unless_asked_for(emulator, deployed):
    deployment = deployed(REQUESTS["vllm"])
    secret = deployment.access_token.get_secret_value()
    assert all(secret not in one and "***" in one for one in deployment.examples())
    assert all(secret in one for one in deployment.examples(reveal_token=True))


def test_a_snippet_is_a_string_and_pickles(deployed):
    snippet = deployed(REQUESTS["own"]).examples()[0]
    again = pickle.loads(pickle.dumps(snippet))
    assert (again, again.tool) == (snippet, "curl")
    assert snippet.startswith("curl http")
