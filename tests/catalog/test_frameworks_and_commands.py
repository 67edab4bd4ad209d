"""Which framework an image is, and how it is started."""

import pytest

from eas_deploy.catalog.commands import start_command
from eas_deploy.catalog.frameworks import (
    CHAT_LLM,
    COMFYUI,
    OTHER,
    SD_WEBUI,
    SGLANG,
    VLLM,
    framework_of,
)


@pytest.mark.parametrize(
    ("image", "framework"),
    [
        ("vllm:0.14.0-gpu", VLLM),
        ("vllm", VLLM),
        ("eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu", VLLM),
        ("localhost:5000/vllm", VLLM),
        ("lmsysorg/sglang:latest", SGLANG),
        ("comfyui:2.2-api", COMFYUI),
        ("stable-diffusion-webui:4.2", SD_WEBUI),
        ("chat-llm-webui:3.0-vllm", CHAT_LLM),
        ("vllm-tools:1", OTHER),
        ("registry.example.com/vllm/server:1", OTHER),
    ],
)
def test_by_name(image, framework):
    """The whole last part of the name counts: not the tag, not the folder, not a part of it."""
    assert framework_of(image) is framework


@pytest.mark.parametrize(
    ("label", "framework"),
    [
        ("system.framework.vLLM", VLLM),
        ("system.framework.SGLang", SGLANG),
        ("system.framework.ComfyUI", COMFYUI),
        ("system.framework.Python", OTHER),
    ],
)
def test_by_label(label, framework):
    assert framework_of("team-image:1", {label: "1.0"}) is framework


def test_name_wins_over_label():
    assert framework_of("sglang:1", {"system.framework.vLLM": "0.14"}) is SGLANG


def test_only_vllm_and_sglang_need_a_gpu():
    needing = [one for one in (VLLM, SGLANG, COMFYUI, SD_WEBUI, CHAT_LLM, OTHER) if one.needs_gpu]
    assert needing == [VLLM, SGLANG]


@pytest.mark.parametrize(
    ("framework", "command"),
    [
        (VLLM, "vllm serve /models --port 9000 --trust-remote-code"),
        (SGLANG, "python -m sglang.launch_server --model-path /models --host 0.0.0.0 --port 9000"),
        (COMFYUI, "python main.py --listen 0.0.0.0 --port 9000"),
        (SD_WEBUI, None),
        (OTHER, None),
    ],
)
def test_command_by_framework(framework, command):
    assert start_command(framework, None, mount_path="/models", port=9000) == command


def test_image_label_wins_over_framework():
    assert start_command(VLLM, "run.sh --port 8000", mount_path="/m", port=8000) == "run.sh --port 8000"


def test_empty_label_is_no_command():
    assert start_command(COMFYUI, "", mount_path="/m", port=1) == "python main.py --listen 0.0.0.0 --port 1"


@pytest.mark.parametrize(
    ("script", "command"),
    [
        ("serve /model_dir --port 8000", "serve /data --port 9001"),
        ("serve --model=/model_dir --port=8000", "serve --model=/data --port=9001"),
        ("serve '/model_dir/qwen' -v", "serve '/data/qwen' -v"),
        ("serve /model_dir_2 /my/model_dir", "serve /model_dir_2 /my/model_dir"),
        ("serve --master_port 8000 --port-range 8000", "serve --master_port 8000 --port-range 8000"),
        ("serve --port 8000x -p 8000", "serve --port 8000x -p 8000"),
        ("serve --x--port 8000", "serve --x--port 8000"),
        ("serve --port 8680", "serve --port 9001"),
    ],
)
def test_label_gets_mount_path_and_port(script, command):
    """Whole words and whole options only, whatever port the label was written with."""
    assert start_command(OTHER, script, mount_path="/data", port=9001) == command


def test_mount_path_is_taken_literally():
    """A backslash in it is no escape of a regular expression."""
    assert start_command(OTHER, "serve /model_dir", mount_path=r"/a\1", port=1) == r"serve /a\1"
