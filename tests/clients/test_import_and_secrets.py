"""What importing does not do, and what is never shown."""

import asyncio
import json
import logging
import subprocess
import sys
import traceback

import httpx
import pytest
from client_stand_ins import FakeClock

from eas_deploy.calls import CreateService, Send
from eas_deploy.clients import AsyncSender, BlockingSender
from eas_deploy.clients.vendor_logging import VENDOR_LOGGERS, quiet_import
from eas_deploy.errors import ConfigError, EasDeployError

LOOK = """
import json, logging, sys, threading
import eas_deploy.clients.products
from eas_deploy.clients import AsyncSender, BlockingSender
roots = {name.partition(".")[0] for name in sys.modules}
before = sorted(name for name in roots if name in {
    "httpx", "httpx2", "httpcore", "h11", "aiohttp", "requests", "Tea", "darabonba",
} or name.startswith("alibabacloud"))
ours = len(logging.getLogger("eas_deploy").handlers)
threads = threading.active_count()
mine = logging.StreamHandler()
logging.getLogger("credentials").addHandler(mine)
import httpx
from eas_deploy.calls import DescribeService, Send
client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={})))
BlockingSender("cn-hangzhou", access_key_id="i", access_key_secret="s", http_client=client).send(
    Send(DescribeService("x")))
print(json.dumps({
    "before": before,
    "ours": ours,
    "threads": threads,
    "root": len(logging.getLogger().handlers),
    "vendors": {name: [type(handler).__name__ for handler in logging.getLogger(name).handlers]
                for name in ("alibabacloud-tea", "darabonba-core", "credentials")},
    "mine": mine in logging.getLogger("credentials").handlers,
}))
"""


def test_importing_has_no_effect():
    """No HTTP or official package, handler or thread before the first call; vendors stay quiet after it."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "before": [],
        "ours": 0,
        "threads": 1,
        "root": 0,
        "vendors": {
            "alibabacloud-tea": ["NullHandler"],
            "darabonba-core": ["NullHandler"],
            "credentials": ["StreamHandler"],
        },
        "mine": True,
    }


def test_handlers_that_an_import_adds_are_taken_off():
    logger = logging.getLogger(VENDOR_LOGGERS[0])
    level, added = logger.level, logging.StreamHandler()
    with quiet_import():
        logger.addHandler(added)
        logger.setLevel(level + 1)
    assert added not in logger.handlers
    assert logger.level == level


CANARIES = {"access_key_secret": "canary-secret", "security_token": "canary-token"}
BODY = {"metadata": {"name": "x"}, "containers": [{"env": [{"name": "A", "value": "canary-env"}]}]}
QUOTING = {"Code": "SignatureDoesNotMatch", "Message": "you sent canary-secret and canary-token"}


def lost(request):
    raise httpx.ReadError("lost", request=request)


OUTCOMES = {
    "refused": lambda _: httpx.Response(400, json=QUOTING),
    "lost": lost,
    "unreadable": lambda _: httpx.Response(200, json={"ServiceId": ["canary-answer"]}),
    "html": lambda _: httpx.Response(502, text="<html>canary-answer"),
    "expired": lambda _: httpx.Response(403, json={**QUOTING, "Code": "InvalidSecurityToken.Expired"}),
}


@pytest.mark.parametrize("kind", ["blocking", "async"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_no_secret_in_errors_tracebacks_logs_or_ledger(caplog, kind, outcome):
    """Nor in the variables of our own frames, which some traceback printers show."""
    caplog.set_level(logging.DEBUG)
    ledger = []
    options = {"access_key_id": "LTAI5tCanaryKeyId", "clock": FakeClock(), **CANARIES}
    step = Send(CreateService(BODY))
    transport = httpx.MockTransport(OUTCOMES[outcome])

    def send():
        if kind == "blocking":
            client = httpx.Client(transport=transport)
            return BlockingSender("cn-hangzhou", http_client=client, **options).send(step, ledger=ledger)
        client = httpx.AsyncClient(transport=transport)
        return asyncio.run(
            AsyncSender("cn-hangzhou", http_client=client, **options).send(step, ledger=ledger)
        )

    with pytest.raises(EasDeployError) as caught:
        send()
    shown = [str(caught.value), repr(caught.value), repr(ledger), caplog.text]
    error = caught.value
    while error is not None:
        frames = traceback.walk_tb(error.__traceback__)
        shown += [
            f"{key}={value!r}"
            for frame, _ in frames
            if "eas_deploy" in frame.f_code.co_filename
            for key, value in frame.f_locals.items()
        ]
        error = error.__cause__ or error.__context__
    assert "canary" not in "\n".join(shown)
    assert "LTAI5tCanaryKeyId" not in str(caught.value) + caplog.text


@pytest.mark.parametrize(
    "wrong", [{"region_id": "no/region"}, {"endpoint_url": "x"}, {"access_key_id": None}]
)
def test_no_secret_in_the_traceback_of_a_refused_argument(wrong):
    arguments = {"region_id": "cn-hangzhou", "access_key_id": "LTAI", **CANARIES, **wrong}
    with pytest.raises(ConfigError) as caught:
        BlockingSender(**arguments)
    for frame, _ in traceback.walk_tb(caught.value.__traceback__):
        if "eas_deploy" in frame.f_code.co_filename:
            assert "canary" not in repr(frame.f_locals)
