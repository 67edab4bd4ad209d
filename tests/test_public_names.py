"""The public surface: users, notebooks and tools rely on these names, so they are written down once more here."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from eas_deploy import AsyncDeployer, Deployer, Deployment, DeploymentPlan, Planner, Service, ServiceConfig
from eas_deploy.emulator import Emulator, Fault
from eas_deploy.patterns import PATTERNS, CpuToGpu, CustomImage, DedicatedGateway, ServiceRequest, VllmNlb
from eas_deploy.patterns import DedicatedResourceGroup as Dedicated
from eas_deploy.planning.outline import PlannedCall
from eas_deploy.service import AsyncService

NAMES = {
    "eas_deploy": (
        "AsyncDeployer Deployer Deployment DeploymentPlan EasDeployError Planner Service ServiceConfig "
        "ServiceRequest __version__"
    ),
    "eas_deploy.patterns": (
        "ComfyUiOss CpuToGpu CustomImage DedicatedGateway DedicatedResourceGroup Gateway Nlb NlbListener PATTERNS "
        "ResourceGroup ServiceRequest SglangHealthCheck SharedGateway VllmAutoscaling VllmNlb VllmOss detect_pattern"
    ),
    "eas_deploy.config": (
        "Autoscaler Cloud ConfigError Container DatasetMount EnvVar Finding Findings Metadata Networking NfsMount "
        "NlbListener OssMount Probe ScaleStrategy ServiceConfig lint"
    ),
    "eas_deploy.errors": (
        "AmbiguousWorkspaceError ApiError AuthenticationError ConfigError ConfirmationDeclined ConflictError "
        "ConnectError CreateOutcomeUnknownError DeploymentStopped DuplicateServiceError EasDeployError GateError "
        "InvocationError NotFoundError PermissionDeniedError ReadTimeoutError ResourceNotFoundError ServerError "
        "ServiceFailedError ThrottledError TransportError WaitTimeoutError"
    ),
    "eas_deploy.emulator": "Emulator Fault",
}

MEMBERS = {
    Deployer: (
        "aiworkspace close deploy deploy_many eas ecs execute images machine_specs nlb plan service services vpc "
        "workspaces"
    ),
    AsyncDeployer: (
        "aclose aiworkspace deploy deploy_many eas ecs execute images machine_specs nlb plan service services vpc "
        "workspaces"
    ),
    Planner: "outline",
    DeploymentPlan: "ram_policy summary to_dict",
    Deployment: "examples summary to_dict",
    ServiceConfig: "check load model_json_schema to_json to_wire",
    ServiceRequest: "to_config",
    Emulator: (
        "add_gateway add_load_balancer add_resource_group add_security_group add_service add_vpc add_vswitch "
        "add_workspace calls clear clear_faults connection env inject reset services url"
    ),
    Service: "chat get_endpoints predict refresh wait wait_until_ready",
}

FIELDS = {
    DeploymentPlan: "calls config created_at decisions findings ledger",
    Deployment: "access_token config endpoints ledger name notices plan service service_id status verified",
    PlannedCall: "billable mandatory operation purpose ram_action stage",
}

ARGUMENTS = {
    Deployer: (
        "region_id access_key_id access_key_secret security_token credential endpoint_url http_client "
        "connect_timeout_s read_timeout_s call_timeout_s deploy_timeout_s max_retries user_agent choose_workspace "
        "confirm nlb_fallback"
    ),
    Emulator: "host port catalog lifecycle policy qps region_id",
    Fault: "operation kind applied times after delay_s",
    ServiceRequest: (
        "name name_prefix image instance_type instances replicas port command script workspace_id model mount_path "
        "model_read_only storage env startup_check autoscaler network resource_group labels extra"
    ),
    VllmNlb: "listener_port net_type nlb_id vpc_id vswitch_ids security_group_id",
    DedicatedGateway: "gateway_id vpc_id vswitch_ids security_group_id",
    Dedicated: "resource_id cpu memory_mb gpu",
}


def words(table):
    return [(owner, name) for owner, names in table.items() for name in names.split()]


def told(value):
    return value if isinstance(value, str) else value.__name__


@pytest.mark.parametrize(("module", "name"), words(NAMES), ids=told)
def test_module_has(module, name):
    assert getattr(import_module(module), name) is not None


@pytest.mark.parametrize("module", NAMES)
def test_a_module_says_what_is_public(module):
    """``__all__`` holds the names that users rely on, and ``dir``, so tab completion, shows nothing else."""
    loaded = import_module(module)
    assert set(NAMES[module].split()) <= set(loaded.__all__)
    assert sorted(dir(loaded)) == sorted(loaded.__all__)
    assert all(hasattr(loaded, name) for name in loaded.__all__)


@pytest.mark.parametrize("module", NAMES)
def test_an_unknown_name_is_an_attribute_error(module):
    with pytest.raises(AttributeError, match="Deplyer"):
        import_module(module).Deplyer  # noqa: B018 - the access is what is tested


@pytest.mark.parametrize(("owner", "member"), words(MEMBERS), ids=told)
def test_class_has(owner, member):
    assert callable(getattr(owner, member)) or isinstance(getattr(owner, member), property)


@pytest.mark.parametrize(("owner", "name"), words(FIELDS), ids=told)
def test_result_has(owner, name):
    assert name in owner.__dataclass_fields__


@pytest.mark.parametrize(("owner", "name"), words(ARGUMENTS), ids=told)
def test_constructor_takes(owner, name):
    assert name in inspect.signature(owner).parameters


def public(owner):
    return {name for name in dir(owner) if not name.startswith("_")}


def test_async_deployer_has_the_same_names():
    assert public(AsyncDeployer) == public(Deployer) - {"close"} | {"aclose"}


def test_async_service_has_the_same_names():
    assert public(AsyncService) == public(Service)


@pytest.mark.parametrize("name", sorted(public(Deployer) - {"close"}))
def test_async_deployer_has_the_same_signatures(name):
    blocking, asynchronous = getattr(Deployer, name), getattr(AsyncDeployer, name)
    if not isinstance(blocking, property):
        assert list(inspect.signature(blocking).parameters) == list(
            inspect.signature(asynchronous).parameters
        )


def test_times_are_seconds():
    """Every argument that is a time says its unit in its name."""
    timeouts = [name for name in inspect.signature(Deployer).parameters if "timeout" in name]
    assert len(timeouts) == 4
    assert all(name.endswith("_s") for name in timeouts)


def test_the_eight_patterns_are_requests():
    assert list(PATTERNS) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(issubclass(pattern, ServiceRequest) for pattern in PATTERNS.values())
    assert CustomImage is CpuToGpu
