"""Finding an instance type, its alternatives, and the GPU that replaces a CPU."""

import pytest

from eas_deploy.calls import MachineSpec
from eas_deploy.catalog.machines import find_machine, pick_gpu
from eas_deploy.errors import ResourceNotFoundError


def machine(name, cpu, memory, gpus=(0, 0, None)):
    """An available type; ``gpus`` is their number, the memory of each in GB, and their model."""
    amount, gpu_memory, model = gpus
    return MachineSpec.model_validate(
        {
            "InstanceType": name,
            "CPU": cpu,
            "Memory": memory,
            "GPUAmount": amount,
            "GPUMemory": gpu_memory,
            "GPU": model,
            "IsAvailable": True,
        }
    )


C7_LARGE = machine("ecs.c7.large", 2, 4)
C7_XLARGE = machine("ecs.c7.xlarge", 4, 8)
C7_4XLARGE = machine("ecs.c7.4xlarge", 16, 32)
P4 = machine("ecs.gn5i-c4g1.xlarge", 4, 16, (1, 8, "P4"))
P100 = machine("ecs.gn5-c4g1.xlarge", 4, 30, (1, 16, "P100"))
T4 = machine("ecs.gn6i-c4g1.xlarge", 4, 15, (1, 16, "T4"))
T4_BIG = machine("ecs.gn6i-c24g1.6xlarge", 24, 93, (1, 16, "T4"))
V100_TWO = machine("ecs.gn6v-c8g1.4xlarge", 16, 64, (2, 16, "V100"))
A10_SMALL = machine("ecs.gn7i-c8g1.2xlarge", 8, 30, (1, 24, "A10"))
A10 = machine("ecs.gn7i-c16g1.4xlarge", 16, 60, (1, 24, "A10"))
PPU = machine("ecs.ebmppu1.large", 8, 64, (1, 96, "PPU"))
XPU = machine("ecs.egs1.large", 8, 64, (1, 96, "XPU"))


def gone(spec):
    return spec.model_copy(update={"is_available": False})


def test_available():
    assert find_machine("ecs.c7.xlarge", [C7_LARGE, C7_XLARGE]) is C7_XLARGE


def test_availability_left_out_counts_as_available():
    """Answers may lack any field; only a clear no is out of stock."""
    silent = C7_XLARGE.model_copy(update={"is_available": None})
    assert find_machine("ecs.c7.xlarge", [silent]) is silent


def test_out_of_stock_names_the_closest_of_the_same_chip():
    machines = [C7_LARGE, gone(C7_XLARGE), C7_4XLARGE, T4]
    with pytest.raises(ResourceNotFoundError, match="out of stock") as caught:
        find_machine("ecs.c7.xlarge", machines)
    (finding,) = caught.value.findings
    assert (finding.rule, finding.severity) == ("instance.no_stock", "error")
    assert finding.path == "cloud.computing.instance_type"
    assert finding.hint == "the nearest available: ecs.c7.large, ecs.c7.4xlarge"
    assert caught.value.kind == "instance type"


def test_closeness_counts_gpus_then_gpu_memory_then_cores():
    """One A10 is missing: the other A10 shares both, T4s share the number of GPUs, nearer cores first."""
    machines = [V100_TWO, T4, T4_BIG, gone(A10), A10_SMALL, C7_4XLARGE]
    with pytest.raises(ResourceNotFoundError) as caught:
        find_machine("ecs.gn7i-c16g1.4xlarge", machines)
    assert caught.value.findings[0].hint == (
        "the nearest available: ecs.gn7i-c8g1.2xlarge, ecs.gn6i-c24g1.6xlarge, ecs.gn6i-c4g1.xlarge"
    )


