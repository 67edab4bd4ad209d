"""Every number of the section "Speed", each beside its peer in one run; fails when a target is missed.

Run by ``nox -s bench``. Absolute times mean little on a shared machine: what counts are the ratios.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import certificates

HERE = Path(__file__).parent
ROUND_TRIP_S = 0.05
SHELL_VALIDATOR_S = 0.39
"""A config by the shell validator that came before this package, measured once with jq 1.6."""


@dataclass(frozen=True)
class Row:
    """One line of the table; ``ratio`` is compared with ``target`` by the sign of ``want``."""

    what: str
    ours: str
    peer: str
    ratio: float
    want: str
    target: float

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.ratio <= self.target if self.want == "<=" else self.ratio >= self.target


class Lab:
    """The server, the proxy, and the processes that are measured."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        certificates.make(folder)
        bundle = str(folder / certificates.BUNDLE)
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        self._environment = {**kept, "SSL_CERT_FILE": bundle, "REQUESTS_CA_BUNDLE": bundle}
        self.near = _free_port()
        self.far = _free_port()

    @contextmanager
    def running(self) -> Iterator[None]:
        """With the server and the proxy in front of it."""
        roles = [
            ["server", str(self.near), "--folder", str(self._folder)],
            ["proxy", str(self.far), "--target", str(self.near)],
        ]
        started = [
            subprocess.Popen(  # noqa: S603 - our own scripts
                [sys.executable, str(HERE / "loopback.py"), *role],
                stdout=subprocess.PIPE,
                env=self._environment,
            )
            for role in roles
        ]
        try:
            for process in started:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            for process in started:
                process.terminate()
                process.communicate()

    def measure(self, workload: str, *numbers: int) -> dict[str, float]:
        """What a workload tells, run in a process of its own."""
        command = [sys.executable, str(HERE / "workloads.py"), workload, *map(str, numbers)]
        done = subprocess.run(  # noqa: S603 - our own scripts
            command, stdout=subprocess.PIPE, env=self._environment, check=True
        )
        told: dict[str, float] = json.loads(done.stdout)
        return told

    def seconds(self, workload: str, *numbers: int, samples: int = 1) -> float:
        """The median of the seconds that a workload tells."""
        return statistics.median(self.measure(workload, *numbers)["s"] for _ in range(samples))

    def import_s(self, *statements: str) -> list[float]:
        """Seconds that each statement takes in a new process; taken in turns, medians."""
        samples: list[list[float]] = [[] for _ in statements]
        for _ in range(7):
            for statement, taken in zip(statements, samples, strict=True):
                code = f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
                done = subprocess.run(  # noqa: S603 - our own code
                    [sys.executable, "-c", code], stdout=subprocess.PIPE, env=self._environment, check=True
                )
                taken.append(float(done.stdout))
        return [statistics.median(taken) for taken in samples]

    def loaded_by(self, statement: str) -> set[str]:
        """The top-level names of the modules that a statement loads."""
        code = f"import json, sys; {statement}; print(json.dumps(sorted({{n.partition('.')[0] for n in sys.modules}})))"
        done = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], stdout=subprocess.PIPE, check=True
        )
        return set(json.loads(done.stdout))

    def control(self, command: str) -> dict[str, int]:
        """What the server has seen so far; ``command`` is ``"reset/"`` or ``"limit/100"``."""
        context = ssl.create_default_context(cafile=str(self._folder / certificates.BUNDLE))
        connection = HTTPSConnection("127.0.0.1", self.near, context=context)
        connection.request("GET", f"/control/{command}")
        told: dict[str, int] = json.loads(connection.getresponse().read())
        connection.close()
        return told


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def deployments(lab: Lab) -> Iterator[Row]:
    """One deployment, warm and cold."""
    floor = 4 * ROUND_TRIP_S
    ours, ours_async = lab.seconds("warm", lab.far), lab.seconds("warm_async", lab.far)
    peer = lab.seconds("official_warm", lab.far)
    yield _at_most("deployment, warm, Deployer", ours, "4 round trips", floor, 1.15)
    yield _at_most("deployment, warm, AsyncDeployer", ours_async, "4 round trips", floor, 1.15)
    yield _faster("deployment, warm, Deployer", ours, "official sync", peer, 1.6)
    cold, cold_async = lab.seconds("cold", lab.far), lab.seconds("cold_async", lab.far)
    official = lab.seconds("official_cold", lab.far, samples=5)
    official_async = lab.seconds("official_cold_async", lab.far)
    yield _faster("deployment, cold, Deployer", cold, "official sync", official, 1.35)
    yield _faster("deployment, cold, AsyncDeployer", cold_async, "official async", official_async, 1.7)
    cpu, official_cpu = lab.seconds("cpu_async", lab.near), lab.seconds("official_cpu_async", lab.near)
    yield _faster("CPU of a deployment, AsyncDeployer", cpu, "official async", official_cpu, 15)


