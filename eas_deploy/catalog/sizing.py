"""How much GPU memory a language model needs, and which machines have it.

Pure. The estimate is
``weights + KV cache, over the GPUs that share them, + overhead on each <= usable part of a GPU's memory``:

* weights = parameters x bytes of a weight
* KV cache = 2 (key and value) x layers x KV heads x head size x bytes of an entry x context x sequences
* overhead = CUDA context, activations and CUDA graphs, on each GPU

All in GB of 10^9 bytes. It is an estimate: whether a model fits is known when it has started.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from numbers import Real
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from eas_deploy.catalog.chips import chip_of
from eas_deploy.catalog.entries import MachineEntry
from eas_deploy.errors import ConfigError
from eas_deploy.findings import Finding

Dtype: TypeAlias = Literal["float32", "bf16", "fp16", "fp8", "int8", "int4"]
"""How a weight is stored; ``int4`` stands for AWQ and GPTQ with four bits."""

USABLE_PART = 0.9
"""Part of a GPU's memory that is used: the default of vLLM's ``--gpu-memory-utilization``."""

OVERHEAD_GB = 2.0
"""CUDA context, activations and CUDA graphs on each GPU, in GB. An assumption: some 1 to 2 GB are usual with
vLLM's defaults, more with very long prompts."""

TENSOR_PARALLEL = (1, 2, 4, 8)
"""Over how many GPUs of one machine a model is split: vLLM asks that the attention heads can be divided by it,
which holds for powers of two with all common models."""

_BYTES: Mapping[Dtype, float] = MappingProxyType(
    {
        "float32": 4.0,
        "bf16": 2.0,
        "fp16": 2.0,
        "fp8": 1.0,
        "int8": 1.0,
        # Four bits, scales and zeros of groups of 128, and embeddings that stay in 16 bits.
        "int4": 0.6,
    }
)
_KV_ENTRY_BYTES = 2.0

# StockStatus of DescribeMachineSpec. The third documented word, ClosedWithStock, is no full stock.
_IN_STOCK, _NO_STOCK = "WithStock", "NoStock"


@dataclass(frozen=True)
class Shape:
    """What of a model's build decides the size of its KV cache.

    Attributes:
        layers: ``num_hidden_layers`` of its config.json.
        kv_heads: ``num_key_value_heads``.
        head_size: ``head_dim``, else ``hidden_size`` by ``num_attention_heads``.
    """

    layers: int
    kv_heads: int
    head_size: int

    @property
    def bytes_per_token(self) -> float:
        """What one token takes in the cache, in bytes."""
        return 2 * self.layers * self.kv_heads * self.head_size * _KV_ENTRY_BYTES


# Size in billions of parameters, shape, and whose config.json it is from. A model without a shape of its own
# takes the smallest of these that is not smaller than itself.
_SHAPES: tuple[tuple[float, Shape, str], ...] = (
    (1.3, Shape(16, 8, 64), "Llama-3.2-1B"),
    (3.3, Shape(28, 8, 128), "Llama-3.2-3B"),
    (8.1, Shape(32, 8, 128), "Llama-3.1-8B"),
    (14.8, Shape(48, 8, 128), "Qwen2.5-14B"),
    (32.8, Shape(64, 8, 128), "Qwen2.5-32B"),
    (72.8, Shape(80, 8, 128), "Qwen2.5-72B"),
    (406.0, Shape(126, 8, 128), "Llama-3.1-405B"),
)

# Compute capability. Source: NVIDIA, "CUDA GPU Compute Capability".
_CAPABILITY: Mapping[str, float] = MappingProxyType(
    {"P4": 6.1, "P100": 6.0, "V100": 7.0, "T4": 7.5, "A100": 8.0, "A10": 8.6, "L20": 8.9, "H20": 9.0}
)
# The least that vLLM supports at all, and with each dtype. Source: vLLM documentation, "Supported hardware".
_LEAST_CAPABILITY = 7.0
_LEAST_FOR: Mapping[Dtype, float] = MappingProxyType({"bf16": 8.0, "fp8": 8.9, "int4": 7.5, "int8": 7.5})


@dataclass(frozen=True)
class Need:
    """What a model needs of GPU memory, with every figure's source.

    Attributes:
        parameters_b: Parameters, in billions.
        dtype: How a weight is stored.
        context: Tokens of one sequence, prompt and answer.
        sequences: Sequences of full length that are served at once.
        weights_gb: The weights.
        kv_cache_gb: The KV cache.
        assumptions: What the figures rest on, in words.
    """

    parameters_b: float
    dtype: Dtype
    context: int
    sequences: int
    weights_gb: float
    kv_cache_gb: float
    assumptions: tuple[str, ...]

    def per_gpu_gb(self, gpus: int) -> float:
        """What each of ``gpus`` GPUs holds, in GB."""
        return (self.weights_gb + self.kv_cache_gb) / gpus + OVERHEAD_GB

    @property
    def nowhere(self) -> str:
        """What is said when no machine has it: why that may be, and what to do."""
        return (
            "No available instance type has that much. Next: look at machine_specs() for what is out of stock only; "
            f"ask for another dtype than {self.dtype} (fp8, int8 and int4 need less memory, fp16 no new GPU), a shorter "
            "context or fewer sequences; or try another region."
        )

    def __str__(self) -> str:
        asked = (
            f"{self.parameters_b:g} B parameters as {self.dtype}, {self.sequences} x {self.context} tokens:"
        )
        shared = f"weights {self.weights_gb:.1f} GB + KV cache {self.kv_cache_gb:.1f} GB, shared by the GPUs"
        each = f"  {shared}, + {OVERHEAD_GB:g} GB on each"
        return "\n".join([asked, each, *(f"  - {one}" for one in self.assumptions)])


