"""The blocking facade: every procedure in one call."""

from __future__ import annotations

from collections.abc import Iterator
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
    from eas_deploy import workers as workers_module
    from eas_deploy.calls import ImageInfo, MachineSpec, WorkspaceInfo
    from eas_deploy.calls.record import CallRecord
    from eas_deploy.calls.steps import Plan
    from eas_deploy.catalog.sizing import Dtype, Shape
    from eas_deploy.catalogue import Catalogue, Recommendation
    from eas_deploy.clients import blocking as edge
    from eas_deploy.clients import products
    from eas_deploy.clients.blocking import BlockingSender
    from eas_deploy.clients.products import AiworkspaceClient, EasClient, EcsClient, NlbClient, VpcClient
    from eas_deploy.deployment import Deployment
    from eas_deploy.fleet import FleetReport
    from eas_deploy.fleet_progress import Progress
    from eas_deploy.flow import Request
    from eas_deploy.manifest import Requests
    from eas_deploy.planning.plan import DeploymentPlan
    from eas_deploy.service import Service
    from eas_deploy.workers import Errand
else:
    catalogue = Later("eas_deploy.catalogue")
    driver = Later("eas_deploy.driver")
    edge = Later("eas_deploy.clients.blocking")
    fleet_progress = Later("eas_deploy.fleet_progress")
    flow = Later("eas_deploy.flow")
    manifest = Later("eas_deploy.manifest")
    products = Later("eas_deploy.clients.products")
    service = Later("eas_deploy.service")
    workers_module = Later("eas_deploy.workers")

T = TypeVar("T")


