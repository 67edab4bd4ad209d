"""``python -m eas_deploy.emulator``: run an emulator and print the variables to export."""

from __future__ import annotations

import argparse
import shlex
import sys
import threading
from collections.abc import Sequence
from typing import get_args

from eas_deploy.emulator.server import Emulator
from eas_deploy.emulator.services import LifecycleMode


def main(arguments: Sequence[str] | None = None, stopped: threading.Event | None = None) -> None:
    """Run until interrupted.

    Args:
        arguments: Command line; None for the process's own.
        stopped: Ends the run when it is set; None to wait for Ctrl+C.
    """
    parser = argparse.ArgumentParser(
        prog="python -m eas_deploy.emulator", description="A loopback Alibaba Cloud PAI."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=4510, help="port to listen on, 0 for a free one")
    parser.add_argument("--region", default="cn-hangzhou", help="the emulated region")
    parser.add_argument("--lifecycle", choices=get_args(LifecycleMode), default="timed")
    parser.add_argument("--qps", type=float, help="requests a second for each operation")
    chosen = parser.parse_args(arguments)
    emulator = Emulator(
        chosen.host, chosen.port, region_id=chosen.region, lifecycle=chosen.lifecycle, qps=chosen.qps
    )
    with emulator:
        for name, value in emulator.env().items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.flush()
        try:
            (stopped or threading.Event()).wait()
        except KeyboardInterrupt:
            sys.stderr.write("stopped\n")


if __name__ == "__main__":
    main()
