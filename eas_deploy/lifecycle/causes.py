"""What ails a service: from what it tells of itself to causes and remedies in words.

Pure: facts in, causes out. The words that are looked for are those of Kubernetes, of the NVIDIA and PyTorch
stack and of vLLM and SGLang, as they appear in events, replicas and logs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from eas_deploy.lifecycle.moments import ago
from eas_deploy.lifecycle.symptoms import Line, Symptoms

CauseKind: TypeAlias = Literal[
    "stopped",
    "no_replicas",
    "image_pull_failure",
    "quota",
    "no_stock",
    "no_gpu",
    "wrong_chip",
    "gpu_out_of_memory",
    "out_of_memory",
    "model_path_missing",
    "token_rejected",
    "wrong_port",
    "probe_failing",
    "crash_loop",
    "not_routed",
    "reported",
]

_EVIDENCE = 3
_RESTARTS = 3


@dataclass(frozen=True)
class Cause:
    """One thing that is wrong, most likely.

    Attributes:
        kind: Its kind, for programs.
        what: What it is, in words.
        fix: What to do about it.
        evidence: The lines that tell of it, with their age where it is known.
        age_s: How long ago it was told of last, in seconds; None if anything without a time tells of it.
        is_current: Whether it goes on. False if it was only told of before the last change, or has not been
            for long, or only by the log of a service that is well or at rest, so that it may be over; such
            causes come last.
    """

    kind: CauseKind
    what: str
    fix: str
    evidence: tuple[str, ...] = ()
    age_s: float | None = None
    is_current: bool = True

    @property
    def headline(self) -> str:
        """What it is, and if it may be over, when it was told of last."""
        if self.is_current:
            return self.what
        last = "" if self.age_s is None else f"last {ago(self.age_s)}; "
        return f"{self.what} ({last}it may be over)"

    def __str__(self) -> str:
        seen = "".join(f"\n    seen: {line}" for line in self.evidence)
        return f"{self.headline}\n    do: {self.fix}{seen}"


@dataclass(frozen=True)
class _Pattern:
    """A cause that is known by words."""

    kind: CauseKind
    words: re.Pattern[str]
    what: str
    fix: str

    def find(self, symptoms: Symptoms) -> Iterator[Cause]:
        seen = [line for line in symptoms.lines() if self.words.search(line.words)]
        if seen:
            yield Cause(self.kind, self.what, self.fix, _distinct(seen), _age_s(seen))


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_KNOWN_BY_WORDS = (
    _Pattern(
        "image_pull_failure",
        _words(
            "ImagePullBackOff", "ErrImagePull", "failed to pull image", "InvalidImageName", "manifest unknown"
        ),
        "The image cannot be pulled.",
        "Check its name and tag; take it from this region's registry at its -vpc address; for a private registry "
        "give dockerAuth.",
    ),
    _Pattern(
        "quota",
        _words(
            r"quota.{0,40}exceed", r"exceed.{0,40}quota", "QuotaExceeded", "insufficient balance", "arrearage"
        ),
        "A quota of the account is used up, or its balance.",
        "Raise the quota in the console of the product that is named, free something, or settle the account.",
    ),
    _Pattern(
        "no_stock",
        _words(
            "no ?stock",
            "out ?of ?stock",
            "FailedScheduling",
            "ResourceNotEnough",
            r"insufficient (cpu|mem|\S*gpu)",
        ),
        "No machine of the instance type is free.",
        "Choose another instance type (deployer.machine_specs() tells what is in stock), give several with "
        "cloud.computing.instances, or try another region or resource group.",
    ),
    _Pattern(
        "no_gpu",
        _words(
            "no CUDA GPUs are available",
            "found no NVIDIA driver",
            "no CUDA-capable device",
            "failed to infer device type",
            "libcuda.so.1: cannot open",
        ),
        "The program finds no GPU.",
        "Deploy on a GPU instance type; in a resource group ask for one with metadata.gpu.",
    ),
    _Pattern(
        "wrong_chip",
        _words(
            "no kernel image is available",
            "exec format error",
            "is not compatible with the current PyTorch installation",
            r"only supported on GPUs with compute capability",
            "CUDA driver version is insufficient",
        ),
        "The image does not fit the chip or the driver of the machine.",
        "Take an instance type with a newer GPU, an image made for this chip, or set "
        'features["eas.aliyun.com/gpu-driver-version"]; for bfloat16 on an old GPU pass --dtype half.',
    ),
    _Pattern(
        "gpu_out_of_memory",
        _words(
            "CUDA out of memory",
            r"cuda\.OutOfMemoryError",
            "no available memory for the cache blocks",
            r"larger than the (maximum number of tokens|available KV cache memory)",
        ),
        "The memory of the GPU is too small for the model with its context.",
        "Lower --max-model-len, take a GPU with more memory or several with --tensor-parallel-size; "
        "deployer.recommend() tells which fit.",
    ),
    _Pattern(
        "out_of_memory",
        _words("OOMKilled", "exit code:? 137", "out of memory: kill", "cannot allocate memory"),
        "The container used more memory than it has, and was killed.",
        "Take an instance type with more memory (or raise metadata.memory); for multi-process loaders raise "
        "metadata.shm_size.",
    ),
    _Pattern(
        "model_path_missing",
        _words(
            r"no such file or directory: ['\"]?/\S*model",
            "does not appear to have a file named config.json",
            "repo id must be in the form",
            "is not a local folder and is not a valid model identifier",
            "NoSuchBucket",
            "FailedMount",
            "MountVolume.SetUp failed",
        ),
        "The model is not where the program looks for it.",
        "Check the storage entry: bucket, path with its last slash, region, and that mount_path is the path in the "
        "command; the directory must hold config.json.",
    ),
    _Pattern(
        "token_rejected",
        _words(
            "GatedRepoError",
            r"401 client error.{0,80}(huggingface|modelscope)",
            "invalid username or password",
            r"access to model \S+ is restricted",
            "Invalid user token",
        ),
        "A token was refused where the program downloads something.",
        "Renew the token in the service's environment (HF_TOKEN), accept the model's licence, or mount the model from "
        "OSS.",
    ),
    _Pattern(
        "probe_failing",
        _words("(startup|liveness|readiness) probe failed", "Unhealthy"),
        "A health check fails, so the replica is not used, or restarted.",
        "Check path and port of the probe against the program's own; a large model needs a longer "
        "initial_delay_seconds or more failure_threshold.",
    ),
)

_LISTENS = re.compile(
    r"(?:running on|listening (?:on|at)|serving (?:on|at)|to see the gui go to):?\s+"
    r"(?:https?://)?(?:\[[\d:a-f]*\]|[\w.*-]+)?:(\d{2,5})\b",
    re.IGNORECASE,
)


def causes_of(symptoms: Symptoms) -> tuple[Cause, ...]:
    """The causes that the symptoms tell of, the one that explains most first; what may be over comes last."""
    now = symptoms.of_now()
    found = [cause for find in _FINDERS for cause in find(now)]
    kinds = {cause.kind for cause in found}
    before = (cause for find in _FINDERS for cause in find(symptoms.of_before()))
    over = [replace(cause, is_current=False) for cause in before if cause.kind not in kinds]
    return (*found, *_reported(symptoms), *sorted(over, key=lambda cause: cause.age_s or 0.0))


def _at_rest(symptoms: Symptoms) -> Iterator[Cause]:
    """Nothing runs, because nothing should."""
    if symptoms.info.status == "Stopped":
        yield Cause("stopped", "It was stopped.", "start() runs it again.")
    elif symptoms.at_rest:
        yield Cause("no_replicas", "It has 0 replicas.", "scale() runs it.")


def _wrong_port(symptoms: Symptoms) -> Iterator[Cause]:
    """The program listens where the gateway does not call."""
    containers = symptoms.config.get("containers") or []
    expected = {int(one.get("port") or 8000) for one in containers if isinstance(one, dict)}
    log = [*symptoms.previous_log, *symptoms.log]
    heard = {line: int(match[1]) for line in log if (match := _LISTENS.search(line))}
    if not expected or not heard or expected & set(heard.values()):
        return
    ports = ", ".join(str(port) for port in sorted(set(heard.values())))
    wanted = ", ".join(str(port) for port in sorted(expected))
    yield Cause(
        "wrong_port",
        f"The program listens on port {ports}, and the gateway calls port {wanted}.",
        "Make containers[0].port and the command's --port the same.",
        _distinct(Line("log", line) for line in heard),
    )


def _token_of_service(symptoms: Symptoms) -> Iterator[Cause]:
    if symptoms.refused:
        yield Cause(
            "token_rejected",
            "The gateway refuses the service's own token.",
            "It was reset a moment ago, or the address belongs to another service: refresh() and get_endpoints().",
            (f"gateway: {symptoms.gateway}",),
        )


def _crash_loop(symptoms: Symptoms) -> Iterator[Cause]:
    words = _words("CrashLoopBackOff", "back-off restarting failed container")
    seen = [line for line in symptoms.lines() if words.search(line.words)]
    if not (symptoms.well or symptoms.at_rest):  # restarts are counted for ever
        seen += [
            Line(f"replica {one.instance_name}", f"restarted {one.restart_count} times")
            for one in symptoms.instances
            if (one.restart_count or 0) >= _RESTARTS
        ]
    if seen:
        yield Cause(
            "crash_loop",
            "The program ends soon after its start, again and again.",
            "Look at logs(previous=True) for its last words, and check command, arguments and environment.",
            _distinct(seen),
            _age_s(seen),
        )


def _not_routed(symptoms: Symptoms) -> Iterator[Cause]:
    explained = symptoms.gateway is None or symptoms.refused or symptoms.at_rest
    if symptoms.info.status == "Running" and not explained:
        yield Cause(
            "not_routed",
            "The service runs and its gateway does not lead to it.",
            "Right after the start: wait_until_ready(). Later: check the port, the health check and the network.",
            (f"gateway: {symptoms.gateway}",),
        )


_FINDERS: tuple[Callable[[Symptoms], Iterator[Cause]], ...] = (
    _at_rest,
    *(pattern.find for pattern in _KNOWN_BY_WORDS[:-1]),
    _token_of_service,
    _wrong_port,
    _KNOWN_BY_WORDS[-1].find,
    _crash_loop,
    _not_routed,
)


def _reported(symptoms: Symptoms) -> Iterator[Cause]:
    """What the service itself found wrong, in its own words."""
    for entry in symptoms.reported:
        if entry.error or entry.causes:
            yield Cause(
                "reported",
                f"The service reports: {entry.error or 'no name'}.",
                " ".join(entry.advices) or "It gives no advice; look at logs() and events().",
                tuple(entry.causes),
            )


def _distinct(lines: Iterable[Line]) -> tuple[str, ...]:
    """The first few of the lines that differ, each as it was told first; the same thing is told many times."""
    first: dict[tuple[str, str], Line] = {}
    for line in lines:
        first.setdefault((line.source, line.words), line)
    return tuple(map(str, first.values()))[:_EVIDENCE]


def _age_s(lines: Iterable[Line]) -> float | None:
    """The age of the newest of the lines; None if one of them has no time, and so may be of now."""
    ages = [line.age_s for line in lines]
    return None if None in ages else min(age for age in ages if age is not None)