class Deployer(Facade["BlockingSender"]):
    """Deploys models as PAI-EAS services; usable from several threads at once.

    Example:
        >>> from eas_deploy.patterns import VllmOss
        >>> with Deployer("cn-hangzhou") as deployer:  # doctest: +SKIP
        ...     deployment = deployer.deploy(
        ...         VllmOss(
        ...             name="qwen_demo",
        ...             image="vllm:0.14.0-gpu",
        ...             model="oss://my-bucket/qwen2.5-7b-instruct/",
        ...             instance_type="ecs.gn7i-c16g1.4xlarge",
        ...         )
        ...     )
        ...     print(deployment.summary())
    """

    def _new_sender(self, **options: Any) -> BlockingSender:
        return edge.BlockingSender(self.region_id, clock=self._clock, **options)

    def plan(self, request: Request) -> DeploymentPlan:
        """The plan for a deployment. Only reads; nothing is created.

        Args:
            request: A pattern, a config, a dict in service.json form, or a path to a service.json.

        Raises:
            DeploymentStopped: A reason to stop, such as a name that is taken.
            ConfigError: The request cannot be deployed; all reasons at once.
            ApiError: A mandatory call was refused.
            TransportError: The time was over.
        """
        ledger: list[CallRecord] = []
        course = self._flow.plan(flow.Sealed(request), ledger)
        del request  # see Sealed
        return self._run(course, ledger)

    def execute(self, plan: DeploymentPlan) -> Deployment:
        """The deployment of a plan: creates one service. Billing starts.

        Raises:
            DuplicateServiceError: The name was taken meanwhile.
            ApiError: CreateService was refused; nothing was created.
            CreateOutcomeUnknownError: It could not be found out whether the service exists.
        """
        ledger: list[CallRecord] = []
        return self._with_handle(self._run(self._flow.execute(plan, ledger), ledger))

    def deploy(self, request: Request) -> Deployment:
        """Plan, ask ``confirm`` if there is one, and execute. Billing starts.

        Raises:
            ConfirmationDeclined: ``confirm`` said no.
            EasDeployError: As `plan` and `execute`; ``service_may_exist`` says what it may cost.
        """
        ledger: list[CallRecord] = []
        course = self._flow.deploy(flow.Sealed(request), ledger)
        del request  # see Sealed
        return self._with_handle(self._run(course, ledger))

    def deploy_many(  # noqa: PLR0913 - the published signature, and where it runs
        self,
        requests: Requests,
        *,
        max_concurrency: int = _defaults.FLEET_CONCURRENCY,
        fail_fast: bool = False,
        progress: Progress = None,
        executor: Executor | None = None,
        workers: int | None = None,
    ) -> FleetReport:
        """What became of a whole fleet of services; one that fails does not stop the others. Billing starts.

        What several requests need is asked for once; names are checked against one listing and against
        each other. When the service says that it gets too many requests, its limit is found and kept.

        Args:
            requests: What to deploy: an iterable of what `deploy` takes, or the path of a folder of
                service.json files or of a manifest (JSON or YAML).
            max_concurrency: How many services are deployed, and how many calls are under way, at once.
            fail_fast: Begin no further service once one has failed. A share that runs in another process
                already does not hear of it, and comes to its end.
            progress: True shows a bar (extra ``progress``); a callable is told of every outcome, how many
                there are by then, and of how many.
            executor: Where the services are created: any executor, such as a process pool or Dask's. The
                plans are made here, and the workers take their keys from their environment. None creates
                them here.
            workers: How many shares of the fleet are under way at once; None asks the executor, and takes
                ``max_concurrency`` of one that does not tell.

        Returns:
            One outcome for each request, in order. What interrupts the fleet, such as Ctrl-C, carries the
            report so far as its attribute ``fleet_report``.

        Raises:
            ConfigError: A folder or manifest cannot be read, or an argument is no use. What is wrong with
                a single request is in its outcome.
        """
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
                hand_out=crew.run if crew else None,
            )
            return self._run(fleet.deploy(entries, ledger), ledger)

    def service(self, name: str) -> Service:
        """The handle to a service, by its name; asks nothing yet."""
        return service.Service(name, self._sender)

    def services(self, **filters: Any) -> Iterator[Service]:
        """The services of the region, all pages.

        Args:
            filters: The parameters of ListServices, such as ``filter="qwen"`` or ``workspace_id="1"``.
        """
        for info in self._run(catalogue.list_services(**filters)):
            yield service.Service(str(info.service_name), self._sender, info)

    def images(self, **filters: Any) -> Catalogue[ImageInfo]:
        """The official images that EAS supports; ``filters`` as in ListImages, such as ``name="vllm"``."""
        return self._run(catalogue.list_images(**filters))

    def machine_specs(self) -> Catalogue[MachineSpec]:
        """The instance types of the public resource group, with their stock."""
        return self._run(catalogue.list_machine_specs())

    def recommend(
        self,
        parameters_b: float,
        dtype: Dtype = "bf16",
        context: int = 8192,
        sequences: int = 1,
        shape: Shape | None = None,
    ) -> Recommendation:
        """The available instance types whose GPU memory holds a language model, smallest first.

        An estimate: print the result to see the formula's figures and where each comes from.

        Args:
            parameters_b: Parameters, in billions; of a mixture of experts all of them.
            dtype: How a weight is stored: ``"bf16"``, ``"fp16"``, ``"fp8"``, ``"int8"``, ``"int4"``, ``"float32"``.
            context: Tokens of one sequence, prompt and answer.
            sequences: Sequences of full length that are served at once.
            shape: Layers and KV heads of the model; None takes those of a known model of that size.

        Raises:
            ConfigError: A number is not positive, or the dtype is unknown.
        """
        return self._run(catalogue.recommend(parameters_b, dtype, context, sequences, shape))

    def workspaces(self) -> Catalogue[WorkspaceInfo]:
        """The workspaces that this key may see."""
        return self._run(catalogue.list_workspaces())

    @property
    def eas(self) -> EasClient:
        """The operations of EAS, one method each."""
        return products.EasClient(self._sender)

    @property
    def aiworkspace(self) -> AiworkspaceClient:
        """The operations of AIWorkSpace, one method each."""
        return products.AiworkspaceClient(self._sender)

    @property
    def vpc(self) -> VpcClient:
        """The operations of VPC, one method each."""
        return products.VpcClient(self._sender)

    @property
    def ecs(self) -> EcsClient:
        """The operations of ECS, one method each."""
        return products.EcsClient(self._sender)

    @property
    def nlb(self) -> NlbClient:
        """The operations of NLB, one method each."""
        return products.NlbClient(self._sender)

    def close(self) -> None:
        """Close the connections; a client that was handed in stays open."""
        self._sender.close()

    def _carry_out(self, errands: list[Errand], lanes: int, *, fail_fast: bool) -> list[Errand]:
        """The errands, carried out side by side; for a worker."""
        return self._run(
            workers_module.share(self._flow, errands, lanes, self._deadline, fail_fast=fail_fast)
        )

    def _with_handle(self, deployment: Deployment) -> Deployment:
        return replace(deployment, service=self.service(deployment.name))

    def _run(self, plan: Plan[T], ledger: list[CallRecord] | None = None) -> T:
        return driver.run(plan, self._sender, [] if ledger is None else ledger, self._deadline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
