"""Emulators and clients for the emulator's tests."""

from __future__ import annotations

import pytest
from emulator_client import Caller

from eas_deploy.emulator import Emulator


@pytest.fixture
def emulator():
    with Emulator(lifecycle="immediate") as running:
        yield running


@pytest.fixture
def caller(emulator):
    client = Caller(emulator)
    yield client
    client.close()


@pytest.fixture
def make_caller():
    """Further callers, for other emulators or other credentials."""
    with_clients = []

    def make(emulator, **credentials):
        with_clients.append(Caller(emulator, **credentials))
        return with_clients[-1]

    yield make
    for client in with_clients:
        client.close()


@pytest.fixture
def config():
    """A service that has nothing wrong with it."""
    return {
        "metadata": {"name": "demo_service", "instance": 1},
        "containers": [
            {
                "image": "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu",
                "port": 8000,
                "command": "vllm serve /model_dir --port 8000",
            }
        ],
        "storage": [{"mount_path": "/model_dir", "oss": {"path": "oss://bucket/model/", "readOnly": True}}],
        "cloud": {"computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"}},
    }
