"""What a handle shows of its service."""

import asyncio
import inspect
import pydoc
import re
import sys
import threading
import types

import pytest
from pydantic import SecretStr

from eas_deploy import AsyncDeployer, Deployer
from eas_deploy.calls import ServiceInfo
from eas_deploy.errors import InvocationError, NotFoundError
from eas_deploy.service import AsyncService, Service
from eas_deploy.service.handle import Handle, Told


def test_every_field_of_the_api_is_there():
    fields = {name for name, value in vars(Handle).items() if isinstance(value, Told)}
    assert fields == set(ServiceInfo.model_fields)


def test_fields_are_none_until_refreshed(emulator, handles):
    """No I/O hides behind a field."""
    emulator.add_service("demo")
    service = handles("demo")
    assert service.status is None
    assert service.access_token is None
    assert service.labels is None
    assert emulator.calls == []


def test_refresh_reads_every_field_and_gives_the_handle(emulator, handles):
    emulator.add_service("demo", labels={"team": "search"})
    service = handles("demo")
    assert service.refresh() is service.handle
    assert service.status == "Running"
    assert service.image.endswith("/vllm:0.14.0-gpu") or "/vllm:" in service.image
    assert service.running_instance == 1
    assert isinstance(service.access_token, SecretStr)
    assert [(one.label_key, one.label_value) for one in service.labels] == [("team", "search")]


def test_a_misspelt_field_is_an_attribute_error(handles):
    with pytest.raises(AttributeError, match="stauts"):
        handles("demo").stauts  # noqa: B018 - the access is what is tested


def test_refresh_of_an_absent_service(handles):
    with pytest.raises(NotFoundError, match="demo"):
        handles("demo").refresh()


def test_no_secret_in_the_repr(emulator, handles):
    secret = emulator.add_service("demo").access_token
    service = handles("demo")
    service.refresh()
    service.get_endpoints()
    assert secret not in repr(service.handle)
    assert secret not in repr(vars(service.handle))


def test_methods_say_what_they_take():
    """Methods that are made of plans have the words and arguments of the plan."""
    assert "Billing starts" in Service.start.__doc__
    assert Service.scale.__name__ == "scale"
    assert [*AsyncService.scale.__signature__.parameters] == ["self", "replicas"]


@pytest.mark.parametrize(
    ("handle", "method", "signature"),
    [
        (Service, "scale", "(self, /, replicas: 'int') -> 'Change'"),
        (AsyncService, "scale", "(self, /, replicas: 'int') -> 'Change'"),
        (Service, "instances", "(self, /) -> 'list[ServiceInstance]'"),
        (Service, "diagnose", "(self, /) -> 'Diagnosis'"),
    ],
)
def test_methods_say_what_they_give(handle, method, signature):
    """As methods that are written out do; a coroutine's result is what it gives when it is awaited."""
    assert str(inspect.signature(getattr(handle, method))) == signature
    assert method + signature in pydoc.plain(pydoc.render_doc(getattr(handle, method)))


def test_iterators_say_what_they_give():
    assert inspect.signature(Service.logs).return_annotation == "Iterator[str]"
    assert inspect.signature(AsyncService.logs).return_annotation == "AsyncIterator[str]"
    assert inspect.signature(Service.watch).return_annotation == "Iterator[QueueResult]"


@pytest.mark.parametrize("handle", [Service, AsyncService])
def test_no_method_shows_a_type_variable(handle):
    methods = [value for name, value in inspect.getmembers(handle, inspect.isfunction) if name[0] != "_"]
    assert len(methods) > 30
    for method in methods:
        shown = inspect.signature(method).return_annotation
        assert shown == method.__annotations__["return"]
        assert re.search(r"\bT\b|\[\]|_empty|^$", str(shown)) is None, method


def test_the_openai_package_is_loaded_beside_the_event_loop(emulator, monkeypatch):
    """It takes a second to import, in which everything else would stand still."""
    emulator.add_service("demo")
    package = types.ModuleType("openai")
    package.AsyncOpenAI = lambda **_: threading.current_thread()
    monkeypatch.setitem(sys.modules, "openai", package)

    async def main():
        async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
            return await deployer.service("demo").openai()

    assert asyncio.run(main()) is not threading.main_thread()


def test_a_handle_outlives_its_deployer(emulator):
    emulator.add_service("demo")
    with Deployer("cn-hangzhou", **emulator.connection()) as deployer:
        service = deployer.service("demo")
        service.refresh()
    assert service.chat("Hello") == "You said: Hello"
    service.close()
    assert service.refresh().status == "Running"
    service.close()


def test_an_asyncio_handle_outlives_its_deployer(emulator):
    emulator.add_service("demo")

    async def main():
        async with AsyncDeployer("cn-hangzhou", **emulator.connection()) as deployer:
            service = deployer.service("demo")
            await service.refresh()
        answer = await service.chat("Hello")
        await service.close()
        await service.close()
        return answer

    assert asyncio.run(main()) == "You said: Hello"


def test_a_service_without_address(emulator, handles):
    """It is told that it may still be starting."""
    emulator.add_service("demo")
    service = handles("demo")
    told = service.get_endpoints()
    del told.endpoints[0].internet_endpoints[:], told.endpoints[0].intranet_endpoints[:]
    with pytest.raises(InvocationError, match="no address yet"):
        service.predict({})


def test_endpoints_carry_addresses_and_token(emulator, handles):
    secret = emulator.add_service("demo").access_token
    told = handles("demo").get_endpoints()
    assert told.endpoints[0].internet_endpoints == [f"{emulator.url}/api/predict/demo"]
    assert told.access_token.get_secret_value() == secret
