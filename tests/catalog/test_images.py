"""From a reference to a URI: every kind of reference, every ending."""

import pytest

from eas_deploy.calls import ImageInfo
from eas_deploy.catalog.images import is_answered, reference_kind, resolve_image
from eas_deploy.errors import ConfigError, ResourceNotFoundError

HANGZHOU = "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas"


def image(name, *, uri=None, image_id=None, labels=None):
    return ImageInfo.model_validate(
        {
            "ImageId": image_id,
            "Name": name,
            "ImageUri": uri or f"{HANGZHOU}/{name}",
            "Labels": [{"Key": key, "Value": value} for key, value in (labels or {}).items()],
        }
    )


VLLM_GPU = image("vllm:0.14.0-gpu", image_id="image-vllm0140gpu")
VLLM_XPU = image("vllm:0.14.0-xpu")
COMFYUI = image("comfyui:2.2-api")
IMAGES = [VLLM_GPU, VLLM_XPU, COMFYUI]


def resolve(reference, images=IMAGES, region_id="cn-hangzhou"):
    return resolve_image(reference, images, region_id)


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("vllm:0.14.0-gpu", "name"),
        ("vllm", "name"),
        ("image-4c62pso7ca52d5hxz", "id"),
        ("image-tools:1", "name"),
        ("registry.example.com/team/llm:1", "uri"),
        ("lmsysorg/sglang:latest", "uri"),
    ],
)
def test_kind_of_reference(reference, kind):
    assert reference_kind(reference) == kind


def test_exact_name():
    resolved = resolve("vllm:0.14.0-gpu")
    assert resolved.uri == "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu"
    assert resolved.info is VLLM_GPU
    assert resolved.findings == ()


def test_exact_name_wins_over_longer_ones():
    """A name that is also the beginning of others means itself."""
    short = image("vllm:0.14.0")
    assert resolve("vllm:0.14.0", [VLLM_GPU, short, VLLM_XPU]).info is short


def test_unique_prefix():
    assert resolve("comfyui").info is COMFYUI


def test_one_image_listed_twice_is_not_ambiguous():
    assert resolve("comfyui", [COMFYUI, COMFYUI]).info is COMFYUI


def test_ambiguous_prefix_lists_the_candidates():
    with pytest.raises(ConfigError) as caught:
        resolve("vllm:0.14")
    (finding,) = caught.value.findings
    assert (finding.rule, finding.severity, finding.path) == (
        "image.ambiguous",
        "error",
        "containers[0].image",
    )
    assert "vllm:0.14.0-gpu" in finding.message
    assert "vllm:0.14.0-xpu" in finding.message
    assert "comfyui" not in finding.message


def test_unknown_name_names_the_closest():
    """A bare name cannot be pulled, so it is an error."""
    with pytest.raises(ResourceNotFoundError, match=r"vllm:0\.14\.0-gpu") as caught:
        resolve("vlm:0.14.0-gpu")
    assert caught.value.kind == "image"
    assert [(found.rule, found.severity) for found in caught.value.findings] == [("image.unknown", "error")]


def test_unknown_name_in_an_empty_catalogue():
    with pytest.raises(ResourceNotFoundError, match="0 images that ListImages lists"):
        resolve("vllm", [])


def test_name_is_compared_with_case():
    with pytest.raises(ResourceNotFoundError):
        resolve("VLLM:0.14.0-gpu")


def test_id():
    assert resolve("image-vllm0140gpu").uri == f"{HANGZHOU}/vllm:0.14.0-gpu"


def test_unknown_id():
    with pytest.raises(ResourceNotFoundError, match="image-absent"):
        resolve("image-absent")


def test_entries_without_uri_cannot_be_meant():
    """The service may leave any field out; what has no URI cannot be pulled."""
    broken = ImageInfo.model_validate({"Name": "comfyui:9", "ImageId": "image-broken"})
    assert resolve("comfyui", [broken, COMFYUI]).info is COMFYUI
    with pytest.raises(ResourceNotFoundError):
        resolve("image-broken", [broken])


def test_listed_uri():
    resolved = resolve(f"{HANGZHOU}/comfyui:2.2-api")
    assert resolved.info is COMFYUI
    assert resolved.findings == ()


def test_public_host_is_the_same_image():
    """The registry has a host for VPCs and a public one; the caller's is kept."""
    uri = "eas-registry.cn-hangzhou.cr.aliyuncs.com/pai-eas/comfyui:2.2-api"
    resolved = resolve(uri)
    assert resolved.info is COMFYUI
    assert resolved.uri == uri


def test_custom_uri_is_legal_with_a_notice():
    resolved = resolve("registry.example.com/team/llm:1")
    assert resolved.uri == "registry.example.com/team/llm:1"
    assert resolved.info is None
    assert [(found.rule, found.severity) for found in resolved.findings] == [("image.unknown", "notice")]


def test_mistyped_official_uri_gets_its_neighbours():
    (notice,) = resolve(f"{HANGZHOU}/comfyui:2.2-apj").findings
    assert notice.severity == "notice"
    assert "comfyui:2.2-api" in notice.hint


@pytest.mark.parametrize("host", ["eas-registry-vpc", "eas-registry"])
def test_registry_of_another_region(host):
    """Nothing can be pulled from the official registry of another region; the URI here is named."""
    with pytest.raises(ConfigError) as caught:
        resolve(f"{host}.cn-beijing.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu")
    (finding,) = caught.value.findings
    assert (finding.rule, finding.severity) == ("image.region", "error")
    assert finding.hint == f"use {host}.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu"


def test_registry_of_another_region_with_an_image_absent_here():
    with pytest.raises(ConfigError, match="if it exists") as caught:
        resolve("eas-registry-vpc.cn-beijing.cr.aliyuncs.com/pai-eas/vllm:9")
    assert [found.rule for found in caught.value.findings] == ["image.region"]


def test_path_of_the_finding():
    with pytest.raises(ConfigError) as caught:
        resolve_image("vllm", IMAGES, "cn-hangzhou", path="containers[1].image")
    assert caught.value.findings[0].path == "containers[1].image"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("vllm:0.14.0-gpu", True),
        ("vllm", False),
        ("image-vllm0140gpu", True),
        ("image-other", False),
        (f"{HANGZHOU}/vllm:0.14.0-gpu", True),
        ("eas-registry.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu", True),
        ("eas-registry.cn-beijing.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu", False),
    ],
)
def test_paging_ends_at_the_exact_entry(reference, expected):
    """A prefix never ends it: later pages may hold another match."""
    assert is_answered(reference)(VLLM_GPU) is expected


def test_what_the_labels_say():
    labelled = image(
        "pai-rag:0.4.0",
        labels={
            "system.chipType": "CPU",
            "system.eas.default.port": "8680",
            "system.eas.default.script": "python app.py --port 8680",
        },
    )
    resolved = resolve("pai-rag:0.4.0", [labelled])
    assert resolved.chip == "CPU"
    assert resolved.default_port == 8680
    assert resolved.default_script == "python app.py --port 8680"
    assert resolved.framework.title == "other"


def test_what_a_custom_image_says():
    resolved = resolve("registry.example.com/team/sglang:1")
    assert (resolved.chip, resolved.default_port, resolved.default_script) == (None, None, None)
    assert resolved.framework.title == "SGLang"


@pytest.mark.parametrize("port", ["", "http", "8000/tcp", "-1"])
def test_port_label_that_is_no_number(port):
    labelled = image("odd:1", labels={"system.eas.default.port": port})
    assert resolve("odd:1", [labelled]).default_port is None
