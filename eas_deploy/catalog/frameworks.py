"""Serving frameworks: how an image is recognised, what it serves and how it is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from eas_deploy.rules.image_ref import ImageRef

ModelCategory = Literal["language model", "image generation", "speech", "embedding"]

_NO_LABELS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Framework:
    """What is known of a serving framework.

    Attributes:
        title: Its name for readers, ``"vLLM"``.
        image_name: The name of its images, without registry and tag; empty for none.
        label: The image label that marks it; its value is the version. Empty for none.
        serves: The category of model it is made for; None when it serves any.
        needs_gpu: Whether it never runs on a CPU.
        command: How it is started, with ``{mount_path}`` and ``{port}``; None when only the image knows.
    """

    title: str
    image_name: str = ""
    label: str = ""
    serves: ModelCategory | None = None
    needs_gpu: bool = False
    command: str | None = None


VLLM = Framework(
    title="vLLM",
    image_name="vllm",
    label="system.framework.vLLM",
    serves="language model",
    needs_gpu=True,
    command="vllm serve {mount_path} --port {port} --trust-remote-code",
)
SGLANG = Framework(
    title="SGLang",
    image_name="sglang",
    label="system.framework.SGLang",
    serves="language model",
    needs_gpu=True,
    command="python -m sglang.launch_server --model-path {mount_path} --host 0.0.0.0 --port {port}",
)
COMFYUI = Framework(
    title="ComfyUI",
    image_name="comfyui",
    label="system.framework.ComfyUI",
    serves="image generation",
    command="python main.py --listen 0.0.0.0 --port {port}",
)
SD_WEBUI = Framework(
    title="Stable Diffusion WebUI",
    image_name="stable-diffusion-webui",
    label="system.framework.StableDiffusionWebUI",
    serves="image generation",
)
CHAT_LLM = Framework(
    title="Chat LLM WebUI",
    image_name="chat-llm-webui",
    label="system.framework.ChatLLM",
    serves="language model",
)
OTHER = Framework(title="other")

_KNOWN = (VLLM, SGLANG, COMFYUI, SD_WEBUI, CHAT_LLM)


def framework_of(image: str, labels: Mapping[str, str] = _NO_LABELS) -> Framework:
    """The framework of an image: by the image's name, else by its labels, else ``OTHER``.

    The whole name counts: ``chat-llm-webui:3.0-vllm`` is not vLLM.

    Args:
        image: A URI or a catalogue name.
        labels: The labels of the image in the catalogue, when it is there.

    Example:
        >>> framework_of("registry.example.com/team/vllm:1").title
        'vLLM'
    """
    name = ImageRef.parse(image).name
    for framework in _KNOWN:
        if framework.image_name == name:
            return framework
    for framework in _KNOWN:
        if framework.label in labels:
            return framework
    return OTHER
