"""What a request refuses, what it shows, and that it can be kept, copied and sent elsewhere."""

import copy
import pickle
import traceback

import pytest
from pydantic import TypeAdapter, ValidationError

from eas_deploy.catalog.frameworks import OTHER, SGLANG, VLLM
from eas_deploy.config import Autoscaler, GitMount, HttpGet, Probe, Storage
from eas_deploy.errors import ConfigError
from eas_deploy.patterns import (
    CpuToGpu,
    CustomImage,
    DedicatedGateway,
    DedicatedResourceGroup,
    Gateway,
    Nlb,
    NlbListener,
    ResourceGroup,
    ServiceRequest,
    SglangHealthCheck,
    VllmAutoscaling,
    VllmNlb,
    VllmOss,
)

GPU = "ecs.gn7i-c16g1.4xlarge"
FIELDS = {"name": "demo", "image": "vllm:0.14.0-gpu", "instance_type": GPU}
MODEL = {"model": "oss://bucket/qwen/"}


def refusal(make, *args, **kwargs):
    with pytest.raises(ConfigError) as caught:
        make(*args, **kwargs)
    return [(found.rule, found.path) for found in caught.value.findings]


# Refusals


def test_misspelt_field_gets_a_suggestion():
    with pytest.raises(ConfigError, match=r"did you mean mount_path\?") as caught:
        ServiceRequest(**FIELDS, mountpath="/m")
    assert [(found.rule, found.path) for found in caught.value.findings] == [("key.unknown", "mountpath")]


def test_field_like_no_other_gets_no_suggestion():
    with pytest.raises(ConfigError) as caught:
        ServiceRequest(**FIELDS, zzz=1)
    assert caught.value.findings[0].hint == ""


def test_all_findings_at_once():
    """Shape: unknown, missing and mistyped fields together."""
    assert refusal(VllmOss, name=1, replica=2, instance_type=GPU) == [
        ("value.type", "name"),
        ("value.required", "image"),
        ("value.required", "model"),
        ("key.unknown", "replica"),
    ]


def test_types_are_taken_literally():
    assert refusal(ServiceRequest, **FIELDS, replicas="2", model_read_only="no") == [
        ("value.type", "replicas"),
        ("value.type", "model_read_only"),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ServiceRequest(name="demo"),
        lambda: ServiceRequest.model_validate({"name": "demo"}),
        lambda: ServiceRequest.model_validate_json('{"name": "demo"}'),
        lambda: TypeAdapter(ServiceRequest).validate_python({"name": "demo"}),
        lambda: ServiceRequest(**FIELDS).model_copy(update={"image": None}),
        lambda: ServiceRequest(**FIELDS).copy(update={"image": None}),
        lambda: ServiceRequest.model_construct(name="demo"),
        lambda: ServiceRequest.model_validate_strings({"name": "demo"}),
    ],
    ids=[
        *("constructor", "model_validate", "model_validate_json", "TypeAdapter", "model_copy"),
        *("copy", "model_construct", "model_validate_strings"),
    ],
)
def test_refusal_is_a_config_error_by_every_route(make):
    assert refusal(make)[0][1] == "image"


def test_whole_config_is_checked_when_the_request_is_made():
    """A request that could never become a config is refused before any call, with all that is wrong."""
    found = refusal(VllmOss, name="Bad-Name", image="vllm:1", instance_type=GPU, port=8080, model="hf://qwen")
    assert {"name.format", "port.reserved", "storage.oss_path"} <= {rule for rule, _ in found}


def test_name_and_prefix_exclude_each_other():
    assert refusal(ServiceRequest, **FIELDS, name_prefix="demo_") == [("name.conflict", "name_prefix")]


def test_neither_name_nor_prefix():
    assert refusal(ServiceRequest, image="vllm:1", instance_type=GPU) == [("name.required", "metadata.name")]


@pytest.mark.parametrize(("prefix", "rule"), [("skill-qwen-", "name.format"), ("q" * 58, "name.length")])
def test_prefix_with_six_digits_must_be_a_name(prefix, rule):
    found = refusal(ServiceRequest, name_prefix=prefix, image="vllm:1", instance_type=GPU)
    assert found == [(rule, "metadata.name")]


