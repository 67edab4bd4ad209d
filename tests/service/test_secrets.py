"""No secret of a config shows in what a failed update leaves behind."""

import traceback

import pytest

from eas_deploy.emulator import Fault
from eas_deploy.errors import EasDeployError
from eas_deploy.lifecycle.calling import Request

CANARY = "canary-env-secret"


def shown(error):
    """The error as tools render it: with the locals of every frame of the package."""
    rendered = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in rendered.stack if "/eas_deploy/" in frame.filename]
    assert frames
    return f"{error!r} {error} {[frame.locals for frame in frames]}"


@pytest.mark.parametrize("mode", ["merge", "replace"])
@pytest.mark.parametrize("trouble", ["lock", "lost", "refused", "invalid"])
def test_of_an_update(emulator, handles, mode, trouble):
    service = emulator.add_service("demo")
    container = {**service.config["containers"][0], "env": [{"name": "HF_TOKEN", "value": CANARY}]}
    change = {**service.config, "containers": [container], "metadata": {"name": "demo", "instance": 1}}
    if trouble == "lock":
        service.safety_lock = "all"
    elif trouble == "lost":
        emulator.inject(Fault("UpdateService", "reset"))
    elif trouble == "refused":
        emulator.inject(Fault("UpdateService", "refuse"))
    else:
        change["metadata"]["name"] = "Not-a-name"
    with pytest.raises(EasDeployError) as caught:
        handles("demo").update(change, mode=mode)
    assert CANARY not in shown(caught.value)


def test_of_a_service_that_has_some(emulator, handles):
    service = emulator.add_service("demo")
    service.config["containers"][0]["env"] = [{"name": "HF_TOKEN", "value": CANARY}]
    service.safety_lock = "all"
    handle = handles("demo")
    for change in (
        handle.stop,
        lambda: handle.scale(3),
        lambda: handle.create_autoscaler({"min": 1, "max": 2}),
    ):
        with pytest.raises(EasDeployError) as caught:
            change()
        assert CANARY not in shown(caught.value)
    assert CANARY not in repr(handle.handle)
    assert CANARY not in str(handle.diagnose())


@pytest.mark.parametrize("kind", ["reset", "refuse", "timeout"])
def test_of_a_call(emulator, handles, kind):
    """The token is in no frame of a failed request."""
    secret = emulator.add_service("demo").access_token
    handle = handles("demo")
    emulator.inject(Fault("DataPlane", kind, status=500, delay_s=0.1))
    with pytest.raises(EasDeployError) as caught:
        handle.predict({"a": 1})
    assert secret not in shown(caught.value)
    emulator.inject(Fault("DataPlane", kind, status=500, delay_s=0.1, times=2))
    with pytest.raises(EasDeployError) as caught:
        list(handle.chat("Hello", stream=True))
    assert secret not in shown(caught.value)


@pytest.mark.parametrize("header", ["X-Own", "X-Own: "])
def test_of_a_header_that_cannot_be_sent(header):
    with pytest.raises(ValueError, match="header") as caught:
        Request(headers={header: f"{CANARY}\n"})
    assert CANARY not in shown(caught.value)
