"""Canaries in every place where a secret may stand, and a look at everything that may be shown."""

import asyncio
import json
import logging
import traceback
from pathlib import Path

import httpx
import pytest

import eas_deploy
from eas_deploy import AsyncDeployer, Deployer, Planner, ServiceConfig
from eas_deploy.clients.vendor_logging import VENDOR_LOGGERS
from eas_deploy.config import EnvVar, lint
from eas_deploy.emulator import Fault
from eas_deploy.errors import ConfigError, EasDeployError
from eas_deploy.patterns import VllmOss

REGION = "cn-hangzhou"
PACKAGE = str(Path(eas_deploy.__file__).parent)
KEY_ID = "LTAI5tBirdInTheMine"
CANARIES = {
    "secret": "canary-key-secret",
    "token": "canary-sts-token",
    "git": "canary-git-password",
    "env": "canary-env-value",
    "docker": "canary-docker-auth",
    "container docker": "canary-container-auth",
    "service": "canary-service-token",
    "address": "canary-in-an-address",
}

SERVICE_JSON = {
    "metadata": {"name": "canary_cage", "instance": 1},
    "containers": [
        {
            "image": "vllm:0.14.0-gpu",
            "port": 8000,
            "command": "vllm serve /model_dir --port 8000",
            "env": [{"name": "PLAIN", "value": CANARIES["env"]}],
            "dockerAuth": CANARIES["container docker"],
        }
    ],
    "storage": [
        {
            "mount_path": "/code",
            "git": {
                "repo": f"https://bird:{CANARIES['address']}@example.com/one/two",
                "username": "bird",
                "password": CANARIES["git"],
            },
        }
    ],
    "dockerAuth": CANARIES["docker"],
    "token": CANARIES["service"],
    "cloud": {"computing": {"instance_type": "ecs.gn7i-c16g1.4xlarge"}},
}

REQUEST = {
    "name": "canary_cage",
    "image": "vllm:0.14.0-gpu",
    "model": "oss://a-bucket/model/",
    "instance_type": "ecs.gn7i-c16g1.4xlarge",
    "env": {"PLAIN": CANARIES["env"]},
    "storage": SERVICE_JSON["storage"],
    "extra": {"dockerAuth": CANARIES["docker"], "token": CANARIES["service"]},
}


def shown(*things):
    """All that a notebook, a console or a log would show of some objects."""
    faces = []
    for thing in things:
        faces += [repr(thing), str(thing)]
        for face in ("_repr_html_", "summary", "examples", "to_dict"):
            if hasattr(thing, face):
                faces.append(str(getattr(thing, face)()))
    return "\n".join(faces)


