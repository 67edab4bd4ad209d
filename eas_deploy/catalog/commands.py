"""The start command of a container whose caller gave none."""

from __future__ import annotations

import re

from eas_deploy.catalog.frameworks import Framework

# In the labels of the catalogue, models are at /model_dir; the lookarounds keep /my/model_dir and
# /model_dir_2 as they are, and let a path below it follow the mount.
_MODEL_DIR = re.compile(r"(?<![^\s='\"])/model_dir(?=[/\s'\"]|$)")
# A whole option: not --master_port, not --port-range.
_PORT = re.compile(r"(?<!\S)(--port[= ])\d+(?!\S)")


def start_command(
    framework: Framework, default_script: str | None, *, mount_path: str, port: int
) -> str | None:
    """The command that starts the container: the image's own, else the framework's, else None.

    In the image's own text ``/model_dir`` and the value of ``--port`` are replaced.

    Args:
        framework: The framework of the image.
        default_script: The image's label ``system.eas.default.script``; None without one.
        mount_path: Where the model is mounted.
        port: The container port, 1 to 65535.

    Example:
        >>> from eas_deploy.catalog.frameworks import VLLM
        >>> start_command(VLLM, None, mount_path="/model_dir", port=8000)
        'vllm serve /model_dir --port 8000 --trust-remote-code'
    """
    if default_script:
        # A function as replacement: a backslash in a path is a backslash, not an escape.
        moved = _MODEL_DIR.sub(lambda _: mount_path, default_script)
        return _PORT.sub(lambda option: f"{option[1]}{port}", moved)
    if framework.command:
        return framework.command.format(mount_path=mount_path, port=port)
    return None
