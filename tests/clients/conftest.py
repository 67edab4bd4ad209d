import pytest
from client_stand_ins import PACKAGES, Bench
from raw_servers import Awaited, Blocking


@pytest.fixture(params=["blocking", "async"])
def bench(request):
    """One sender after the other, over httpx."""
    return Bench(request.param, PACKAGES[0])


@pytest.fixture(params=[(kind, package) for kind in ("blocking", "async") for package in PACKAGES], ids=str)
def any_bench(request):
    """One sender after the other, over each HTTP package that is installed."""
    return Bench(*request.param)


@pytest.fixture(params=[Blocking, Awaited], ids=["blocking", "awaited"])
def any_sender(request):
    """Makes a sender over connections of its own; both kinds keep the same laws."""
    return request.param


@pytest.fixture(autouse=True)
def _no_credentials_of_this_machine(monkeypatch):
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
    for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"):
        monkeypatch.delenv(f"ALIBABA_CLOUD_{name}", raising=False)
