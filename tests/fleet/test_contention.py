"""What the services of one fleet would take from each other is found before anything is created."""

import pytest
from fleet_runs import request_for

from eas_deploy.errors import NotStartedError, ResourceNotFoundError
from eas_deploy.patterns import DedicatedResourceGroup, Nlb, NlbListener, ServiceRequest


class TestListeners:
    """A port of an NLB goes to one service."""

    @pytest.fixture(autouse=True)
    def balancers(self, emulator):
        for nlb_id in ("nlb-one", "nlb-two"):
            emulator.add_load_balancer(
                nlb_id, vpc_id="vpc-xxx", vswitch_ids=("vsw-zone-a", "vsw-zone-b"), listener_ports=(9999,)
            )

    def on_nlb(self, name, *ports, nlb_id="nlb-one", **fields):
        listeners = tuple(NlbListener(port=port) for port in ports)
        return request_for(name, network=Nlb(listeners=listeners, nlb_id=nlb_id), **fields)

    def test_the_later_of_two_is_refused(self, fleets):
        report = fleets.deploy(
            [self.on_nlb("one", 8000), self.on_nlb("two", 8001, 8000), self.on_nlb("three", 8001)]
        )

        # What the second would have taken beside it stays free.
        assert [one.ok for one in report] == [True, False, True], report.summary()
        error = report[1].error
        assert isinstance(error, ResourceNotFoundError)
        assert error.kind == "listener port"
        assert "Port 8000 of NLB nlb-one goes to service one" in str(error)
        assert "8000 (one)" in error.looked_at[0]
        assert fleets.sent()["CreateService"] == 2

    def test_the_same_port_of_another_nlb_is_another(self, fleets):
        assert fleets.deploy([self.on_nlb("one", 8000), self.on_nlb("two", 8000, nlb_id="nlb-two")]).ok

    def test_the_system_makes_an_nlb_for_each(self, fleets):
        requests = [self.on_nlb(name, 8000, nlb_id="default") for name in ("one", "two")]

        assert fleets.deploy(requests, deployer={"confirm": lambda plan: True}).ok

    def test_one_that_is_not_created_takes_nothing(self, fleets):
        """Neither an impossible request nor one that the user declines."""
        report = fleets.deploy(
            [
                self.on_nlb("impossible", 8000, image="vllm:99"),
                self.on_nlb("declined", 8000),
                self.on_nlb("good", 8000),
            ],
            deployer={"confirm": lambda plan: plan.name != "declined"},
        )

        assert [one.ok for one in report] == [False, False, True]

    def test_nobody_is_asked_about_one_that_is_refused(self, fleets):
        asked = []
        fleets.deploy(
            [self.on_nlb("one", 8000), self.on_nlb("two", 8000)],
            deployer={"confirm": lambda plan: asked.append(plan.name) or True},
        )

        assert asked == ["one"]

    def test_fail_fast_creates_nothing(self, fleets):
        report = fleets.deploy(
            [request_for("plain"), self.on_nlb("one", 8000), self.on_nlb("two", 8000)], fail_fast=True
        )

        assert [type(one.error) for one in report] == [
            NotStartedError,
            NotStartedError,
            ResourceNotFoundError,
        ]
        assert fleets.sent()["CreateService"] == 0