@pytest.mark.parametrize("prefix", ["q" * 57, "skill_qwen_", "skill_qwen"])
def test_legal_prefix(prefix):
    request = ServiceRequest(name_prefix=prefix, image="vllm:1", instance_type=GPU)
    assert request.name_prefix == prefix


def test_command_and_script():
    assert [rule for rule, _ in refusal(ServiceRequest, **FIELDS, command="a", script="b")] == [
        "command.both"
    ]


def test_no_machine():
    found = refusal(ServiceRequest, name="demo", image="vllm:1")
    assert [rule for rule, _ in found] == ["resource.missing"]


def test_public_and_dedicated_machines():
    found = refusal(ServiceRequest, **FIELDS, resource_group=ResourceGroup())
    assert [rule for rule, _ in found] == ["resource.conflict"]


def test_instance_type_and_instances():
    found = refusal(ServiceRequest, **FIELDS, instances=[GPU])
    assert [rule for rule, _ in found] == ["computing.both"]


def test_shared_gateway_is_no_gateway_id():
    found = refusal(ServiceRequest, **FIELDS, network=Gateway(gateway_id="shared"))
    assert [rule for rule, _ in found] == ["gateway.shared"]


def test_one_vswitch_for_a_new_nlb():
    found = refusal(ServiceRequest, **FIELDS, network=Nlb(vswitch_ids=("vsw-1",)))
    assert [rule for rule, _ in found] == ["nlb.vswitches"]


def test_wrong_part_of_a_part():
    with pytest.raises(ConfigError, match=r"did you mean listeners\?"):
        Nlb(listener=(NlbListener(),))


def test_nlb_without_listener():
    assert refusal(Nlb, listeners=()) == [("value.type", "listeners")]


def test_net_type_that_does_not_exist():
    assert refusal(NlbListener, net_type="public") == [("value.choice", "net_type")]


def test_negative_number_of_replicas():
    assert refusal(ServiceRequest, **FIELDS, replicas=-1) == [("value.range", "replicas")]


def test_what_is_no_startup_check_is_one_finding():
    assert refusal(VllmOss, **FIELDS, **MODEL, startup_check="llm") == [("value.type", "startup_check")]


def test_what_is_no_network_is_one_finding():
    assert refusal(ServiceRequest, **FIELDS, network="shared") == [("value.type", "network")]


def test_network_as_a_mapping():
    """A gateway and an NLB have much the same fields: a mapping would be a guess."""
    assert refusal(ServiceRequest, **FIELDS, network={"vpc_id": "vpc-1"}) == [("value.type", "network")]
    assert VllmNlb(**FIELDS, **MODEL, network={"vpc_id": "vpc-1"}).network == Nlb(vpc_id="vpc-1")


def test_misspelt_key_of_an_autoscaler():
    assert refusal(ServiceRequest, **FIELDS, autoscaler={"min": 1, "max": 2, "scale_strategies": []}) == [
        ("key.unknown", "autoscaler.scale_strategies")
    ]


# What the patterns require and refuse


@pytest.mark.parametrize("pattern", [VllmOss, VllmAutoscaling, VllmNlb])
def test_model_is_required(pattern):
    assert ("value.required", "model") in refusal(pattern, **FIELDS)


def test_autoscaler_is_required():
    assert refusal(VllmAutoscaling, **FIELDS, **MODEL) == [("value.required", "autoscaler")]
    assert refusal(VllmAutoscaling, **FIELDS, **MODEL, autoscaler=None)[0][1] == "autoscaler"


def test_nlb_pattern_needs_an_nlb():
    assert refusal(VllmNlb, **FIELDS, **MODEL, network=Gateway())[0][1].startswith("network")


def test_gateway_pattern_needs_a_gateway():
    assert refusal(DedicatedGateway, **FIELDS, network=Nlb())[0][1].startswith("network")


def test_resource_group_pattern_needs_a_resource_group():
    group = {"name": "demo", "image": "vllm:1"}
    assert refusal(DedicatedResourceGroup, **group, resource_group=None)[0][1].startswith("resource_group")


