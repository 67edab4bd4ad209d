"""What makes no sense is refused before anything is asked or changed."""

import pytest


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo")


@pytest.mark.parametrize("method", ["wait", "wait_until_ready"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout_s": 0},
        {"timeout_s": -5},
        {"timeout_s": float("nan")},
        {"on_timeout": "Stop"},
        {"on_timeout": True},
        {"on_timeout": ""},
    ],
    ids=str,
)
def test_a_wait_that_makes_no_sense(emulator, handles, demo, method, wrong):
    """A word that is none must not delete a service; nothing is asked."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        getattr(handles("demo"), method)(**{"timeout_s": 5, **wrong})
    assert emulator.calls == []


def test_a_state_that_cannot_be_waited_for(emulator, handles, demo):
    with pytest.raises(ValueError, match="until='running' is not one of 'Running', 'Stopped', 'Deleted'"):
        handles("demo").wait(until="running")
    assert emulator.calls == []


def test_a_path_that_cannot_be_asked(emulator, handles, demo):
    """It is refused at once, and not when the service runs at last."""
    with pytest.raises(ValueError, match="path"):
        handles("demo").wait_until_ready(path="/../other/health")
    assert emulator.calls == []


@pytest.mark.parametrize("lock", ["ALL", "", None, True])
def test_a_lock_that_does_not_exist(emulator, handles, demo, lock):
    with pytest.raises(ValueError, match=r"lock=.* is not one of 'all', 'dangerous', 'none'"):
        handles("demo").set_safety_lock(lock)
    assert emulator.calls == []


@pytest.mark.parametrize("replicas", [-1, True, 1.5, "2", None])
def test_what_is_no_number_of_replicas(emulator, handles, demo, replicas):
    with pytest.raises(ValueError, match=f"replicas={replicas!r}"):
        handles("demo").scale(replicas)
    assert emulator.calls == []


@pytest.mark.parametrize("method", ["update", "preview_update"])
def test_a_mode_that_does_not_exist(emulator, handles, demo, method):
    with pytest.raises(ValueError, match="mode='Merge' is not one of 'merge', 'replace'"):
        getattr(handles("demo"), method)({"metadata": {"instance": 2}}, mode="Merge")
    assert emulator.calls == []


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "1"])
def test_what_is_no_number_of_a_version(emulator, handles, demo, version):
    with pytest.raises(ValueError, match=f"version={version!r}"):
        handles("demo").roll_back(version)
    assert emulator.calls == []


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan")])
def test_no_time_to_answer(emulator, handles, demo, timeout_s):
    with pytest.raises(ValueError, match=f"timeout_s={timeout_s}"):
        handles("demo").predict({}, timeout_s=timeout_s)
    assert emulator.calls == []


@pytest.mark.parametrize(
    "use",
    [
        lambda service: service.predict({}, network="Internet"),
        lambda service: service.put({}, network="Internet"),
        lambda service: service.poll("1", network="Internet"),
        lambda service: service.http(network="Internet"),
        lambda service: service.openai(network="Internet"),
    ],
)
def test_a_side_that_does_not_exist(emulator, handles, demo, use):
    with pytest.raises(ValueError, match="network='Internet' is not one of None, 'internet', 'intranet'"):
        use(handles("demo"))
    assert emulator.calls == []
