"""One failing and one passing change of a valid config for every rule that looks at documents.

A change maps a JSON path, written with dots, to a new value; ``REMOVED`` takes the key away.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

REMOVED = object()

VALID: dict[str, Any] = {
    "metadata": {"name": "qwen_demo", "instance": 1, "workspace_id": "123456"},
    "containers": [
        {
            "image": "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas/vllm:0.14.0-gpu",
            "port": 8000,
            "command": "vllm serve /model_dir --port 8000",
            "startup_check": {"http_get": {"path": "/health", "port": 8000}},
        }
    ],
    "storage": [{"mount_path": "/model_dir", "oss": {"path": "oss://my-bucket/qwen/", "readOnly": True}}],
    "cloud": {
        "computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"},
        "networking": {"vpc_id": "vpc-1", "vswitch_id": "vsw-a,vsw-b", "security_group_id": "sg-1"},
    },
    "autoscaler": {"min": 1, "max": 4, "scaleStrategies": [{"metricName": "qps", "threshold": 20}]},
}


@dataclass(frozen=True)
class Case:
    """What breaks a rule, where the finding is, and what is nearly the same and right."""

    rule: str
    failing: dict[str, Any]
    path: str
    passing: dict[str, Any]
    severity: str | None = None
    """Where it is not the rule's own."""


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The valid config with changes."""
    config = copy.deepcopy(VALID)
    for path, value in changes.items():
        *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        holder: Any = config
        for step in parents:
            holder = holder[step] if isinstance(step, int) else holder.setdefault(step, {})
        if value is REMOVED:
            del holder[last]
        elif isinstance(last, int) and last == len(holder):
            holder.append(value)
        else:
            holder[last] = value
    return config


def _listener(**values: Any) -> dict[str, Any]:
    return {"id": "default", "listener_port": 8000, "netType": "intranet", **values}


def _nlb(*listeners: dict[str, Any]) -> dict[str, Any]:
    return {"networking": {"nlb": list(listeners)}}


def _oss(path: str) -> dict[str, Any]:
    return {"storage.0.oss.path": path}


def _mount(path: str, **kind: Any) -> dict[str, Any]:
    return {"storage.1": {"mount_path": path, **(kind or {"code": {"id": "code-1"}})}}


CASES = (
    Case("name.required", {"metadata.name": REMOVED}, "metadata.name", {}),
    Case("name.required", {"metadata": REMOVED}, "metadata.name", {"metadata": REMOVED, "name": "qwen_demo"}),
    Case("name.conflict", {"name": "other"}, "name", {"name": "qwen_demo"}),
    Case("name.top_level", {"name": "qwen_demo"}, "name", {}),
    Case("name.format", {"metadata.name": "qwen-demo"}, "metadata.name", {"metadata.name": "qwen_demo_2"}),
    Case("name.format", {"metadata.name": "qwen\n"}, "metadata.name", {"metadata.name": "0_0"}),
    Case("name.length", {"metadata.name": "ab"}, "metadata.name", {"metadata.name": "abc"}),
    Case("name.length", {"metadata.name": "a" * 64}, "metadata.name", {"metadata.name": "a" * 63}),
    Case("key.forbidden", {"processor": "pmml"}, "processor", {"options": {"processor": "pmml"}}),
    Case("key.ignored", {"meta": {"type": "SDCluster"}}, "meta", {"metadata.type": "SDCluster"}),
    Case(
        "key.ignored",
        {"enable_webservice": "true"},
        "enable_webservice",
        {"metadata.enable_webservice": "true"},
    ),
    Case("key.unknown", {"metadata.instances": 1}, "metadata.instances", {"metadata.instance": 2}),
    Case("containers.required", {"containers": []}, "containers", {}),
    Case("containers.required", {"containers": REMOVED}, "containers", {}),
    Case("image.required", {"containers.0.image": REMOVED}, "containers[0].image", {}),
    Case("image.required", {"containers.0.image": " "}, "containers[0].image", {}),
    Case(
        "image.format",
        {"containers.0.image": "Registry.com/My Image"},
        "containers[0].image",
        {"containers.0.image": "my-image:1.0"},
    ),
    Case(
        "port.range",
        {"containers.0.port": 65536, "containers.0.command": "x", "containers.0.startup_check": REMOVED},
        "containers[0].port",
        {"containers.0.port": 65535, "containers.0.command": "x", "containers.0.startup_check": REMOVED},
    ),
    Case(
        "port.range",
        {"containers.0.startup_check": {"tcp_socket": {"port": 0}}},
        "containers[0].startup_check.tcp_socket.port",
        {"containers.0.startup_check": {"tcp_socket": {"port": 8000}}},
    ),
    Case("port.reserved", {"containers.0.port": 8080}, "containers[0].port", {"containers.0.port": 8081}),
    Case("port.reserved", {"containers.0.port": 9090}, "containers[0].port", {"containers.0.port": 9091}),
    Case("port.default", {"containers.0.port": REMOVED}, "containers[0].port", {}),
    Case(
        "command.both",
        {"containers.0.script": "python app.py"},
        "containers[0].script",
        {"containers.0.script": None},
    ),
    Case(
        "command.missing",
        {"containers.0.command": REMOVED},
        "containers[0]",
        {"containers.0.command": REMOVED, "containers.0.script": "python app.py"},
    ),
    Case(
        "command.chained",
        {"containers.0.command": "cd /app && python app.py"},
        "containers[0].command",
        {"containers.0.command": REMOVED, "containers.0.script": "cd /app && python app.py"},
    ),
    Case(
        "command.chained",
        {"containers.0.command": "cd /app; python app.py"},
        "containers[0].command",
        {"containers.0.command": "python app.py\n"},
    ),
    Case(
        "command.oss_url",
        {"containers.0.command": "vllm serve oss://my-bucket/qwen/"},
        "containers[0].command",
        {"containers.0.command": "vllm serve /model_dir"},
    ),
    Case(
        "command.oss_url",
        {"containers.0.command": "python -m sglang.launch_server --model-path=oss://my-bucket/qwen/"},
        "containers[0].command",
        {"containers.0.command": "python -m sglang.launch_server --model-path=/model_dir"},
    ),
    Case(
        "command.oss_url",
        {"containers.0.command": REMOVED, "containers.0.args": ["--model", "oss://my-bucket/qwen/"]},
        "containers[0].args[1]",
        {"containers.0.command": REMOVED, "containers.0.args": ["--model", "/model_dir"]},
    ),
    Case(
        "command.oss_url",
        {"containers.0.command": "bash -c 'cd / && vllm serve oss://my-bucket/qwen/'"},
        "containers[0].command",
        {"containers.0.command": "bash -c 'vllm serve /model_dir'"},
    ),
    Case(
        "command.oss_url",
        {"containers.0.command": "/bin/sh", "containers.0.args": ["-c", "vllm serve oss://my-bucket/qwen/"]},
        "containers[0].args[1]",
        {"containers.0.command": "/bin/sh", "containers.0.args": ["-c", "vllm serve /model_dir"]},
    ),
    Case(
        "command.oss_url",
        {"containers.0.command": "vllm serve --enforce-eager oss://my-bucket/qwen/"},
        "containers[0].command",
        {"containers.0.command": "vllm serve --enforce-eager /model_dir"},
    ),
    Case(
        "command.port_mismatch",
        {"containers.0.command": "bash -lc 'vllm serve /model_dir --port 9000'"},
        "containers[0].command",
        {"containers.0.command": "python -c 9000"},
    ),
    Case(
        "command.oss_url",
        {"containers.0.command": "python app.py --save_dir oss://my-bucket/out/"},
        "containers[0].command",
        {"containers.0.command": "python app.py --save_dir /out"},
        severity="warning",
    ),
    Case(
        "command.port_mismatch",
        {"containers.0.command": "vllm serve /model_dir --port 9000"},
        "containers[0].command",
        {"containers.0.command": "torchrun --master_port 9000 app.py"},
    ),
    Case(
        "command.port_mismatch",
        {"containers.0.command": "python app.py --port=9000", "containers.0.port": REMOVED},
        "containers[0].command",
        {"containers.0.command": "python app.py --port=8000", "containers.0.port": REMOVED},
    ),
    Case(
        "command.model_path",
        {"storage.0.mount_path": "/data"},
        "containers[0].command",
        {"storage.0.mount_path": "/model_dir/"},
    ),
    Case(
        "command.model_path",
        {"containers.0.command": "swift deploy --ckpt_dir /models/a"},
        "containers[0].command",
        {"containers.0.command": "swift deploy --ckpt_dir /model_dir/a"},
    ),
    Case(
        "probe.kind",
        {"containers.0.startup_check": {"period_seconds": 10}},
        "containers[0].startup_check",
        {"containers.0.startup_check": {"exec": {"command": ["true"]}}},
    ),
    Case(
        "probe.kind",
        {"containers.0.startup_check.tcp_socket": {"port": 8000}},
        "containers[0].startup_check",
        {"containers.0.startup_check.tcp_socket": None},
    ),
    Case(
        "probe.port",
        {"containers.0.liveness_check": {"tcp_socket": {"port": 8001}}},
        "containers[0].liveness_check.tcp_socket.port",
        {"containers.0.liveness_check": {"tcp_socket": {"port": 8000}}},
    ),
    Case(
        "resource.missing",
        {"cloud.computing": REMOVED, "metadata.cpu": 4},
        "cloud.computing",
        {"cloud.computing": REMOVED, "metadata.cpu": 4, "metadata.memory": 8000},
    ),
    Case(
        "resource.conflict",
        {"metadata.resource": "eas-r-1"},
        "cloud.computing",
        {"metadata.resource": "eas-r-1", "metadata.resource_burstable": True},
    ),
    Case(
        "resource.conflict",
        {"metadata.resource": "eas-r-1", "metadata.resource_burstable": False},
        "cloud.computing",
        {"metadata.resource": "eas-r-1", "cloud.computing": {"instances": [{"type": "dedicated_resource"}]}},
    ),
    Case(
        "resource.id",
        {"metadata.resource": "my-group", "cloud": REMOVED},
        "metadata.resource",
        {"metadata.resource": "eas-r-1", "cloud": REMOVED},
    ),
    Case("computing.empty", {"cloud.computing": {}}, "cloud.computing", {}),
    Case(
        "computing.both",
        {"cloud.computing.instances": [{"type": "ecs.gn7i-c8g1.2xlarge"}]},
        "cloud.computing.instances",
        {"cloud.computing.instances": None},
    ),
    Case(
        "gpu.required",
        {"cloud.computing.instance_type": "ecs.c7.xlarge"},
        "cloud.computing.instance_type",
        {
            "cloud.computing.instance_type": "ecs.c7.xlarge",
            "containers.0.image": "eas-registry.cn-hangzhou.cr.aliyuncs.com/pai-eas/chat-llm-webui:3.0-vllm",
        },
    ),
    Case(
        "gpu.required",
        {"cloud.computing": {"instances": [{"type": "ecs.gn7i-c8g1.2xlarge"}, {"type": "ecs.hfc7.large"}]}},
        "cloud.computing.instances[1].type",
        {"cloud.computing": {"instances": [{"type": "ecs.gn7i-c8g1.2xlarge"}]}},
    ),
    Case("gateway.shared", {"networking": {"gateway": "shared"}}, "networking.gateway", {"networking": {}}),
    Case(
        "gateway.network",
        {"networking": {"gateway": "gw-1"}, "cloud.networking.vpc_id": REMOVED},
        "cloud.networking",
        {"networking": {"gateway": "gw-1"}},
    ),
    Case(
        "gateway.nlb",
        {"networking": {"gateway": "gw-1", "nlb": [_listener()]}},
        "networking.gateway",
        {"networking": {"gateway": "gw-1", "nlb": []}},
    ),
    Case(
        "nlb.network",
        {**_nlb(_listener()), "cloud.networking.security_group_id": REMOVED},
        "cloud.networking",
        _nlb(_listener()),
    ),
    Case(
        "nlb.vswitches",
        {**_nlb(_listener()), "cloud.networking.vswitch_id": "vsw-a,vsw-a"},
        "cloud.networking.vswitch_id",
        {**_nlb(_listener()), "cloud.networking.vswitch_id": "vsw-a,vsw-b"},
    ),
    Case(
        "nlb.vswitches",
        {**_nlb(_listener(id="nlb-1")), "cloud.networking.vswitch_id": "vsw-a"},
        "cloud.networking.vswitch_id",
        {"cloud.networking.vswitch_id": "vsw-a"},
        severity="warning",
    ),
    Case(
        "nlb.port",
        _nlb(_listener(listener_port=8080)),
        "networking.nlb[0].listener_port",
        _nlb(_listener(listener_port=8081)),
    ),
    Case(
        "nlb.port",
        _nlb(_listener(), _listener(listener_port=0)),
        "networking.nlb[1].listener_port",
        _nlb(_listener(), _listener(listener_port=65535)),
    ),
    Case(
        "nlb.port_duplicate",
        _nlb(_listener(), _listener()),
        "networking.nlb[1].listener_port",
        _nlb(_listener(), _listener(netType="internet")),
    ),
    Case(
        "nlb.mixed",
        _nlb(_listener(), _listener(id="nlb-1", listener_port=8001)),
        "networking.nlb",
        _nlb(_listener(), _listener(listener_port=8001)),
    ),
    Case(
        "nlb.net_type",
        _nlb(_listener(netType="public")),
        "networking.nlb[0].netType",
        _nlb(_listener(netType="internet")),
    ),
    Case(
        "nlb.net_type",
        _nlb({"id": "default", "listener_port": 8000}),
        "networking.nlb[0].netType",
        _nlb({"id": "nlb-1", "listener_port": 8000}),
    ),
    Case(
        "nlb.net_type",
        _nlb({"id": "default", "listener_port": 8000, "net_type": "public"}),
        "networking.nlb[0].net_type",
        _nlb({"id": "default", "listener_port": 8000, "net_type": "intranet"}),
    ),
    Case(
        "network.id_format",
        {"cloud.networking.vpc_id": "my-vpc"},
        "cloud.networking.vpc_id",
        {"cloud.networking.vpc_id": "vpc-2"},
    ),
    Case(
        "network.id_format",
        {"cloud.networking.vswitch_id": "vsw-a, vsw-b"},
        "cloud.networking.vswitch_id",
        {"cloud.networking.vswitch_id": "vsw-a,vsw-b,vsw-c"},
    ),
    Case(
        "network.id_format",
        {"cloud.networking.security_group_id": "vpc-1"},
        "cloud.networking.security_group_id",
        {"cloud.networking.security_group_id": "sg-2"},
    ),
    Case("storage.kind", {"storage.1": {"mount_path": "/data"}}, "storage[1]", _mount("/data")),
    Case(
        "storage.kind",
        _mount("/data", code={"id": "1"}, dataset={"id": "d-1"}),
        "storage[1]",
        _mount("/data", code={"id": "1"}, dataset=None),
    ),
    Case("storage.mount_absolute", _mount("data"), "storage[1].mount_path", _mount("/data")),
    Case("storage.mount_reserved", _mount("/usr/local/x"), "storage[1].mount_path", _mount("/user/local")),
    Case("storage.mount_reserved", _mount("/data/../etc/"), "storage[1].mount_path", _mount("/data/etc")),
    Case("storage.mount_reserved", {"storage.0.mount_path": "/"}, "storage[0].mount_path", {}),
    Case(
        "storage.mount_reserved",
        _mount("/dev/shm", empty_dir={}),
        "storage[1].mount_path",
        _mount("/dev/shm", empty_dir={"medium": "memory"}),
    ),
    Case("storage.mount_overlap", _mount("/model_dir/sub"), "storage[1].mount_path", _mount("/model_dir_2")),
    Case(
        "storage.mount_overlap", _mount("/a/../model_dir//"), "storage[1].mount_path", _mount("/a/model_dir")
    ),
    Case("storage.oss_path", _oss("oss://My_Bucket/x/"), "storage[0].oss.path", _oss("oss://my-bucket/X_y/")),
    Case("storage.oss_path", _oss("s3://my-bucket/"), "storage[0].oss.path", _oss("oss://my-bucket/")),
    Case("storage.oss_path", _oss("oss://ab/"), "storage[0].oss.path", _oss("oss://abc/")),
    Case("storage.oss_slash", _oss("oss://my-bucket/x"), "storage[0].oss.path", _oss("oss://my-bucket/x/")),
    Case("storage.oss_slash", _oss("oss://my-bucket"), "storage[0].oss.path", _oss("oss://my-bucket/")),
    Case("storage.cpfs", _mount("/data", cpfs={"file_system_id": "cpfs-1"}), "storage[1].cpfs", {}),
    Case("storage.writable_model", {"storage.0.oss.readOnly": False}, "storage[0].oss.readOnly", {}),
    Case(
        "storage.writable_model",
        {
            **_mount("/data", nfs={"server": "x.cn-hangzhou.nas.aliyuncs.com", "path": "/"}),
            "storage.1.properties": {"resource_type": "model"},
        },
        "storage[1].nfs.readOnly",
        {
            **_mount("/data", nfs={"server": "x.cn-hangzhou.nas.aliyuncs.com", "path": "/"}),
            "storage.1.properties": {"resource_type": "code"},
        },
    ),
    Case("storage.missing", {"storage": REMOVED}, "storage", {}),
    Case(
        "storage.missing",
        {"storage": []},
        "storage",
        {"storage": [], "containers.0.image": "registry.example.com/me/vllm:1"},
    ),
    Case(
        "storage.git_https",
        _mount("/code", git={"repo": ""}),
        "storage[1].git.repo",
        _mount("/code", git={"repo": "https://github.com/me/code.git", "branch": ""}),
    ),
    Case(
        "storage.git_https",
        _mount("/code", git={"repo": "git@github.com:me/code.git"}),
        "storage[1].git.repo",
        _mount("/code", git={"repo": "https://github.com/me/code.git"}),
    ),
    Case("autoscaler.bounds", {"autoscaler.max": 1}, "autoscaler.max", {"autoscaler.max": 2}),
    Case("autoscaler.bounds", {"autoscaler.min": -1}, "autoscaler.min", {"autoscaler.min": 0}),
    Case(
        "autoscaler.bounds",
        {"autoscaler.min": 10, "autoscaler.max": REMOVED},
        "autoscaler.max",
        {"autoscaler.max": REMOVED},
    ),
    Case(
        "autoscaler.empty",
        {"autoscaler": {}},
        "autoscaler",
        {"autoscaler": {"strategies": {"qps": 10}}},
    ),
    Case(
        "autoscaler.metric",
        {"autoscaler.scaleStrategies.0.metricName": "tokens"},
        "autoscaler.scaleStrategies[0].metricName",
        {"autoscaler.scaleStrategies.0.metricName": "gpu[util]"},
    ),
    Case(
        "autoscaler.metric",
        {"autoscaler": {"strategies": {"tokens": 1}}},
        "autoscaler.strategies.tokens",
        {"autoscaler": {"strategies": {"memory": 1}}},
    ),
    Case("autoscaler.instance", {"metadata.instance": 5}, "metadata.instance", {"metadata.instance": 4}),
    Case(
        "quota.ignored",
        {"metadata.quota_id": "quota-1"},
        "metadata.quota_id",
        {"metadata.quota_type": "x"},
    ),
    Case("secret.inline", {"dockerAuth": "dXNlcjpwdw=="}, "dockerAuth", {"dockerAuth": ""}),
    Case(
        "secret.inline",
        {"containers.0.env": [{"name": "MODE", "value": "x"}, {"name": "hf_token", "value": "x"}]},
        "containers[0].env[1].value",
        {"containers.0.env": [{"name": "MODE", "value": "x"}, {"name": "HF_TOKEN", "value": ""}]},
    ),
    Case(
        "secret.inline",
        {"containers.0.env": [{"name": "API_KEY", "value": "x"}]},
        "containers[0].env[0].value",
        {"containers.0.env": [{"name": "KEYBOARD", "value": "x"}]},
    ),
    Case(
        "secret.inline",
        _mount("/code", git={"repo": "https://github.com/me/code.git", "password": "x"}),
        "storage[1].git.password",
        _mount("/code", git={"repo": "https://github.com/me/code.git", "username": "x"}),
    ),
    Case("value.required", {"storage.0.mount_path": REMOVED}, "storage[0].mount_path", {}),
    Case("value.type", {"metadata.instance": 1.5}, "metadata.instance", {"metadata.instance": 2}),
    Case("value.type", {"metadata.instance": True}, "metadata.instance", {}),
    Case("value.type", {"metadata.instance": "2"}, "metadata.instance", {}),
    Case("value.type", {"metadata.workspace_id": 123456}, "metadata.workspace_id", {}),
    Case("value.range", {"metadata.instance": -1}, "metadata.instance", {"metadata.instance": 1}),
    Case("value.choice", {"metadata.qos": "Best"}, "metadata.qos", {"metadata.qos": "BestEffort"}),
)
