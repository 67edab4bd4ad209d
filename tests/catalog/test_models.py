"""Model families, and models on images that are for something else."""

import pytest

from eas_deploy.catalog.frameworks import COMFYUI, OTHER, SD_WEBUI, SGLANG, VLLM
from eas_deploy.catalog.models import category_of, check_category


@pytest.mark.parametrize(
    ("model", "category"),
    [
        ("oss://bucket/qwen2.5-0.5b-instruct/", "language model"),
        ("oss://bucket/Qwen/Qwen2.5-7B-Instruct", "language model"),
        ("oss://bucket/llama3-8b-instruct/", "language model"),
        ("oss://bucket/Meta-Llama-3.1-8B/", "language model"),
        ("deepseek-ai/DeepSeek-R1", "language model"),
        ("/mnt/chatglm2_6b", "language model"),
        ("glm4v", "language model"),
        ("oss://bucket/Yi-34B/", "language model"),
        ("oss://bucket/sdxl-v1.0/", "image generation"),
        ("sd15", "image generation"),
        ("sd_xl_base_1.0.safetensors", "image generation"),
        ("stable-diffusion-v1-5", "image generation"),
        ("FLUX.1-dev", "image generation"),
        ("Qwen-Image", "image generation"),
        ("CosyVoice2-0.5B", "speech"),
        ("whisper-large-v3", "speech"),
        ("bge-m3", "embedding"),
        ("gte-Qwen2-7B-instruct", "embedding"),
        ("Qwen3-Embedding-0.6B", "embedding"),
    ],
)
def test_family(model, category):
    assert category_of(model) == category


@pytest.mark.parametrize(
    "model",
    [
        "oss://bucket/weights/",
        "oss://bucket/",
        "oss://bucket",
        "oss://qwen-models/weights/",
        "sdcard",
        "photos",
        "yield-forecast",
        "stable-release/diffusion-free",
        "7b",
        "",
    ],
)
def test_no_family(model):
    """Whole words only, and never the bucket: a guess would be worse than nothing."""
    assert category_of(model) is None


def test_last_part_of_the_path_decides():
    assert category_of("oss://bucket/sdxl/qwen2-7b/") == "language model"


def test_earlier_part_when_the_last_says_nothing():
    assert category_of("oss://bucket/qwen2-7b/v1/") == "language model"


@pytest.mark.parametrize(
    ("model", "framework", "named"),
    [
        ("oss://b/qwen2-7b/", COMFYUI, "language model"),
        ("oss://b/llama3/", SD_WEBUI, "language model"),
        ("oss://b/sdxl/", VLLM, "image generation"),
        ("oss://b/flux.1-dev/", SGLANG, "image generation"),
    ],
)
def test_model_on_the_wrong_image(model, framework, named):
    """The warning names the category that the model is of."""
    (finding,) = check_category(model, framework)
    assert (finding.rule, finding.severity) == ("model.category", "warning")
    assert finding.path == "storage[0].oss.path"
    assert named in finding.hint


@pytest.mark.parametrize(
    ("model", "framework"),
    [
        ("oss://b/qwen2-7b/", VLLM),
        ("oss://b/sdxl/", COMFYUI),
        ("oss://b/qwen2-7b/", OTHER),
        ("oss://b/weights/", COMFYUI),
        ("oss://b/whisper-large/", VLLM),
        ("oss://b/bge-m3/", COMFYUI),
    ],
)
def test_nothing_to_say(model, framework):
    assert check_category(model, framework) == []