def test_equally_close_ones_go_by_name():
    twins = [machine("ecs.r9.xlarge", 4, 8), machine("ecs.c9.xlarge", 4, 8)]
    with pytest.raises(ResourceNotFoundError) as caught:
        find_machine("ecs.c7.xlarge", [gone(C7_XLARGE), *twins])
    assert caught.value.findings[0].hint == "the nearest available: ecs.c9.xlarge, ecs.r9.xlarge"


def test_nothing_of_the_chip_left():
    with pytest.raises(ResourceNotFoundError, match="no instance type of that chip") as caught:
        find_machine("ecs.ebmppu1.large", [gone(PPU), A10, C7_LARGE])
    assert "ecs.gn7i" not in str(caught.value)


def test_unknown_type_names_the_most_alike_of_its_chip():
    with pytest.raises(ResourceNotFoundError, match="does not exist") as caught:
        find_machine("ecs.gn7i-c16g1.5xlarge", [C7_4XLARGE, T4, A10, A10_SMALL, gone(T4_BIG)])
    (finding,) = caught.value.findings
    assert finding.rule == "instance.unknown"
    assert finding.hint.startswith("the nearest available: ecs.gn7i-c16g1.4xlarge, ecs.gn7i-c8g1.2xlarge")
    assert "c7.4xlarge" not in finding.hint
    assert "gn6i-c24g1" not in finding.hint


def test_unknown_type_of_a_family_that_tells_no_chip():
    with pytest.raises(ResourceNotFoundError, match=r"ecs\.c7\.xlarge"):
        find_machine("c7.xlarge", [C7_XLARGE, A10])


def test_unknown_type_in_an_empty_catalogue():
    with pytest.raises(ResourceNotFoundError, match="the 0 instance types"):
        find_machine("ecs.c7.xlarge", [])


def test_path_of_the_finding():
    with pytest.raises(ResourceNotFoundError) as caught:
        find_machine("ecs.none", [C7_LARGE], path="cloud.computing.instances[1].type")
    assert caught.value.findings[0].path == "cloud.computing.instances[1].type"


def test_gpu_preferred():
    """The default wins even over smaller ones."""
    assert pick_gpu([T4, A10_SMALL, A10]) is A10


@pytest.mark.parametrize(
    ("machines", "expected"),
    [
        ([V100_TWO, A10_SMALL], "ecs.gn7i-c8g1.2xlarge"),
        ([A10_SMALL, T4_BIG], "ecs.gn6i-c24g1.6xlarge"),
        ([T4_BIG, T4], "ecs.gn6i-c4g1.xlarge"),
        ([machine("b", 4, 16, (1, 16, "T4")), machine("z", 4, 15, (1, 16, "T4"))], "z"),
        ([machine("b", 4, 15, (1, 16, "T4")), machine("a", 4, 15, (1, 16, "T4"))], "a"),
    ],
    ids=["fewest GPUs", "least GPU memory", "fewest cores", "least memory", "name"],
)
def test_gpu_order(machines, expected):
    assert pick_gpu(machines).instance_type == expected


def test_gpu_default_out_of_stock():
    assert pick_gpu([gone(A10), V100_TWO]) is V100_TWO


@pytest.mark.parametrize(
    "unfit",
    [
        P4,
        P100,
        machine("ecs.gn5-x", 4, 30, (1, 16, "Tesla-P100")),
        machine("ecs.vgn6i", 4, 15, (1, 15, "T4")),
        machine("ecs.gn9", 4, 15, (1, None, "T4")),
        PPU,
        XPU,
        C7_4XLARGE,
        gone(T4),
    ],
    ids=lambda spec: f"{spec.instance_type}-{spec.gpu}",
)
def test_gpu_that_vllm_cannot_use(unfit):
    """Less than 16 GB, older than compute capability 7.0, not NVIDIA, no GPU, or no stock."""
    assert pick_gpu([unfit, V100_TWO]) is V100_TWO
    with pytest.raises(ResourceNotFoundError) as caught:
        pick_gpu([unfit])
    assert [found.rule for found in caught.value.findings] == ["instance.no_stock"]