def shown_by_a_traceback(error):
    """The texts of an error and of all it came from, and every variable of our own frames."""
    seen, waiting = {}, [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen[id(one)] = one
        waiting += [one.__cause__, one.__context__]
    lines = []
    for one in seen.values():
        lines += traceback.format_exception_only(one)
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if frame.f_code.co_filename.startswith(PACKAGE):
                where = f"{frame.f_code.co_filename}:{frame.f_code.co_name}"
                lines += [f"{where}: {name} = {value!r}" for name, value in frame.f_locals.items()]
    assert any(PACKAGE in line for line in lines)
    return "\n".join(lines)


def assert_clean(text):
    assert text
    caught = [line for line in text.splitlines() if "canary-" in line or KEY_ID in line]
    assert not caught, caught[0][:300]


@pytest.fixture
def account(emulator):
    """An emulator that knows the canary key, with its STS token."""
    emulator._keys.secrets[KEY_ID] = CANARIES["secret"]
    emulator._keys.sessions[CANARIES["token"]] = KEY_ID
    emulator._keys.session_keys.add(KEY_ID)
    return emulator


class Keys:
    """A credential provider."""

    access_key_id = KEY_ID
    access_key_secret = CANARIES["secret"]
    security_token = CANARIES["token"]
    type = "sts"

    def get_credential(self):
        return self

    def __repr__(self):
        return f"Keys({vars(type(self))})"


def given(monkeypatch):
    return {
        "access_key_id": KEY_ID,
        "access_key_secret": CANARIES["secret"],
        "security_token": CANARIES["token"],
    }


def provided(monkeypatch):
    return {"credential": Keys()}


def in_the_environment(monkeypatch):
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", CANARIES["secret"])
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", CANARIES["token"])
    return {}


@pytest.fixture(params=[given, provided, in_the_environment])
def options(request, account, http_client, monkeypatch):
    """How a deployer gets its keys."""
    return {**request.param(monkeypatch), "endpoint_url": account.url, "http_client": http_client}


@pytest.fixture
def log(caplog):
    """Everything that any logger says."""
    caplog.set_level(logging.DEBUG)
    for name in ("eas_deploy", "httpx", "httpcore", "asyncio", *VENDOR_LOGGERS):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@pytest.mark.parametrize("request_", [SERVICE_JSON, VllmOss(**REQUEST)], ids=["service.json", "pattern"])
def test_a_deployment_shows_no_secret(account, options, log, request_):
    """Not in the plan, the deployment, the service or the log, from whichever place the keys come."""
    with Deployer(REGION, **options) as deployer:
        plan = deployer.plan(request_)
        deployment = deployer.execute(plan)
        service = deployer.service("canary_cage").refresh()
        listed = list(deployer.services())
        info = deployer.eas.describe_service("canary_cage")
        services = deployer.eas.list_services()
        endpoints = deployer.eas.describe_service_endpoints("canary_cage")
        everything = (
            *(request_ if isinstance(request_, VllmOss) else (), deployer, deployer._sender),
            *(plan, plan.config, *plan.calls, *plan.ledger, *plan.decisions, plan.findings),
            *(deployment, deployment.config, deployment.service, *deployment.ledger, *deployment.endpoints),
            *(service, *listed, info, services, endpoints),
        )
        assert_clean(shown(*everything))
        assert_clean(log.text)
        sent = json.dumps(account.services["canary_cage"].config)
        assert CANARIES["git"] in sent
        assert CANARIES["env"] in sent
        assert json.loads(plan.config.to_json()) == account.services["canary_cage"].config
    token = account.services["canary_cage"].access_token
    assert token not in shown(*everything) + log.text
    assert token in deployment.summary(reveal_token=True)
    assert f"{deployment.to_dict(reveal_token=True)['access_token']}" == token
    assert "LTAI****" not in log.text


def test_a_request_shows_no_secret():
    config = ServiceConfig.load(SERVICE_JSON)
    request = VllmOss(**REQUEST)
    parts = [
        config,
        request,
        *config.containers,
        *config.containers[0].env,
        *config.storage,
        *request.storage,
    ]
    assert_clean(shown(*parts, request.to_config(image="registry.example.com/a/vllm:1")))
    assert_clean(shown(Planner(REGION), *Planner(REGION).outline(request), *Planner(REGION).outline(config)))
    assert_clean(shown(config.check(), lint(SERVICE_JSON)))


BROKEN = {**SERVICE_JSON, "metadata": {"name": "canary_cage", "instance": "two"}}

REFUSALS = {
    "a dict": lambda: ServiceConfig.load(BROKEN),
    "a text": lambda: ServiceConfig.load(json.dumps(BROKEN)),
    "a text that is no JSON": lambda: ServiceConfig.load(json.dumps(SERVICE_JSON)[:-2]),
    "keyword arguments": lambda: ServiceConfig(**BROKEN),
    "validated JSON": lambda: ServiceConfig.model_validate_json(json.dumps(BROKEN)),
    "a changed copy": lambda: ServiceConfig.load(SERVICE_JSON).model_copy(update={"name": "Not A Name"}),
    "another JSON for a config": lambda: ServiceConfig.load(SERVICE_JSON).rewritten(BROKEN),
    "a part": lambda: EnvVar(name="A", value=CANARIES["env"], bird=1),
    "a pattern": lambda: VllmOss(**{**REQUEST, "replicas": "two"}),
    "a changed pattern": lambda: VllmOss(**REQUEST).model_copy(update={"port": 8080}),
    "a pattern with another extra": lambda: VllmOss(**{**REQUEST, "extra": {"token": ["canary-service"]}}),
    "an outline": lambda: Planner(REGION).outline(BROKEN),
    "a policy": lambda: Planner(REGION).ram_policy(json.dumps(BROKEN)),
    "a deployment": lambda: Deployer(REGION).deploy(BROKEN),
    "a deployment of a text": lambda: Deployer(REGION).deploy(json.dumps(BROKEN)),
    "an awaited deployment": lambda: asyncio.run(AsyncDeployer(REGION).deploy(BROKEN)),
    "half a key": lambda: Deployer(REGION, access_key_secret=CANARIES["secret"]),
    "a key with a line break": lambda: Deployer(
        REGION, access_key_id=KEY_ID, access_key_secret=CANARIES["secret"] + "\nx"
    ),
    "a wrong address": lambda: Deployer(
        REGION, access_key_id=KEY_ID, access_key_secret=CANARIES["secret"], endpoint_url="x"
    ),
}


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_refusal_shows_no_secret(refused, log):
    """The error, and the variables of our frames that a traceback may show with it."""
    with pytest.raises(EasDeployError) as caught:
        REFUSALS[refused]()
    text = shown_by_a_traceback(caught.value)
    assert_clean(text.replace(KEY_ID, "") if refused.startswith(("half", "a key", "a wrong")) else text)
    assert_clean(shown(*getattr(caught.value, "findings", ()), str(caught.value)) + log.text)


def test_a_refused_file_shows_no_secret(tmp_path):
    path = tmp_path / "service.json"
    path.write_text(json.dumps(BROKEN))
    with pytest.raises(ConfigError) as caught:
        Deployer(REGION).deploy(path)
    assert_clean(shown_by_a_traceback(caught.value))


MISHAPS = {
    "duplicate": lambda account: account.add_service("canary_cage"),
    "denied read": lambda account: account.set_policy({"Statement": []}),
    "several workspaces": lambda account: account.add_workspace(),
    "refused create": lambda account: account.inject(
        Fault("CreateService", "refuse", message=f"you sent {CANARIES['secret']} and {CANARIES['token']}")
    ),
    "refused signature": lambda account: account._keys.secrets.update({KEY_ID: "another"}),
    "expired token": lambda account: account.expire_session(CANARIES["token"]),
    "lost create": lambda account: account.inject(
        Fault("CreateService", "reset", times=None), Fault("DescribeService", "close", times=None)
    ),
    "unreadable create": lambda account: account.inject(
        Fault("CreateService", "truncated_json", applied=True),
        Fault("DescribeService", "html_502", times=None),
    ),
    "failing gate": lambda account: account.inject(Fault("ListImages", "server_error", times=None)),
    "cut gate": lambda account: account.inject(Fault("ListImages", "truncated_json", times=None)),
}


class Hasty:
    """A clock that does not wait."""

    def __init__(self):
        from eas_deploy.clients.clock import SystemClock

        self.true, self.ahead_s = SystemClock(), 0.0
        self.now = self.true.now

    def monotonic(self):
        return self.true.monotonic() + self.ahead_s

    def sleep(self, seconds):
        self.ahead_s += seconds

    async def sleep_async(self, seconds):
        self.ahead_s += seconds


@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("request_", [SERVICE_JSON, VllmOss(**REQUEST)], ids=["service.json", "pattern"])
def test_a_mishap_shows_no_secret(account, http_client, log, monkeypatch, mishap, request_):
    MISHAPS[mishap](account)
    keys = given(monkeypatch)
    with (
        Deployer(
            REGION, endpoint_url=account.url, http_client=http_client, clock=Hasty(), **keys
        ) as deployer,
        pytest.raises(EasDeployError) as caught,
    ):
        deployer.deploy(request_)
    assert_clean(shown_by_a_traceback(caught.value) + log.text)


@pytest.mark.parametrize("mishap", ["refused create", "lost create", "failing gate"])
def test_a_mishap_under_asyncio_shows_no_secret(account, log, monkeypatch, mishap):
    MISHAPS[mishap](account)
    keys = given(monkeypatch)

    async def main():
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as client,
            AsyncDeployer(
                REGION, endpoint_url=account.url, http_client=client, clock=Hasty(), **keys
            ) as deployer,
        ):
            await deployer.deploy(SERVICE_JSON)

    with pytest.raises(EasDeployError) as caught:
        asyncio.run(main())
    assert_clean(shown_by_a_traceback(caught.value) + log.text)


