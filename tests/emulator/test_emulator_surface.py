"""The emulator as its users start it, reset it and find it."""

import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from eas_deploy import emulator as package
from eas_deploy.emulator import Emulator, Fault
from eas_deploy.emulator.__main__ import main

KINDS = [
    "gateways",
    "vpcs",
    "vswitches",
    "security_groups",
    "load_balancers",
    "resource_groups",
    "workspaces",
    "datasets",
    "services",
]


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("module", ["eas_deploy.emulator", "eas_deploy.emulator.pytest_plugin"])
def test_import_loads_no_server(module):
    """Importing the package, as every pytest run does, loads next to nothing."""
    heavy = "starlette uvicorn httpx asyncio json eas_deploy.emulator.server"
    code = f"import sys; import pytest; before = set(sys.modules); import {module}; "
    code += f"print(*(name for name in '{heavy}'.split() if name in set(sys.modules) - before))"
    assert run(code) == ""


def test_emulator_class_loads_no_web_server():
    """starlette and uvicorn come with the first start, not with the class."""
    code = "import sys; from eas_deploy.emulator import Emulator; Emulator(); "
    code += "print('starlette' in sys.modules, 'uvicorn' in sys.modules)"
    assert run(code) == "False False"


def test_public_names():
    assert sorted(package.__all__) == dir(package)
    assert all(getattr(package, name) is not None for name in package.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        package.nothing  # noqa: B018 - the access is what is tested


def test_missing_extra(monkeypatch):
    """Without starlette or uvicorn the error says what to install."""
    monkeypatch.setitem(sys.modules, "eas_deploy.emulator.host", None)
    with pytest.raises(ImportError, match=r'pip install "eas-deploy\[emulator\]"'):
        Emulator().start()


def test_start_and_stop_are_fast():
    times = []
    for _ in range(4):
        begun = time.monotonic()
        with Emulator():
            pass
        times.append(time.monotonic() - begun)
    # The first start imports starlette and uvicorn.
    assert min(times[1:]) < 0.3


def test_several_at_once(make_caller, config):
    """Each emulator has a world of its own."""
    with Emulator() as first, Emulator() as second:
        assert first.url != second.url
        make_caller(first).create(config)
        assert list(first.services) == ["demo_service"]
        assert second.services == {}


def test_address(make_caller):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    emulator = Emulator(port=port)
    assert repr(emulator) == "<Emulator cn-hangzhou at (not started)>"
    with emulator:
        assert emulator.url == f"http://127.0.0.1:{port}"
        assert repr(emulator) == f"<Emulator cn-hangzhou at {emulator.url}>"
        with pytest.raises(OSError, match="in use"):
            Emulator(port=port).start()


def test_restart(make_caller, config):
    """A stopped emulator keeps its world and can be started again."""
    emulator = Emulator()
    with emulator:
        make_caller(emulator).create(config)
    with emulator:
        assert make_caller(emulator).describe("demo_service")["ServiceName"] == "demo_service"


def test_restart_listens_for_nlbs_again(make_caller, config):
    network = {"vpc_id": "vpc-xxx", "vswitch_id": "vsw-zone-a,vsw-zone-b", "security_group_id": "sg-xxx"}
    config["cloud"]["networking"] = network
    config["networking"] = {"nlb": [{"id": "default", "listener_port": 18999, "netType": "intranet"}]}
    emulator = Emulator()
    service = emulator.add_service("demo_service", config=config)
    for _ in range(2):
        with emulator:
            caller = make_caller(emulator)
            (endpoint,) = caller.endpoints("demo_service")["Endpoints"]
            url = f"http://127.0.0.1:{endpoint['Port']}/health"
            assert caller.http.get(url, headers={"Authorization": service.access_token}).status_code == 200


def test_start_twice(emulator):
    """Starting what runs already changes nothing."""
    url = emulator.url
    assert emulator.start() is emulator
    assert emulator.url == url


def test_stopped(emulator):
    emulator.stop()
    emulator.stop()
    with httpx.Client(verify=False, trust_env=False) as http, pytest.raises(httpx.ConnectError):
        http.get(emulator.url)


def test_connection_and_env(emulator):
    connection = emulator.connection()
    assert set(connection) == {"endpoint_url", "access_key_id", "access_key_secret"}
    assert emulator.env() == {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": connection["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": connection["access_key_secret"],
        "ALIBABA_CLOUD_REGION_ID": "cn-hangzhou",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "EAS_DEPLOY_ENDPOINT_URL": emulator.url,
    }


def test_reset(emulator, make_caller, config):
    """Everything is as at the start, but for the address."""
    url, session = emulator.url, emulator.add_session()
    caller = make_caller(emulator)
    caller.create(config)
    emulator.clear("vpcs")
    emulator.set_policy({"Statement": []})
    emulator.limit(1)
    emulator.inject(Fault(times=None))
    emulator.clock.skew_s = 9999
    emulator.lag.reads = 5
    emulator.reset()
    assert (emulator.services, emulator.calls, emulator.url) == ({}, [], url)
    assert caller.rpc("vpc", "DescribeVpcs", {"RegionId": "cn-hangzhou"})["TotalCount"] == 3
    assert caller.create(config).json()["ServiceId"] == "eas-m-emu0001"
    assert caller.describe("demo_service")["Status"] == "Running"
    answer = make_caller(emulator, **session).send("ListServices", path="/api/v2/services")
    assert answer.json()["Code"] == "InvalidSecurityToken.Expired"


def test_reset_keeps_the_constructors_policy(make_caller):
    with Emulator(policy={"Statement": []}, qps=100) as emulator:
        emulator.set_policy(None)
        emulator.reset()
        assert make_caller(emulator).send("ListServices", path="/api/v2/services").status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_clear(emulator, kind):
    emulator.add_load_balancer(vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a"])
    emulator.add_service("demo_service")
    emulator.clear(kind)
    world = emulator._world
    held = {
        **vars(world.network),
        "resource_groups": world.resource_groups,
        "workspaces": world.workspaces,
        "datasets": world.datasets,
        "services": world.services,
    }
    assert [name for name, things in held.items() if not things] == [kind]


def test_clear_of_nothing_known(emulator):
    with pytest.raises(ValueError, match="planets"):
        emulator.clear("planets")


def test_region(make_caller):
    """Another region has its own zones, images and cluster id."""
    with Emulator(region_id="cn-beijing") as emulator:
        caller = make_caller(emulator)
        service = emulator.add_service("demo_service")
        assert ".cn-beijing." in service.image
        answer = caller.send("DescribeService", path="/api/v2/services/cn-beijing/demo_service")
        assert answer.json()["Region"] == "cn-beijing"
        vswitches = caller.rpc("vpc", "DescribeVSwitches", {"VpcId": "vpc-xxx"})["VSwitches"]["VSwitch"]
        assert {vswitch["ZoneId"] for vswitch in vswitches} == {"cn-beijing-h", "cn-beijing-i"}


def test_added_service(emulator, caller):
    """A test can add a service in any state, with labels and a config of its own."""
    emulator.add_service("plain_one", status="Failed", labels={"a": "b"}, workspace_id="123456")
    described = caller.describe("plain_one")
    assert (described["Status"], described["WorkspaceId"]) == ("Failed", "123456")
    assert described["Labels"] == [{"LabelKey": "a", "LabelValue": "b"}]


def test_secrets_are_in_no_repr(emulator, config):
    service = emulator.add_service("demo_service", config=config)
    assert service.access_token not in repr(service)
    assert emulator.connection()["access_key_secret"] not in repr(emulator._keys)


def test_command_line(capsys):
    """The command prints what to export, and serves until it is interrupted."""
    stopped = threading.Event()
    stopped.set()
    main(["--port", "0", "--region", "cn-beijing"], stopped)
    lines = capsys.readouterr().out.splitlines()
    assert "export ALIBABA_CLOUD_REGION_ID=cn-beijing" in lines
    assert any(line.startswith("export EAS_DEPLOY_ENDPOINT_URL=http://127.0.0.1:") for line in lines)


def test_command_line_interrupted(capsys):
    class Interrupted(threading.Event):
        def wait(self, timeout=None):
            raise KeyboardInterrupt

    main(["--port", "0"], Interrupted())
    assert capsys.readouterr().err == "stopped\n"


@pytest.mark.parametrize("run_number", [1, 2])
def test_pytest_fixture(eas_emulator, make_caller, config, run_number):
    """The installed plugin's fixture gives each test a running emulator of its own."""
    assert eas_emulator.services == {}
    assert make_caller(eas_emulator).create(config).status_code == 200