@pytest.mark.parametrize("public", [{"instance_type": GPU}, {"instances": [GPU]}])
def test_resource_group_pattern_refuses_public_machines(public):
    """It never falls back to the public group, not even as an elastic pool."""
    (name,) = public
    found = refusal(DedicatedResourceGroup, name="demo", image="vllm:1", **public)
    assert found == [("resource.conflict", name)]


def test_resource_group_pattern_refuses_an_elastic_pool():
    pool = [{"type": "dedicated_resource"}, {"type": GPU}]
    found = refusal(DedicatedResourceGroup, name="demo", image="vllm:1", instances=pool)
    assert found == [("resource.conflict", "instances")]


@pytest.mark.parametrize(
    ("pattern", "image"), [(VllmOss, "sglang:1"), (SglangHealthCheck, "vllm:1"), (VllmOss, "comfyui:1")]
)
def test_image_of_another_framework(pattern, image):
    found = refusal(pattern, name="demo", image=image, instance_type=GPU, **MODEL)
    assert found == [("pattern.framework", "image")]


def test_any_other_image_on_a_vllm_pattern():
    """A custom image may well hold vLLM."""
    assert VllmOss(**{**FIELDS, "image": "registry.example.com/team/llm:1"}, **MODEL).framework() is VLLM


def test_cpu_type_is_not_refused():
    """The planner switches it."""
    assert VllmOss(**{**FIELDS, "instance_type": "ecs.c7.xlarge"}, **MODEL).instance_type == "ecs.c7.xlarge"


def test_framework():
    """The catalogue's word first, then the image's name, then the pattern."""
    request = CpuToGpu(**{**FIELDS, "image": "registry.example.com/team/llm:1"})
    assert request.framework() is OTHER
    assert request.framework(SGLANG) is SGLANG
    assert CpuToGpu(**FIELDS).framework() is VLLM


def test_another_name_of_pattern_six():
    assert CustomImage is CpuToGpu


# Shorthands


def test_shorthands_make_the_network():
    request = VllmNlb(
        **FIELDS, **MODEL, listener_port=9000, net_type="internet", nlb_id="nlb-1", vpc_id="vpc-1"
    )
    assert request.network == Nlb(
        listeners=(NlbListener(port=9000, net_type="internet"),), nlb_id="nlb-1", vpc_id="vpc-1"
    )


def test_network_fills_the_shorthands():
    listeners = (NlbListener(port=9000), NlbListener(port=9001))
    request = VllmNlb(**FIELDS, **MODEL, network=Nlb(listeners=listeners, vpc_id="vpc-1"))
    assert (request.listener_port, request.vpc_id, request.nlb_id) == (9000, "vpc-1", "default")
    assert len(request.network.listeners) == 2


def test_shorthands_of_gateway_and_resource_group():
    assert DedicatedGateway(**FIELDS, gateway_id="gw-1").network == Gateway(gateway_id="gw-1")
    request = DedicatedResourceGroup(name="demo", image="vllm:1", cpu=4, memory_mb=8000)
    assert request.resource_group == ResourceGroup(cpu=4, memory_mb=8000)


def test_shorthand_together_with_what_it_is_short_for():
    found = refusal(VllmNlb, **FIELDS, **MODEL, listener_port=9000, network=Nlb())
    assert found == [("request.conflict", "network")]


def test_impossible_shorthand():
    """It is refused like the field that it is short for."""
    found = refusal(DedicatedResourceGroup, name="demo", image="vllm:1", cpu=-1)
    assert found == [("value.range", "cpu")]


def test_changed_shorthand_of_a_copy():
    request = VllmNlb(**FIELDS, **MODEL, vpc_id="vpc-1").model_copy(update={"listener_port": 9000})
    assert request.network == Nlb(listeners=(NlbListener(port=9000),), vpc_id="vpc-1")


# Showing, copying, pickling


SECRETIVE = {
    **FIELDS,
    "env": {"HF_TOKEN": "canary-1"},
    "extra": {"token": "canary-2", "containers": [{"env": [{"name": "A", "value": "canary-3"}]}]},
    "storage": (
        Storage(
            mount_path="/code",
            git=GitMount(repo="https://example.com/x.git", username="u", password="canary-4"),
        ),
    ),
}