@pytest.mark.parametrize(
    "wrong",
    [{"image": "nothing:1"}, {"image": "image-nothing"}, {"instance_type": "ecs.nothing.large"}],
    ids=str,
)
def test_a_stop_shows_no_secret(account, options, log, wrong):
    with Deployer(REGION, **options) as deployer, pytest.raises(EasDeployError) as caught:
        deployer.deploy(VllmOss(**{**REQUEST, **wrong}))
    assert_clean(shown_by_a_traceback(caught.value) + log.text)


def test_an_interruption_shows_no_secret(account, http_client, monkeypatch):
    """Ctrl-C while CreateService is under way: the traceback is printed to whoever pressed it."""
    keys = given(monkeypatch)

    def pressed(request):
        if "CreateService" in request.headers["x-acs-action"]:
            raise KeyboardInterrupt
        return http_client.send(request)

    client = httpx.Client(transport=httpx.MockTransport(pressed))
    with (
        Deployer(REGION, endpoint_url=account.url, http_client=client, **keys) as deployer,
        pytest.raises(KeyboardInterrupt) as caught,
    ):
        deployer.deploy(SERVICE_JSON)
    assert_clean(shown_by_a_traceback(caught.value))


def test_the_loggers(account, options, log):
    """Ours tells what was sent, at INFO each call and at DEBUG each attempt; the vendors' stay silent."""
    with Deployer(REGION, **options) as deployer:
        deployer.deploy(SERVICE_JSON)
    ours = [record for record in log.records if record.name == "eas_deploy"]
    told = [record.getMessage() for record in ours if record.levelno == logging.INFO]
    for operation in ("ListServices", "ListImages", "CreateService", "DescribeServiceEndpoints"):
        assert [line for line in told if line.startswith(f"{operation}: HTTP 200 (attempts: 1,")]
    assert [record for record in ours if record.levelno == logging.DEBUG]
    assert not [record for record in log.records if record.name in VENDOR_LOGGERS]
    assert any(
        isinstance(handler, logging.NullHandler) for handler in logging.getLogger("eas_deploy").handlers
    )