class TestResourceGroups:
    """Together the services need no more than the group has."""

    @pytest.fixture(autouse=True)
    def group(self, emulator):
        """The only one: whoever names none gets it."""
        emulator.clear("resource_groups")
        return emulator.add_resource_group("eas-r-small", cpu=16, memory_mb=64_000, gpu=3)

    def in_group(self, name, *, kind=DedicatedResourceGroup, **fields):
        return kind(
            **{
                "name": name,
                "image": "vllm:0.14.0-gpu",
                "model": "oss://my-bucket/qwen2.5-7b-instruct/",
                "resource_group": {"resource_id": "eas-r-small", "cpu": 4, "memory_mb": 8000, "gpu": 1},
                **fields,
            }
        )

    @pytest.mark.parametrize(
        ("needs", "together"),
        [
            # Beside one service with 1 GPU, 4 cores and 8000 MB, of 3 GPUs, 16 cores and 64000 MB:
            ({"gpu": 3}, "4 GPUs, 8 CPU cores and 16000 MB"),
            ({"cpu": 13}, "2 GPUs, 17 CPU cores and 16000 MB"),
            ({"memory_mb": 60_000}, "2 GPUs, 8 CPU cores and 68000 MB"),
        ],
    )
    def test_the_one_that_is_too_much_is_refused(self, fleets, needs, together):
        own = {"resource_id": "eas-r-small", "cpu": 4, "memory_mb": 8000, "gpu": 1}

        report = fleets.deploy(
            [
                self.in_group("one"),
                self.in_group("two", resource_group={**own, **needs}),
                self.in_group("three"),
            ]
        )

        assert [one.ok for one in report] == [True, False, True], report.summary()
        error = report[1].error
        assert isinstance(error, ResourceNotFoundError)
        assert error.kind == "capacity of the dedicated resource group"
        assert "no room for service two beside one of the same fleet" in str(error)
        assert together in str(error)
        assert fleets.sent()["CreateService"] == 2
        assert fleets.sent()["ListResources"] == 1

    def test_every_replica_counts(self, fleets):
        report = fleets.deploy([self.in_group("one", replicas=2), self.in_group("two", replicas=2)])

        assert [one.ok for one in report] == [True, False]
        assert isinstance(report[1].error, ResourceNotFoundError)

    def test_a_group_that_was_chosen_counts(self, fleets):
        """And so does the GPU that vLLM needs and nobody asked for."""
        report = fleets.deploy(
            [
                self.in_group(f"demo_{index}", resource_group={"cpu": 1, "memory_mb": 1000})
                for index in range(4)
            ]
        )

        assert [one.ok for one in report] == [True, True, True, False], report.summary()
        assert "demo_0, demo_1, demo_2" in str(report[3].error)

    def test_another_group_is_taken_that_has_room(self, fleets):
        """As it would be if the services were deployed one after the other."""
        fleets.emulator.add_resource_group("eas-r-two", cpu=16, memory_mb=64_000, gpu=3)
        open_need = {"cpu": 4, "memory_mb": 8000, "gpu": 2}

        report = fleets.deploy(
            [self.in_group(name, resource_group=open_need) for name in ("one", "two", "three")]
        )

        assert [one.ok for one in report] == [True, True, False], report.summary()
        plans = [one.plan for one in report.deployments]
        assert {plan.config.metadata.resource for plan in plans} == {"eas-r-small", "eas-r-two"}
        assert [[one.subject for one in plan.decisions].count("resource group") for plan in plans] == [1, 1]
        assert not [one for plan in plans for one in plan.findings if one.rule == "resource.busy"]
        assert "of the same fleet" in str(report[2].error)
        assert fleets.sent()["ListResources"] == 1

    def test_the_roomiest_is_that_beside_the_fleet(self, fleets):
        """Five GPUs, of which the fleet takes three, are less than three."""
        fleets.emulator.add_resource_group("eas-r-five", cpu=64, memory_mb=640_000, gpu=5)
        five = {"resource_id": "eas-r-five", "cpu": 4, "memory_mb": 8000, "gpu": 3}

        report = fleets.deploy(
            [
                self.in_group("one", resource_group=five),
                self.in_group("two", resource_group={"cpu": 4, "memory_mb": 8000, "gpu": 1}),
            ]
        )

        assert report[1].deployment.config.metadata.resource == "eas-r-small"

    def busy(self, fleets, *, used):
        """What the plans of three services say of room, when another one uses GPUs already."""
        old = self.in_group("old", resource_group={"resource_id": "eas-r-small", "cpu": 1, "gpu": used})
        fleets.emulator.add_service(
            "old", config=old.to_config(image="registry.example.com/team/vllm:1").to_wire()
        )
        told = []

        def confirm(plan):
            told.append([one.message for one in plan.findings if one.rule == "resource.busy"])
            return True

        fleets.deploy([self.in_group(f"demo_{index}") for index in range(3)], deployer={"confirm": confirm})
        return told

    def test_too_little_free_is_a_warning(self, fleets):
        """Others may make room, as for a service that is deployed alone: it is told before a create."""
        first, second, (third,) = self.busy(fleets, used=1)

        assert first == second == []
        assert third.startswith("with demo_0, demo_1 of the same fleet, eas-r-small has little left now")
        assert "3 GPUs needed, 3 in total, 2 free" in third

    def test_it_is_told_once(self, fleets):
        """One that finds no room even by itself is told of the whole fleet's need alone."""
        (first,), (second,), _ = self.busy(fleets, used=3)

        assert first.startswith("eas-r-small has little left now: 1 GPUs needed, 3 in total, 0 free")
        assert "2 GPUs needed, 3 in total, 0 free" in second

    def test_an_elastic_pool_overflows(self, fleets):
        """What finds no room there runs on public machines."""
        pool = {"kind": ServiceRequest, "extra": {"metadata": {"resource_burstable": True}}}

        report = fleets.deploy(
            [
                self.in_group(f"demo_{index}", instance_type="ecs.gn7i-c16g1.4xlarge", **pool)
                for index in range(4)
            ]
        )

        assert report.ok, report.summary()

    def test_many_services_are_counted_not_named(self, fleets):
        fleets.emulator.add_resource_group("eas-r-wide", cpu=6, memory_mb=64_000, gpu=8)
        small = {"resource_id": "eas-r-wide", "cpu": 1, "memory_mb": 1000, "gpu": 1}

        report = fleets.deploy([self.in_group(f"demo_{index}", resource_group=small) for index in range(7)])

        assert "beside 6 services of the same fleet" in str(report[6].error)