def fleets(lab: Lab) -> Iterator[Row]:
    """Many services."""
    count, lanes = 200, 32
    floor = 3 * count / lanes * ROUND_TRIP_S
    package = "httpx2" if find_spec("httpx2") else "httpx"
    target = 1.4 if package == "httpx2" else 1.6
    for workload, who in (("fleet", "Deployer"), ("fleet_async", "AsyncDeployer")):
        ours = lab.seconds(workload, lab.far, count, lanes)
        yield _at_most(
            f"200 services, {lanes} at once, {who}, {package}", ours, "3N/32 round trips", floor, target
        )
    lab.control("reset/")
    lab.measure("one_fleet", lab.near, count, lanes)
    seen = lab.control("reset/")
    sent = sum(number for name, number in seen.items() if name != "connections")
    yield Row("200 services, requests", str(sent), "3 N + 8", sent / (3 * count + 8), "<=", 1.0)
    lab.control("limit/100")
    limited = lab.measure("one_fleet", lab.far, 1000, lanes)
    lab.control("limit/0")
    yield _at_most("1,000 services at 100/s", limited["s"], "N/100 s", 10.0, 1.2)
    yield Row("1,000 services at 100/s, failed", f"{limited['failed']:.0f}", "0", limited["failed"], "<=", 0)


_HEAVY = {"httpx", "httpx2", "pydantic", "aiohttp", "requests", "Tea", "darabonba"}


def imports(lab: Lab) -> Iterator[Row]:
    """What importing costs."""
    ours, peer = lab.import_s("import eas_deploy", "import huggingface_hub")
    yield _at_most("import eas_deploy", ours, "import huggingface_hub", peer, 1.5)
    loaded = lab.loaded_by("import eas_deploy")
    heavy = {name for name in loaded if name in _HEAVY or name.startswith("alibabacloud")}
    yield Row("import eas_deploy, heavy modules", str(len(heavy)), "none", len(heavy), "<=", 0)
    deployer, model = lab.import_s("from eas_deploy import Deployer", "from pai.model import Model")
    yield _faster("from eas_deploy import Deployer", deployer, "from pai.model import Model", model, 4)


def the_rest(lab: Lab) -> Iterator[Row]:
    """Configs, memory, and calling a service."""
    ours = lab.seconds("check_config", 0, samples=3)
    yield _faster("load, check and write pattern 8", ours, "shell validator", SHELL_VALIDATOR_S, 5000)
    used, alipai = lab.measure("memory", lab.near)["mb"], lab.measure("peer_memory", 0)["mb"]
    yield Row("peak memory after a deployment", f"{used:.0f} MB", f"alipai {alipai:.0f} MB", used, "<=", 85)
    ours, bare = lab.seconds("predict", lab.near), lab.seconds("bare_httpx", lab.near)
    yield _at_most("service.predict, 1 kB", ours, "bare httpx", bare, 1.3)


SECTIONS: dict[str, Callable[[Lab], Iterator[Row]]] = {
    "deployments": deployments,
    "fleets": fleets,
    "imports": imports,
    "rest": the_rest,
}


def _at_most(what: str, ours: float, peer: str, theirs: float, target: float) -> Row:
    return Row(what, _shown(ours), f"{peer} {_shown(theirs)}", ours / theirs, "<=", target)


def _faster(what: str, ours: float, peer: str, theirs: float, target: float) -> Row:
    return Row(what, _shown(ours), f"{peer} {_shown(theirs)}", theirs / ours, ">=", target)


def _shown(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} us"  # noqa: PLR2004 - units


def _line(*cells: Any) -> str:
    what, ours, peer, ratio, target, verdict = cells
    return f"{what:<50} {ours:>10}  {peer:<36} {ratio:>8}  {target:>9}  {verdict}"


def main(chosen: list[str]) -> int:
    """Print the table; 1 when a target is missed."""
    missed = 0
    print(_line("what", "ours", "peer", "ratio", "target", "verdict"), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        with lab.running():
            print(
                f"load of this machine before the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
                flush=True,
            )
            for name in chosen or SECTIONS:
                for row in SECTIONS[name](lab):
                    verdict = "met" if row.met else "MISSED"
                    missed += not row.met
                    wanted = f"{row.want} {row.target:g}"
                    print(
                        _line(row.what, row.ours, row.peer, f"{row.ratio:.2f}", wanted, verdict), flush=True
                    )
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