def test_repr_shows_what_was_given():
    assert repr(ServiceRequest(**FIELDS, replicas=2)) == (
        "ServiceRequest(name='demo', image='vllm:0.14.0-gpu', "
        "instance_type='ecs.gn7i-c16g1.4xlarge', replicas=2)"
    )


def test_secrets_are_masked():
    request = ServiceRequest(**SECRETIVE)
    for shown in (repr(request), str(request), f"{request}"):
        assert "canary" not in shown
        assert "HF_TOKEN" in shown


@pytest.mark.parametrize(
    "make",
    [
        lambda: ServiceRequest(**{**SECRETIVE, "port": 8080}),
        lambda: ServiceRequest(**{**SECRETIVE, "replicas": "2"}),
        lambda: ServiceRequest(**SECRETIVE).model_copy(update={"port": 8080}),
        lambda: ServiceRequest(**SECRETIVE).to_config(),
    ],
    ids=["rule", "shape", "copy", "to_config"],
)
def test_refusal_shows_no_secret(make):
    """Not in its text, nor in the local variables of this package's frames."""
    with pytest.raises(ConfigError) as caught:
        make()
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [
        frame for frame in told.stack if "eas_deploy" in frame.filename and "tests" not in frame.filename
    ]
    assert frames
    assert "canary" not in str(caught.value)
    assert all("canary" not in str(frame.locals) for frame in frames)
    assert caught.value.__cause__ is None


def test_nothing_can_be_changed():
    request = ServiceRequest(**FIELDS, env={"A": "1"}, extra={"labels": {"a": 1}})
    with pytest.raises(ValidationError):
        request.name = "other"
    for mapping in (request.env, request.labels, request.extra, request.extra["labels"]):
        with pytest.raises(TypeError):
            mapping["x"] = "y"


def test_caller_keeps_its_own_dict():
    env = {"A": "1"}
    request = ServiceRequest(**FIELDS, env=env)
    env["A"] = "2"
    assert request.env["A"] == "1"


def test_copy_with_changes_is_checked():
    request = ServiceRequest(**FIELDS)
    assert request.model_copy(update={"replicas": 3}).replicas == 3
    assert request.replicas == 1
    assert [rule for rule, _ in refusal(request.model_copy, update={"port": 8080})] == ["port.reserved"]


@pytest.mark.parametrize(
    "request_",
    [
        ServiceRequest(
            **SECRETIVE,
            startup_check=Probe(http_get=HttpGet(path="/", port=8000)),
            autoscaler=Autoscaler(min=1, max=2, strategies={"qps": 10}),
            network=Nlb(),
        ),
        VllmNlb(**FIELDS, **MODEL, listener_port=9000),
        VllmNlb(**FIELDS, **MODEL, network=Nlb(listeners=(NlbListener(port=9000), NlbListener(port=9001)))),
        DedicatedGateway(**FIELDS),
        DedicatedResourceGroup(name="demo", image="vllm:1", gpu=1),
    ],
    ids=lambda request: type(request).__name__,
)
def test_pickles_whole(request_):
    """Secrets included: a worker must be able to deploy it."""
    restored = pickle.loads(pickle.dumps(request_))
    assert restored == request_
    assert type(restored) is type(request_)
    assert restored.env == request_.env


def test_dumps_what_was_given():
    request = VllmNlb(**FIELDS, **MODEL, listener_port=9000, env={"A": "1"})
    assert request.model_dump() == {
        "name": "demo",
        "image": "vllm:0.14.0-gpu",
        "instance_type": "ecs.gn7i-c16g1.4xlarge",
        "model": "oss://bucket/qwen/",
        "env": {"A": "1"},
        "listener_port": 9000,
    }
    assert VllmNlb.model_validate_json(request.model_dump_json()) == request


def test_copies():
    request = ServiceRequest(**SECRETIVE)
    assert copy.copy(request) == request
    assert copy.deepcopy(request) == request
