"""Model families: what kind of model a path or a name speaks of."""

from __future__ import annotations

import re

from eas_deploy.catalog.frameworks import Framework, ModelCategory
from eas_deploy.findings import Finding

# Read in this order, so that Qwen-Image is no language model and gte-Qwen2 an embedding model.
# A family may be several words. Words that are common in other names (step, command, opt) are left out.
_FAMILIES: dict[ModelCategory, tuple[str, ...]] = {
    "embedding": ("bge", "embedding", "gte", "reranker"),
    "speech": ("asr", "chattts", "cosyvoice", "funasr", "paraformer", "sensevoice", "tts", "whisper"),
    "image generation": (
        *("cogview", "controlnet", "flux", "hunyuan dit", "kandinsky", "kolors", "pixart"),
        *("qwen image", "sd", "sdxl", "stable diffusion", "z image"),
    ),
    "language model": (
        *(
            "baichuan",
            "chatglm",
            "codellama",
            "deepseek",
            "ernie",
            "falcon",
            "gemma",
            "glm",
            "gpt",
            "hunyuan",
        ),
        *("internlm", "internvl", "kimi", "llama", "minicpm", "minimax", "mistral", "mixtral", "moonshot"),
        *("phi", "qvq", "qwen", "qwq", "tinyllama", "vicuna", "yi"),
    ),
}
# The letters that a token begins with: the rest of it is a version (qwen2, sd15, glm4v).
_WORD = re.compile(r"(?<![a-z0-9])[a-z]+")
_FITTING_IMAGES: dict[ModelCategory, str] = {
    "language model": "vLLM or SGLang",
    "image generation": "ComfyUI or Stable Diffusion WebUI",
}


def category_of(model: str) -> ModelCategory | None:
    """The kind of a model, told by its name; None when no family is recognised.

    The last part of a path that names a family decides, and the bucket never does. Whole words count,
    with or without a version: ``qwen2.5`` is Qwen, ``sdcard`` is not Stable Diffusion.

    Args:
        model: ``oss://bucket/qwen2.5-7b-instruct/``, a mount path or a model name.

    Example:
        >>> category_of("oss://my-bucket/sdxl-v1.0/")
        'image generation'
    """
    path = model.lower().rstrip("/")
    if "://" in path:
        path = path.partition("://")[2].partition("/")[2]
    for part in reversed(path.split("/")):
        words = f" {' '.join(_WORD.findall(part))} "
        for category, families in _FAMILIES.items():
            if any(f" {family} " in words for family in families):
                return category
    return None


def check_category(
    model: str | None, framework: Framework, *, path: str = "storage[0].oss.path"
) -> list[Finding]:
    """A warning of rule ``model.category`` when model and image are for different things.

    Only language models and image generation are told apart; other kinds run on many images.

    Args:
        model: Where the model is, or its name; None gives no finding.
        framework: The framework of the image.
        path: Where the config names the model.
    """
    category = category_of(model) if model else None
    if category not in _FITTING_IMAGES or framework.serves not in _FITTING_IMAGES:
        return []
    if category == framework.serves:
        return []
    return [
        Finding(
            rule="model.category",
            severity="warning",
            path=path,
            message=f"{model} looks like the category {category}, and {framework.title} images serve {framework.serves}",
            hint=f"for {category} use an image of {_FITTING_IMAGES[category]}",
        )
    ]
