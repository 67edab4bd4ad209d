"""The asyncio facade: the same names and signatures as `eas_deploy.deployer`, to be awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import Self

from eas_deploy import _defaults
from eas_deploy._later import Later
from eas_deploy.facade import Facade

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from eas_deploy import catalogue, driver, fleet_progress, flow, manifest, service
    from eas_deploy.calls import ImageInfo, MachineSpec, WorkspaceInfo
    from eas_deploy.calls.record import CallRecord
    from eas_deploy.calls.steps import Plan
    from eas_deploy.catalog.sizing import Dtype, Shape
    from eas_deploy.catalogue import Catalogue, Recommendation
    from eas_deploy.clients import asynchronous as edge
    from eas_deploy.clients import products
    from eas_deploy.clients.asynchronous import AsyncSender
    from eas_deploy.clients.products import (
        AsyncAiworkspaceClient,
        AsyncEasClient,
        AsyncEcsClient,
        AsyncNlbClient,
        AsyncVpcClient,
    )
    from eas_deploy.deployment import Deployment
    from eas_deploy.fleet import FleetReport
    from eas_deploy.fleet_progress import Progress
    from eas_deploy.flow import Request
    from eas_deploy.manifest import Requests
    from eas_deploy.planning.plan import DeploymentPlan
    from eas_deploy.service import AsyncService
else:
    catalogue = Later("eas_deploy.catalogue")
    driver = Later("eas_deploy.driver")
    edge = Later("eas_deploy.clients.asynchronous")
    fleet_progress = Later("eas_deploy.fleet_progress")
    flow = Later("eas_deploy.flow")
    manifest = Later("eas_deploy.manifest")
    products = Later("eas_deploy.clients.products")
    service = Later("eas_deploy.service")

T = TypeVar("T")


class AsyncDeployer(Facade["AsyncSender"]):
    """Deploys models as PAI-EAS services under asyncio; for the tasks of one event loop.

    ``confirm`` and ``choose_workspace`` may be coroutine functions.

    Example:
        >>> from eas_deploy.patterns import VllmOss
        >>> async def main() -> None:
        ...     async with AsyncDeployer("cn-hangzhou") as deployer:
        ...         deployment = await deployer.deploy(
        ...             VllmOss(
        ...                 name="qwen_demo",
        ...                 image="vllm:0.14.0-gpu",
        ...                 model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...                 instance_type="ecs.gn7i-c16g1.4xlarge",
        ...             )
        ...         )
        ...         print(deployment.summary())
    """

    def _new_sender(self, **options: Any) -> AsyncSender:
        return edge.AsyncSender(self.region_id, clock=self._clock, **options)

    async def plan(self, request: Request) -> DeploymentPlan:
        """The plan for a deployment; see `Deployer.plan`."""
        ledger: list[CallRecord] = []
        course = self._flow.plan(flow.Sealed(request), ledger)
        del request  # see Sealed
        return await self._run(course, ledger)

    async def execute(self, plan: DeploymentPlan) -> Deployment:
        """The deployment of a plan; see `Deployer.execute`."""
        ledger: list[CallRecord] = []
        return self._with_handle(await self._run(self._flow.execute(plan, ledger), ledger))

    async def deploy(self, request: Request) -> Deployment:
        """Plan, ask ``confirm`` if there is one, and execute; see `Deployer.deploy`."""
        ledger: list[CallRecord] = []
        course = self._flow.deploy(flow.Sealed(request), ledger)
        del request  # see Sealed
        return self._with_handle(await self._run(course, ledger))

    async def deploy_many(  # noqa: PLR0913 - the published signature, and where it runs
        self,
        requests: Requests,
        *,
        max_concurrency: int = _defaults.FLEET_CONCURRENCY,
        fail_fast: bool = False,
        progress: Progress = None,
        executor: Executor | None = None,
        workers: int | None = None,
    ) -> FleetReport:
        """What became of a whole fleet of services; see `Deployer.deploy_many`."""
        entries = manifest.entries_of(requests)
        del requests  # see Sealed
        ledger: list[CallRecord] = []
        with fleet_progress.shown(progress, len(entries)) as on_end:
            crew = executor and self._crew(executor, workers, max_concurrency, fail_fast=fail_fast)
            fleet = self._fleet(
                max_concurrency,
                on_end,
                self._with_handle,
                fail_fast=fail_fast,
                hand_out=crew.run_async if crew else None,
            )
            return await self._run(fleet.deploy(entries, ledger), ledger)

    def service(self, name: str) -> AsyncService:
        """The handle to a service, by its name; asks nothing yet."""
        return service.AsyncService(name, self._sender)

    async def services(self, **filters: Any) -> AsyncIterator[AsyncService]:
        """The services of the region, all pages; see `Deployer.services`."""
        for info in await self._run(catalogue.list_services(**filters)):
            yield service.AsyncService(str(info.service_name), self._sender, info)

    async def images(self, **filters: Any) -> Catalogue[ImageInfo]:
        """The official images that EAS supports; see `Deployer.images`."""
        return await self._run(catalogue.list_images(**filters))

    async def machine_specs(self) -> Catalogue[MachineSpec]:
        """The instance types of the public resource group, with their stock."""
        return await self._run(catalogue.list_machine_specs())

    async def recommend(
        self,
        parameters_b: float,
        dtype: Dtype = "bf16",
        context: int = 8192,
        sequences: int = 1,
        shape: Shape | None = None,
    ) -> Recommendation:
        """The instance types whose GPU memory holds a language model; see `Deployer.recommend`."""
        return await self._run(catalogue.recommend(parameters_b, dtype, context, sequences, shape))

    async def workspaces(self) -> Catalogue[WorkspaceInfo]:
        """The workspaces that this key may see."""
        return await self._run(catalogue.list_workspaces())

    @property
    def eas(self) -> AsyncEasClient:
        """The operations of EAS, one method each."""
        return products.AsyncEasClient(self._sender)

    @property
    def aiworkspace(self) -> AsyncAiworkspaceClient:
        """The operations of AIWorkSpace, one method each."""
        return products.AsyncAiworkspaceClient(self._sender)

    @property
    def vpc(self) -> AsyncVpcClient:
        """The operations of VPC, one method each."""
        return products.AsyncVpcClient(self._sender)

    @property
    def ecs(self) -> AsyncEcsClient:
        """The operations of ECS, one method each."""
        return products.AsyncEcsClient(self._sender)

    @property
    def nlb(self) -> AsyncNlbClient:
        """The operations of NLB, one method each."""
        return products.AsyncNlbClient(self._sender)

    async def aclose(self) -> None:
        """Close the connections; a client that was handed in stays open."""
        await self._sender.aclose()

    def _with_handle(self, deployment: Deployment) -> Deployment:
        return replace(deployment, service=self.service(deployment.name))

    async def _run(self, plan: Plan[T], ledger: list[CallRecord] | None = None) -> T:
        return await driver.run_async(plan, self._sender, [] if ledger is None else ledger, self._deadline())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
