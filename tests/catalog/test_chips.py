"""Chips of instance types, and images built for them."""

import pytest

from eas_deploy.calls import MachineSpec
from eas_deploy.catalog.chips import check_chip, chip_by_name, chip_of
from eas_deploy.catalog.frameworks import OTHER, SGLANG, VLLM


def machine(name, gpus):
    return MachineSpec.model_validate({"InstanceType": name, "GPUAmount": gpus})


CPU = machine("ecs.c7.xlarge", 0)
GPU = machine("ecs.gn7i-c16g1.4xlarge", 1)
PPU = machine("ecs.ebmppu1.48xlarge", 16)
XPU = machine("ecs.egs1.8xlarge", 8)


@pytest.mark.parametrize(
    ("spec", "chip"),
    [(CPU, "CPU"), (GPU, "GPU"), (PPU, "PPU"), (XPU, "XPU"), (machine("ml.gu7i.c8m30.1-gu30", 1), "GPU")],
)
def test_chip_of_a_listed_type(spec, chip):
    assert chip_of(spec) == chip


def test_number_of_gpus_left_out():
    assert chip_of(MachineSpec.model_validate({"InstanceType": "ecs.c7.xlarge"})) == "CPU"


@pytest.mark.parametrize(
    ("name", "chip"),
    [
        ("ecs.gn9z.xlarge", "GPU"),
        ("ml.gu8.1", "GPU"),
        ("ecs.ebmppu2.large", "PPU"),
        ("ecs.egs9.large", "XPU"),
        ("ecs.g9.xlarge", "CPU"),
        ("nonsense", None),
    ],
)
def test_chip_told_by_a_name(name, chip):
    assert chip_by_name(name) == chip


@pytest.mark.parametrize(
    ("image_chip", "spec", "severity"),
    [
        ("GPU", GPU, None),
        ("GPU", CPU, "warning"),
        ("GPU", PPU, "error"),
        ("GPU", XPU, "error"),
        ("CPU", CPU, None),
        ("CPU", GPU, None),
        ("CPU", PPU, None),
        ("CPU", XPU, None),
        ("PPU", PPU, None),
        ("PPU", GPU, "error"),
        ("PPU", CPU, "error"),
        ("PPU", XPU, "error"),
        ("XPU", XPU, None),
        ("XPU", GPU, "error"),
        ("XPU", CPU, "error"),
        ("XPU", PPU, "error"),
        (None, CPU, None),
        ("TPU", CPU, None),
    ],
)
def test_image_on_machine(image_chip, spec, severity):
    findings = check_chip(image_chip, OTHER, spec)
    assert [(found.rule, found.severity) for found in findings] == (
        [("image.chip", severity)] if severity else []
    )


@pytest.mark.parametrize("framework", [VLLM, SGLANG], ids=lambda framework: framework.title)
def test_frameworks_that_never_run_on_a_cpu(framework):
    """What vendors' examples may do with other images, vLLM and SGLang cannot."""
    assert [found.severity for found in check_chip("GPU", framework, CPU)] == ["error"]


def test_what_the_finding_says():
    (finding,) = check_chip("PPU", VLLM, GPU, path="cloud.computing.instances[0].type")
    assert finding.path == "cloud.computing.instances[0].type"
    assert "PPU" in finding.message
    assert "ecs.gn7i-c16g1.4xlarge" in finding.message
    assert "ecs.ebmppu*" in finding.hint
