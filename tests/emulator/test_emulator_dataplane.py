"""Addresses of services, and what answers there."""

import asyncio
import json
import socket

import httpx
import pytest
from starlette.responses import PlainTextResponse

from eas_deploy.emulator import Emulator, Fault

REGISTRY = "eas-registry-vpc.cn-hangzhou.cr.aliyuncs.com/pai-eas"
NLB_NETWORK = {"vpc_id": "vpc-xxx", "vswitch_id": "vsw-zone-a,vsw-zone-b", "security_group_id": "sg-xxx"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def with_image(config, image, **container):
    return {**config, "containers": [{"image": f"{REGISTRY}/{image}", **container}]}


def behind_nlb(config, *listeners):
    return {
        **config,
        "cloud": {**config["cloud"], "networking": NLB_NETWORK},
        "networking": {"nlb": [{"id": "default", **listener} for listener in listeners]},
    }


@pytest.fixture
def call(emulator, caller):
    """Sends a request to the service demo_service, with its token."""

    def send(method, path="", token=None, **more):
        service = emulator.services.get("demo_service")
        token = token if token is not None else service.access_token if service else ""
        url = f"{emulator.url}/api/predict/demo_service{path}"
        return caller.http.request(method, url, headers={"Authorization": token}, **more)

    return send


def test_shared_gateway(emulator, caller, config):
    """The shared gateway is reached from the internet and from the VPC."""
    emulator.add_service("demo_service", config=config)
    url = f"{emulator.url}/api/predict/demo_service"
    answer = caller.endpoints("demo_service")
    assert answer["AccessToken"] == caller.describe("demo_service")["AccessToken"]
    assert answer["Endpoints"] == [
        {
            "EndpointType": "DefaultGateway",
            "BackendId": "default",
            "PathType": "Service",
            "Port": 80,
            "InternetEndpoints": [url],
            "IntranetEndpoints": [url],
        }
    ]
    described = caller.describe("demo_service")
    assert (described["InternetEndpoint"], described["IntranetEndpoint"]) == (url, url)


def test_shared_gateway_without_internet(emulator, caller, config):
    emulator.add_service("demo_service", config={**config, "networking": {"disable_internet_endpoint": True}})
    assert caller.endpoints("demo_service")["Endpoints"][0]["InternetEndpoints"] == []
    assert caller.describe("demo_service")["InternetEndpoint"] == ""


@pytest.mark.parametrize("internet", [False, True])
def test_dedicated_gateway(emulator, caller, config, internet):
    """A dedicated gateway is reached from the internet only if that is enabled."""
    emulator.add_gateway("gw-a", vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a"], internet_enabled=internet)
    cloud = {**config["cloud"], "networking": {**NLB_NETWORK, "vswitch_id": "vsw-zone-a"}}
    emulator.add_service("demo_service", config={**config, "cloud": cloud, "networking": {"gateway": "gw-a"}})
    (endpoint,) = caller.endpoints("demo_service")["Endpoints"]
    assert (endpoint["EndpointType"], endpoint["BackendId"]) == ("PrivateGateway", "gw-a")
    assert len(endpoint["InternetEndpoints"]) == int(internet)
    assert len(endpoint["IntranetEndpoints"]) == 1
    assert caller.describe("demo_service")["Gateway"] == "gw-a"


def test_system_nlb_listens(emulator, caller, config):
    """An NLB made for a service really listens at its port, and is listed while the service exists."""
    port = free_port()
    assert (
        caller.create(behind_nlb(config, {"listener_port": port, "netType": "intranet"})).status_code == 200
    )
    (endpoint,) = caller.endpoints("demo_service")["Endpoints"]
    assert (endpoint["EndpointType"], endpoint["Port"]) == ("Nlb", port)
    assert (endpoint["InternetEndpoints"], endpoint["IntranetEndpoints"]) == ([], ["127.0.0.1"])
    token = emulator.services["demo_service"].access_token
    for path in ("/api/predict/demo_service/v1/models", "/v1/models"):
        answer = caller.http.get(f"http://127.0.0.1:{port}{path}", headers={"Authorization": token})
        assert answer.json()["data"][0]["id"] == "/model_dir"
    listed = caller.rpc("nlb", "ListListeners", {"LoadBalancerIds.1": endpoint["BackendId"]})
    assert [listener["ListenerPort"] for listener in listed["Listeners"]] == [port]
    caller.service("DeleteService", "DELETE", "demo_service")
    assert caller.rpc("nlb", "ListLoadBalancers", {})["TotalCount"] == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/v1/models", verify=False, trust_env=False)


def test_taken_listener_port_becomes_another(caller, config):
    """A port that something else uses is replaced by a free one, which the answer announces."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        caller.create(behind_nlb(config, {"listener_port": port, "netType": "internet"}))
        (endpoint,) = caller.endpoints("demo_service")["Endpoints"]
        assert endpoint["Port"] not in {port, 0}
        assert endpoint["InternetEndpoints"] == ["127.0.0.1"]
        assert caller.http.get(f"http://127.0.0.1:{endpoint['Port']}/health").status_code == 401


def test_two_net_types_are_two_nlbs(caller, config):
    listeners = ({"listener_port": free_port(), "netType": kind} for kind in ("intranet", "internet"))
    caller.create(behind_nlb(config, *listeners))
    endpoints = caller.endpoints("demo_service")["Endpoints"]
    assert len({endpoint["BackendId"] for endpoint in endpoints}) == 2
    balancers = caller.rpc("nlb", "ListLoadBalancers", {})["LoadBalancers"]
    assert [balancer["AddressType"] for balancer in balancers] == ["Intranet", "Internet"]


def test_existing_nlb_stays(emulator, caller, config):
    """A listener on an existing NLB goes with the service; the NLB does not."""
    nlb = emulator.add_load_balancer(vpc_id="vpc-xxx", vswitch_ids=["vsw-zone-a", "vsw-zone-b"])
    config = behind_nlb(config, {"listener_port": free_port(), "net_type": "intranet"})
    config["networking"]["nlb"][0]["id"] = nlb
    caller.create(config)
    assert caller.endpoints("demo_service")["Endpoints"][0]["BackendId"] == nlb
    caller.service("DeleteService", "DELETE", "demo_service")
    assert caller.rpc("nlb", "ListLoadBalancers", {})["TotalCount"] == 1
    assert caller.rpc("nlb", "ListListeners", {})["TotalCount"] == 0


def test_update_moves_the_listener(emulator, caller, config):
    first, second = free_port(), free_port()
    caller.create(behind_nlb(config, {"listener_port": first, "netType": "intranet"}))
    change = {"networking": {"nlb": [{"id": "default", "listener_port": second, "netType": "intranet"}]}}
    caller.service("UpdateService", "PUT", "demo_service", body=change)
    assert [endpoint["Port"] for endpoint in caller.endpoints("demo_service")["Endpoints"]] == [second]


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_token(emulator, call, config, prefix):
    """The token is accepted raw and as a bearer token."""
    service = emulator.add_service("demo_service", config=config)
    assert call("GET", "/health", prefix + service.access_token).status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", "Bearer wrong", "Bearer"])
def test_wrong_token(emulator, call, config, token):
    emulator.add_service("demo_service", config=config)
    assert call("GET", "/health", token).status_code == 401


def test_unknown_service(call):
    """A route that does not exist yet is a 404 without a body."""
    answer = call("GET", "/health")
    assert (answer.status_code, answer.content) == (404, b"")


def test_not_ready(emulator, call, config):
    emulator.add_service("demo_service", config=config, status="Waiting")
    answer = call("GET", "/health")
    assert (answer.status_code, answer.text) == (503, "no healthy upstream")


def test_routing_lag(emulator, caller, call, config):
    """The gateway can take a while to route to a service that is Running."""
    emulator.lag.routing = 2
    caller.create(config)
    assert caller.describe("demo_service")["Status"] == "Running"
    assert [call("GET", "/health").status_code for _ in range(3)] == [503, 503, 200]


def test_chat(emulator, call, config):
    emulator.add_service("demo_service", config=config)
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello there"}]
    answer = call("POST", "/v1/chat/completions", json={"messages": messages}).json()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "You said: Hello there"}
    assert answer["usage"] == {"prompt_tokens": 4, "completion_tokens": 4, "total_tokens": 8}


def test_chat_with_parts(emulator, call, config):
    emulator.add_service("demo_service", config=config)
    content = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    answer = call("POST", "/v1/chat/completions", json={"messages": [{"role": "user", "content": content}]})
    assert answer.json()["choices"][0]["message"]["content"] == "You said: one two"


def test_chat_stream(emulator, call, config):
    """The stream's pieces make up the same text, and it ends with [DONE]."""
    emulator.add_service("demo_service", config=config)
    asked = {"messages": [{"role": "user", "content": "Hi 你好"}], "stream": True}
    answer = call("POST", "/v1/chat/completions", json=asked)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in answer.text.splitlines() if line]
    assert events[-1] == "[DONE]"
    choices = [json.loads(event)["choices"][0] for event in events[:-1]]
    assert "".join(choice["delta"].get("content", "") for choice in choices) == "You said: Hi 你好"
    assert [choice["finish_reason"] for choice in choices][-1] == "stop"


@pytest.mark.parametrize(
    ("command", "model"),
    [
        ("vllm serve /model_dir --port 8000", "/model_dir"),
        ("vllm serve /model_dir --served-model-name qwen", "qwen"),
        ("python -m sglang.launch_server --model-path /weights --port 8000", "/weights"),
        ("./start.sh", "/model_dir"),
    ],
)
def test_model_name(emulator, call, config, command, model):
    """The model is named as the start command has it, and answers to that name alone."""
    emulator.add_service("demo_service", config=with_image(config, "sglang:v0.5.14", command=command))
    assert call("GET", "/v1/models").json()["data"][0]["id"] == model
    messages = [{"role": "user", "content": "x"}]
    known = call("POST", "/v1/chat/completions", json={"model": model, "messages": messages})
    unknown = call("POST", "/v1/chat/completions", json={"model": "gpt", "messages": messages})
    assert (known.status_code, unknown.status_code) == (200, 404)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/v1/nothing", {}, 404), ("/v1/chat/completions", {}, 400), ("/v1/chat/completions", [], 400)],
)
def test_openai_errors(emulator, call, config, path, body, status):
    emulator.add_service("demo_service", config=config)
    answer = call("POST", path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


def test_comfyui(emulator, call, config):
    emulator.add_service(
        "demo_service", config=with_image(config, "comfyui:2.2-api", command="python main.py")
    )
    assert "ComfyUI" in call("GET", "/").text
    assert "prompt_id" in call("POST", "/prompt", json={"prompt": {"1": {}}}).json()
    assert call("POST", "/prompt", json={}).status_code == 400
    assert call("GET", "/nothing").status_code == 404


def test_any_other_image_echoes(emulator, call, config):
    emulator.add_service(
        "demo_service", config=with_image(config, "python-inference:py39", script="python app.py")
    )
    answer = call("POST", "/some/path?a=1", json={"x": 1}).json()
    assert answer == {"method": "POST", "path": "/some/path", "query": {"a": "1"}, "body": {"x": 1}}
    assert call("PUT", content=b"\xff").json()["path"] == "/"


def test_plugged_application(emulator, call, config):
    """An application can be plugged in by image, and by service name, which comes first."""
    emulator.add_service("demo_service", config=config)
    emulator.plug("vllm", PlainTextResponse("by image"))
    assert call("GET", "/x").text == "by image"
    emulator.plug("vllm:0.14", PlainTextResponse("by longer image"))
    assert call("GET", "/x").text == "by longer image"
    emulator.plug("demo_service", PlainTextResponse("by name"))
    assert call("GET", "/x").text == "by name"


def test_plugged_application_sees_inner_paths(emulator, call, config):
    async def tell(scope, receive, send):
        await PlainTextResponse(f"{scope['path']} {scope['raw_path'].decode()}")(scope, receive, send)

    emulator.add_service("demo_service", config=config)
    emulator.plug("demo_service", tell)
    assert call("GET", "/a b/c").text == "/a b/c /a%20b/c"


def test_requests_to_services_are_recorded_apart(emulator, call, config):
    emulator.add_service("demo_service", config=config)
    call("GET", "/health?x=1")
    call("GET", "/health", "wrong")
    assert emulator.calls == []
    first, second = emulator.data_calls
    assert (first.service, first.method, first.path, first.status) == ("demo_service", "GET", "/health", 200)
    assert first.query == {"x": "1"}
    assert second.status == 401
    assert "authorization" not in first.headers


def test_faults_of_the_data_plane(emulator, caller, call, config):
    """A fault of every operation spares services; one of DataPlane hits them."""
    emulator.add_service("demo_service", config=config)
    emulator.inject(Fault(kind="html_502"))
    assert call("GET", "/health").status_code == 200
    emulator.clear_faults()
    emulator.inject(Fault("DataPlane", kind="html_502"), Fault("DataPlane", kind="refuse", status=450))
    assert [call("GET", "/health").status_code for _ in range(3)] == [502, 450, 200]


@pytest.mark.parametrize("polite", [True, False])
def test_stop_with_a_stuck_application(monkeypatch, config, polite):
    """A plugged-in application that never answers does not keep the emulator from stopping."""
    monkeypatch.setattr("eas_deploy.emulator.host.STOP_TIMEOUT_S", 0.01)
    ended = []

    async def stuck(scope, receive, send):
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
            if not polite:
                await asyncio.Event().wait()
        finally:
            ended.append(scope)

    with Emulator() as emulator:
        service = emulator.add_service("demo_service", config=config)
        emulator.plug("demo_service", stuck)
        url = f"{emulator.url}/api/predict/demo_service"
        with (
            httpx.Client(verify=False, trust_env=False, timeout=0.1) as http,
            pytest.raises(httpx.ReadTimeout),
        ):
            http.get(url, headers={"Authorization": service.access_token})
    assert len(ended) == 1
