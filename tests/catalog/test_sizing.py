"""How much GPU memory a model needs, and which machines have it."""

from dataclasses import dataclass

import pytest

from eas_deploy import Deployer
from eas_deploy.catalog.sizing import Shape, fits, need_of
from eas_deploy.emulator import Emulator
from eas_deploy.errors import ConfigError


@dataclass
class Machine:
    instance_type: str
    gpu: str | None
    gpu_amount: int
    gpu_memory: float
    cpu: int = 16
    memory: float = 60
    is_available: bool = True
    stock_status: str | None = "WithStock"


A10 = Machine("ecs.gn7i-1", "A10", 1, 24)
A10_TWICE = Machine("ecs.gn7i-2", "A10", 2, 24)
A100_4 = Machine("ecs.gn7e-4", "A100", 4, 80)
T4 = Machine("ecs.gn6i-1", "T4", 1, 16)
V100_32 = Machine("ecs.gn6e-1", "V100", 1, 32)
GU30 = Machine("ml.gu7i-1", "GU30", 1, 24)
P100 = Machine("ecs.gn5-1", "P100", 1, 16)
L20 = Machine("ecs.gn8is-1", "L20", 1, 48)
CPU = Machine("ecs.c7-1", None, 0, 0)


def names(found):
    return [one.machine.instance_type for one in found]


def test_weights_are_parameters_times_bytes():
    assert need_of(7, "bf16").weights_gb == 14
    assert need_of(7, "fp8").weights_gb == 7
    assert need_of(7, "float32").weights_gb == 28


def test_cache_by_the_formula():
    """2 x 28 layers x 4 KV heads x 128 x 2 bytes = 57,344 bytes a token (Qwen2.5-7B)."""
    need = need_of(7.6, context=10_000, sequences=5, shape=Shape(28, 4, 128))
    assert need.kv_cache_gb == pytest.approx(57_344 * 50_000 / 1e9)


def test_shape_of_a_known_model_of_that_size():
    """Llama-3.1-8B: 131,072 bytes a token."""
    need = need_of(7, context=8192)
    assert need.kv_cache_gb == pytest.approx(131_072 * 8192 / 1e9)
    assert "Llama-3.1-8B" in str(need)


def test_every_figure_has_its_source():
    told = str(need_of(7))
    for figure in (
        "weights: 2 bytes",
        "KV cache: 2 x 32 layers",
        "overhead: 2 GB",
        "90%",
        "DescribeMachineSpec",
    ):
        assert figure in told


def test_seven_billion_in_16_bits_fit_one_a10():
    """14 + 1.1 + 2 GB of 21.6 GB."""
    (fit,) = fits(need_of(7), [A10])
    assert fit.tensor_parallel == 1
    assert fit.needed_gb == pytest.approx(17.07, abs=0.01)
    assert fit.usable_gb == pytest.approx(21.6)


def test_larger_models_are_split():
    """32 B in 16 bits: 64 GB and cache, too much for 72 GB once, and little enough for two of them."""
    (fit,) = fits(need_of(34), [A100_4])
    assert fit.tensor_parallel == 2
    assert fits(need_of(34), [A10_TWICE]) == []


def test_smallest_first():
    found = fits(need_of(7), [A100_4, L20, A10_TWICE, GU30, A10])
    assert names(found) == ["ecs.gn7i-1", "ml.gu7i-1", "ecs.gn8is-1", "ecs.gn7i-2", "ecs.gn7e-4"]


@pytest.mark.parametrize("machine", [CPU, P100, Machine("ecs.ebmppu-1", "PPU", 8, 96)])
def test_what_vllm_cannot_use_is_left_out(machine):
    assert fits(need_of(0.5, "fp16"), [machine]) == []


def test_what_is_out_of_stock_is_left_out():
    assert fits(need_of(7), [Machine("ecs.gn7i-1", "A10", 1, 24, is_available=False)]) == []


def test_what_has_no_stock_is_not_recommended():
    """Whatever IsAvailable says."""
    assert fits(need_of(7), [Machine("ecs.gn7i-1", "A10", 1, 24, stock_status="NoStock")]) == []


def test_a_stock_that_may_end_is_noted():
    (fit,) = fits(need_of(7), [Machine("ecs.gn7i-1", "A10", 1, 24, stock_status="ClosedWithStock")])
    assert "ClosedWithStock" in fit.notes[0]
    (untold,) = fits(need_of(7), [Machine("ecs.gn7i-1", "A10", 1, 24, stock_status=None)])
    assert untold.notes == ()


def test_old_gpus_have_no_bf16():
    assert names(fits(need_of(3, "fp16"), [T4, V100_32])) == ["ecs.gn6i-1", "ecs.gn6e-1"]
    assert fits(need_of(3, "bf16"), [T4, V100_32]) == []


def test_fp8_needs_a_new_gpu():
    assert names(fits(need_of(7, "fp8"), [A10, L20])) == ["ecs.gn8is-1"]


def test_a_gpu_that_is_not_known_is_told():
    (fit,) = fits(need_of(7), [GU30])
    assert "GU30" in fit.notes[0]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"parameters_b": 0}, "parameters_b"),
        ({"parameters_b": float("nan")}, "parameters_b"),
        ({"parameters_b": float("inf")}, "parameters_b"),
        ({"parameters_b": "7"}, "parameters_b"),
        ({"parameters_b": True}, "parameters_b"),
        ({"parameters_b": 7, "context": -1}, "context"),
        ({"parameters_b": 7, "sequences": 0}, "sequences"),
        ({"parameters_b": 7, "dtype": "bf17"}, "dtype"),
    ],
)
def test_what_makes_no_sense(arguments, path):
    with pytest.raises(ConfigError, match=path):
        need_of(**arguments)


def test_recommended_by_a_deployer():
    """Only what is available now; the text shows figures and sources."""
    with Emulator() as emulator, Deployer("cn-hangzhou", **emulator.connection()) as deployer:
        found = deployer.recommend(parameters_b=7, dtype="bf16", context=8192)
        none = deployer.recommend(parameters_b=2000)
    assert found[0].machine.gpu_amount == 1
    assert "ecs.gn7i-c16g1.4xlarge" in names(found)
    assert "tensor parallel" in str(found)
    assert "<table>" in found._repr_html_()
    assert list(none) == []
    assert "No available instance type" in str(none)
    for way in ("machine_specs()", "dtype than bf16", "shorter context", "another region"):
        assert way in str(none)