def refuse_to_rewrite(monkeypatch):
    from eas_deploy.findings import Finding

    def refused(self, wire):
        del wire
        raise ConfigError([Finding("name.format", "error", "metadata.name", "no")])

    monkeypatch.setattr(ServiceConfig, "rewritten", refused)


def test_a_decision_that_does_not_fit_shows_no_secret(account, http_client, monkeypatch):
    """The config that planning makes of a service JSON may be refused as well."""
    refuse_to_rewrite(monkeypatch)
    with (
        Deployer(REGION, endpoint_url=account.url, http_client=http_client, **given(monkeypatch)) as deployer,
        pytest.raises(ConfigError) as caught,
    ):
        deployer.plan(SERVICE_JSON)
    assert_clean(shown_by_a_traceback(caught.value))


def test_a_fallback_that_does_not_fit_shows_no_secret(account, http_client, monkeypatch):
    """So may the one that goes to the shared gateway."""
    behind_nlb = {
        **SERVICE_JSON,
        "networking": {"nlb": [{"id": "default", "listener_port": 9000, "netType": "internet"}]},
        "cloud": {
            **SERVICE_JSON["cloud"],
            "networking": {
                "vpc_id": "vpc-xxx",
                "vswitch_id": "vsw-zone-a,vsw-zone-b",
                "security_group_id": "sg-xxx",
            },
        },
    }
    refusal = Fault("CreateService", "refuse", message="vswitch can not be null", times=2)
    account.inject(refusal)
    options = {"endpoint_url": account.url, "http_client": http_client, **given(monkeypatch)}
    with Deployer(REGION, **options) as deployer:
        plan = deployer.plan(behind_nlb)
        refuse_to_rewrite(monkeypatch)
        with pytest.raises(ConfigError) as caught:
            deployer.execute(plan)
    assert_clean(shown_by_a_traceback(caught.value))
