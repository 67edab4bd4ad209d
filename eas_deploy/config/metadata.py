"""``metadata``: the service's name, size and scheduling.

Some keys have two official spellings, nested (``{"rpc": {"keepalive": 1}}``) and dotted
(``{"rpc.keepalive": 1}``); each has its own attribute, since both are kept as they are written.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eas_deploy.config.fields import Count, CountOrPercent, Flag, IntegerOrText, Scalar, Text
from eas_deploy.config.wire_model import WireModel

SpreadPolicy = Literal["host", "zone", "default"]


class Rpc(WireModel):
    """How the service's own server takes requests."""

    batching: Flag | None = Field(None, description="Whether the server batches requests.")
    keepalive: Count | None = Field(None, description="Longest time one request may take, in milliseconds.")
    io_threads: Count | None = Field(None, description="Threads that read and write the network.")
    max_batch_size: Count | None = Field(None, description="Largest batch, in requests.")
    max_batch_timeout: Count | None = Field(None, description="Longest wait for a batch, in milliseconds.")
    max_queue_size: Count | None = Field(None, description="Longest request queue.")
    worker_threads: Count | None = Field(None, description="Threads that work on requests, per instance.")
    rate_limit: Count | None = Field(None, description="Most requests per second; 0 for no limit.")
    enable_sigterm: Flag | None = Field(
        None, description="Whether the process gets SIGTERM when an instance ends."
    )
    proxy_path: Text | None = Field(None, description="Path that requests are passed on to.")


class Eas(WireModel):
    """Settings under the key ``eas``."""

    termination_grace_period: Count | None = Field(
        None, description="Seconds an instance has to finish its requests before it ends; default 30."
    )


class RollingStrategy(WireModel):
    """How an update replaces running instances."""

    max_surge: CountOrPercent | None = Field(
        None, description="Instances started beyond the wanted number: a number, or a percentage such as 20%."
    )
    max_unavailable: CountOrPercent | None = Field(
        None, description="Instances that may be missing meanwhile: a number, or a percentage such as 20%."
    )


class Spread(WireModel):
    """How instances are spread over machines."""

    policy: SpreadPolicy | None = Field(None, description="Spread over hosts, over zones, or the default.")


class Scheduling(WireModel):
    """Where instances are put."""

    spread: Spread | None = Field(None, description="How instances are spread over machines.")


class Metadata(WireModel):
    """The service's name, size and scheduling."""

    place = ("metadata",)

    name: Text | None = Field(
        None,
        description="Name of the service: 3 to 63 lower-case letters, digits and underscores; unique in its region.",
    )
    instance: Count | None = Field(None, description="Number of instances; default 1.")
    workspace_id: Text | None = Field(None, description='PAI workspace, a string of digits such as "123456".')
    cpu: Count | None = Field(None, description="CPU cores of one instance.")
    memory: Count | None = Field(None, description="Memory of one instance in MB.")
    gpu: Count | None = Field(None, description="GPUs of one instance.")
    gpu_memory: Count | None = Field(
        None,
        description="GPU memory of one instance in GB, for shared GPUs; resource groups and quotas only.",
    )
    gpu_core_percentage: Count | None = Field(
        None, description="Share of one GPU's compute, in percent; resource groups and quotas only."
    )
    resource: Text | None = Field(None, description="Dedicated resource group, eas-r-...")
    quota_id: Text | None = Field(None, description="Lingjun resource quota.")
    disk: IntegerOrText | None = Field(None, description='System disk, in GB or as text such as "30Gi".')
    shm_size: Count | None = Field(None, description="Shared memory of one instance in GB.")
    rdma: Count | None = Field(None, description="RDMA network: 1 to use it.")
    cuda: Scalar | None = Field(None, description="CUDA version.")
    qos: Literal["", "BestEffort"] | None = Field(
        None, description="Quality of service; BestEffort shares idle resources of a resource group."
    )
    enable_grpc: Flag | None = Field(None, description="Whether the gateway speaks gRPC to the service.")
    enable_webservice: Flag | Literal["true", "false"] | None = Field(
        None, description='Whether the service has a web page; official templates also write "true".'
    )
    type: Text | None = Field(None, description="Service type such as Async or LLMGatewayService.")
    group: Text | None = Field(None, description="Service group.")
    rolling_strategy: RollingStrategy | None = Field(None, description="How an update replaces instances.")
    rpc: Rpc | None = Field(None, description="How the service's own server takes requests.")
    eas: Eas | None = Field(None, description="Settings under the key eas.")
    scheduling: Scheduling | None = Field(None, description="Where instances are put.")
    resource_rebalancing: Flag | None = Field(
        None, description="Whether instances return to the resource group when it has room again."
    )
    resource_burstable: Flag | None = Field(
        None, description="Whether instances may use public resources when the resource group is full."
    )
    workload_type: Text | None = Field(None, description="Kind of workload, such as elasticjob.")
    quota_type: Text | None = Field(None, description="Kind of the quota.")
    accessibility: Text | None = Field(None, description="Who may call the service, such as public.")
    region: Text | None = Field(None, description="Region of the service.")
    gateway: Text | None = Field(None, description="Gateway of the service.")
    release: Scalar | None = Field(None, description="Release mark.")

    rpc_batching: Flag | None = Field(
        None, validation_alias="rpc.batching", description="rpc.batching, dotted."
    )
    rpc_keepalive: Count | None = Field(
        None, validation_alias="rpc.keepalive", description="rpc.keepalive in milliseconds, dotted."
    )
    rpc_io_threads: Count | None = Field(
        None, validation_alias="rpc.io_threads", description="rpc.io_threads, dotted."
    )
    rpc_max_batch_size: Count | None = Field(
        None, validation_alias="rpc.max_batch_size", description="rpc.max_batch_size, dotted."
    )
    rpc_max_batch_timeout: Count | None = Field(
        None,
        validation_alias="rpc.max_batch_timeout",
        description="rpc.max_batch_timeout in milliseconds, dotted.",
    )
    rpc_max_queue_size: Count | None = Field(
        None, validation_alias="rpc.max_queue_size", description="rpc.max_queue_size, dotted."
    )
    rpc_worker_threads: Count | None = Field(
        None, validation_alias="rpc.worker_threads", description="rpc.worker_threads, dotted."
    )
    rpc_rate_limit: Count | None = Field(
        None, validation_alias="rpc.rate_limit", description="rpc.rate_limit, dotted."
    )
    rpc_enable_sigterm: Flag | None = Field(
        None, validation_alias="rpc.enable_sigterm", description="rpc.enable_sigterm, dotted."
    )
    rpc_proxy_path: Text | None = Field(
        None, validation_alias="rpc.proxy_path", description="rpc.proxy_path, dotted."
    )
    eas_termination_grace_period: Count | None = Field(
        None,
        validation_alias="eas.termination_grace_period",
        description="Seconds an instance has to finish its requests before it ends; default 30.",
    )
    rolling_strategy_max_surge: CountOrPercent | None = Field(
        None, validation_alias="rolling_strategy.max_surge", description="rolling_strategy.max_surge, dotted."
    )
    rolling_strategy_max_unavailable: CountOrPercent | None = Field(
        None,
        validation_alias="rolling_strategy.max_unavailable",
        description="rolling_strategy.max_unavailable, dotted.",
    )
    scheduling_spread_policy: SpreadPolicy | None = Field(
        None, validation_alias="scheduling.spread.policy", description="scheduling.spread.policy, dotted."
    )