def need_of(
    parameters_b: float,
    dtype: Dtype = "bf16",
    context: int = 8192,
    sequences: int = 1,
    shape: Shape | None = None,
) -> Need:
    """What a language model needs of GPU memory.

    Args:
        parameters_b: Parameters, in billions; of a mixture of experts all of them, not the active ones.
        dtype: How a weight is stored.
        context: Tokens of one sequence, prompt and answer (vLLM's ``--max-model-len``).
        sequences: Sequences of full length at once. vLLM refuses to start with room for less than one.
        shape: The model's own; None takes that of a known model of the same size or the next larger one.

    Raises:
        ConfigError: A number is not positive or not finite, or the dtype is unknown.
    """
    for name, value in (("parameters_b", parameters_b), ("context", context), ("sequences", sequences)):
        if not _is_positive(value):
            raise _refuse(name, f"{value!r} is not a positive number")
    if dtype not in _BYTES:
        raise _refuse("dtype", f"{dtype!r} is not one of {', '.join(_BYTES)}")
    of_model = "the model's own shape"
    if shape is None:
        _, shape, known = next((one for one in _SHAPES if parameters_b <= one[0]), _SHAPES[-1])
        of_model = f"the shape of {known} (its config.json); pass shape= for the model's own"
    factors = f"2 x {shape.layers} layers x {shape.kv_heads} KV heads x {shape.head_size}"
    return Need(
        parameters_b=parameters_b,
        dtype=dtype,
        context=context,
        sequences=sequences,
        weights_gb=parameters_b * _BYTES[dtype],
        kv_cache_gb=shape.bytes_per_token * context * sequences / 1e9,
        assumptions=(
            f"weights: {_BYTES[dtype]:g} bytes each",
            f"KV cache: {factors} x {_KV_ENTRY_BYTES:g} bytes a token; {of_model}",
            f"overhead: {OVERHEAD_GB:g} GB on each GPU, an assumption",
            f"usable: {USABLE_PART:.0%} of a GPU's memory, vLLM's default --gpu-memory-utilization",
            "GPU memory: as DescribeMachineSpec tells it",
        ),
    )


MachineT = TypeVar("MachineT", bound=MachineEntry)


@dataclass(frozen=True)
class Fit(Generic[MachineT]):
    """A machine on which a model fits.

    Attributes:
        machine: The instance type.
        tensor_parallel: Over how many GPUs the model is split: vLLM's ``--tensor-parallel-size``.
        needed_gb: What each of them holds.
        usable_gb: What each of them can hold.
        notes: What speaks for caution.
    """

    machine: MachineT
    tensor_parallel: int
    needed_gb: float
    usable_gb: float
    notes: tuple[str, ...] = ()


def fits(need: Need, machines: Iterable[MachineT]) -> list[Fit[MachineT]]:
    """The available NVIDIA machines on which a model fits, smallest first: by GPUs, their memory, cores, memory, name.

    Args:
        need: What the model needs.
        machines: What DescribeMachineSpec lists.
    """
    found = [one for machine in machines if (one := _fit(need, machine)) is not None]
    return sorted(found, key=_size)


def _fit(need: Need, machine: MachineT) -> Fit[MachineT] | None:
    if machine.is_available is False or machine.stock_status == _NO_STOCK or chip_of(machine) != "GPU":
        return None
    capability = _capability(machine.gpu)
    if capability is not None and capability < max(_LEAST_CAPABILITY, _LEAST_FOR.get(need.dtype, 0.0)):
        return None
    usable_gb = (machine.gpu_memory or 0) * USABLE_PART
    notes = _notes(need, machine, capability)
    for gpus in TENSOR_PARALLEL:
        if gpus <= (machine.gpu_amount or 0) and need.per_gpu_gb(gpus) <= usable_gb:
            return Fit(machine, gpus, need.per_gpu_gb(gpus), usable_gb, notes)
    return None


def _notes(need: Need, machine: MachineEntry, capability: float | None) -> tuple[str, ...]:
    notes = []
    if machine.stock_status not in {_IN_STOCK, None}:
        notes.append(f"its stock may end: StockStatus is {machine.stock_status}")
    if capability is None:
        notes.append(f"whether a {machine.gpu} runs {need.dtype} is not known here")
    return tuple(notes)


def _capability(gpu: str | None) -> float | None:
    words = re.split(r"[\s_-]+", (gpu or "").upper())
    return next((_CAPABILITY[word] for word in words if word in _CAPABILITY), None)


def _size(fit: Fit[MachineT]) -> tuple[float, float, float, float, str]:
    one = fit.machine
    sizes = (one.gpu_amount or 0, one.gpu_memory or 0, one.cpu or 0, one.memory or 0)
    return (*sizes, one.instance_type or "")


def _is_positive(value: Any) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and 0 < value < inf


def _refuse(path: str, message: str) -> ConfigError:
    return ConfigError([Finding("client.argument", "error", path, message)])
