"""The senders and typed clients against the emulator, which shares no code with them."""

import asyncio
import json
from pathlib import Path

import pytest

from eas_deploy.clients import AsyncSender, BlockingSender
from eas_deploy.clients.products import (
    AiworkspaceClient,
    AsyncEasClient,
    EasClient,
    EcsClient,
    NlbClient,
    VpcClient,
)
from eas_deploy.errors import AuthenticationError, NotFoundError

emulation = pytest.importorskip("eas_deploy.emulator")
PATTERN = Path(__file__).parents[2] / "examples" / "patterns" / "1_vllm_oss.json"


@pytest.fixture(scope="module")
def emulator():
    with emulation.Emulator(lifecycle="immediate") as running:
        yield running


@pytest.fixture
def sender(emulator):
    emulator.reset()
    with BlockingSender(emulator.region_id, **emulator.connection()) as sender:
        yield sender


def test_a_service_from_creation_to_deletion(sender, emulator):
    eas = EasClient(sender)
    body = json.loads(PATTERN.read_text(encoding="utf-8"))
    name = body["metadata"]["name"]
    created = eas.create_service(body, labels={"eas-deploy-id": "a b+c/1"})
    assert created.service_id
    service = eas.describe_service(name)
    assert (service.service_id, service.label_map["eas-deploy-id"]) == (created.service_id, "a b+c/1")
    assert json.loads(service.service_config)["metadata"]["name"] == name
    assert [found.service_name for found in eas.list_services(filter=name).items] == [name]
    assert eas.describe_service_endpoints(name).items[0].internet_endpoints
    eas.stop_service(name)
    eas.start_service(name)
    eas.update_service(name, {"metadata": {"instance": 2}}, "merge")
    eas.delete_service(name)
    with pytest.raises(NotFoundError):
        eas.describe_service(name)
    assert {call.user_agent for call in emulator.calls} == {sender.user_agent}


def test_the_catalogue_and_the_network(sender):
    assert len(EasClient(sender).describe_machine_spec().items) > 50
    images = AiworkspaceClient(sender).list_images("system.official=true", verbose=True)
    assert images.items[0].label_map["system.official"] == "true"
    assert AiworkspaceClient(sender).list_workspaces().items[0].workspace_id == "123456"
    vpc_id = VpcClient(sender).describe_vpcs().items[0].vpc_id
    assert {found.vpc_id for found in VpcClient(sender).describe_vswitches(vpc_id).items} == {vpc_id}
    assert {found.vpc_id for found in EcsClient(sender).describe_security_groups(vpc_id).items} == {vpc_id}
    assert NlbClient(sender).list_listeners(["nlb-none"]).items == []


def test_many_tasks_share_an_async_sender(emulator):
    emulator.reset()

    async def main():
        async with AsyncSender(emulator.region_id, **emulator.connection()) as sender:
            eas = AsyncEasClient(sender)
            return await asyncio.gather(*(eas.list_gateway() for _ in range(20)))

    assert len(asyncio.run(main())) == 20


def test_a_wrong_secret_is_refused(emulator):
    connection = {**emulator.connection(), "access_key_secret": "wrong"}
    with (
        BlockingSender(emulator.region_id, **connection) as sender,
        pytest.raises(AuthenticationError, match="the keys passed to the client"),
    ):
        EasClient(sender).list_services()
