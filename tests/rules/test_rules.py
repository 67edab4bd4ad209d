"""Every rule finds what it must find, where it is, and nothing next to it."""

import pytest
from rule_cases import CASES, VALID, Case, changed

from eas_deploy.config import lint
from eas_deploy.rules import CATALOG

SPEC_RULES = {
    "name.required": "error",
    "name.conflict": "error",
    "name.top_level": "notice",
    "name.format": "error",
    "name.length": "error",
    "key.forbidden": "error",
    "key.ignored": "warning",
    "key.unknown": "error",
    "containers.required": "error",
    "image.required": "error",
    "image.format": "warning",
    "port.range": "error",
    "port.reserved": "error",
    "port.default": "notice",
    "command.both": "error",
    "command.missing": "warning",
    "command.chained": "warning",
    "command.oss_url": "error",
    "command.port_mismatch": "warning",
    "command.model_path": "warning",
    "probe.kind": "error",
    "probe.port": "warning",
    "resource.missing": "error",
    "resource.conflict": "error",
    "resource.id": "error",
    "computing.empty": "error",
    "computing.both": "error",
    "gpu.required": "fix",
    "gateway.shared": "error",
    "gateway.network": "error",
    "gateway.nlb": "error",
    "nlb.network": "error",
    "nlb.vswitches": "error",
    "nlb.port": "error",
    "nlb.port_duplicate": "error",
    "nlb.mixed": "error",
    "nlb.net_type": "error",
    "network.id_format": "error",
    "storage.kind": "error",
    "storage.mount_absolute": "error",
    "storage.mount_reserved": "error",
    "storage.mount_overlap": "error",
    "storage.oss_path": "error",
    "storage.oss_slash": "notice",
    "storage.cpfs": "warning",
    "storage.writable_model": "notice",
    "storage.missing": "warning",
    "storage.git_https": "error",
    "autoscaler.bounds": "error",
    "autoscaler.empty": "warning",
    "autoscaler.metric": "notice",
    "autoscaler.instance": "warning",
    "quota.ignored": "warning",
    "secret.inline": "warning",
    # Not in the table of rules, but errors all the same, so they have ids too.
    "value.required": "error",
    "value.type": "error",
    "value.range": "error",
    "value.choice": "error",
}
READING_RULES = {"json.invalid": "error"}
PLANNER_RULES = {
    "storage.oss_region": "error",
    "image.unknown": "notice",
    "image.ambiguous": "error",
    "image.region": "error",
    "image.chip": "error",
    "instance.unknown": "error",
    "instance.no_stock": "error",
    "model.category": "warning",
    "workspace.unlisted": "notice",
    "dataset.unlisted": "notice",
    "nlb.unlisted": "notice",
    "spot.dropped": "notice",
    "resource.busy": "warning",
}
ARGUMENT_RULES = {
    "region.required": "error",
    "client.argument": "error",
    "request.conflict": "error",
    "request.extra": "error",
    "plan.region": "error",
    "pattern.framework": "error",
}


def _id(case):
    return f"{case.rule}-{','.join(case.failing)}"


def test_the_valid_config_gives_no_finding():
    assert lint(VALID) == []


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_a_broken_rule_is_found_where_it_is_broken(case: Case):
    severity = case.severity or SPEC_RULES[case.rule]
    findings = lint(changed(case.failing))
    assert (case.rule, severity, case.path) in [(one.rule, one.severity, one.path) for one in findings]


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_a_broken_rule_is_found_once(case: Case):
    findings = lint(changed(case.failing))
    assert [one.path for one in findings if one.rule == case.rule] == [case.path]


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_what_is_nearly_the_same_and_right_is_not_found(case: Case):
    assert case.rule not in {one.rule for one in lint(changed(case.passing))}


def test_the_catalogue_has_every_rule_with_its_severity():
    expected = {**SPEC_RULES, **READING_RULES, **PLANNER_RULES, **ARGUMENT_RULES}
    assert {info.id: info.severity for info in CATALOG} == expected


def test_the_catalogue_marks_what_only_the_planner_can_apply():
    assert {info.id for info in CATALOG if info.planner} == set(PLANNER_RULES)


def test_every_rule_has_a_summary_of_one_line():
    assert [info.id for info in CATALOG if not info.summary or "\n" in info.summary] == []


def test_every_rule_that_looks_at_documents_has_cases():
    assert {case.rule for case in CASES} == set(SPEC_RULES)


def test_errors_of_all_sections_are_found_at_once():
    broken = changed(
        {
            "metadata.name": "a-b",
            "metadata.instance": "two",
            "containers.0.prot": 1,
            "containers.0.port": 9090,
            "storage.0.mount_path": "model",
            "storage.0.oss.path": "my-bucket",
            "cloud.networking.vpc_id": "x",
            "autoscaler.max": 0,
            "networking": {"gateway": "shared"},
            "spec": {},
        }
    )
    assert {(one.rule, one.path) for one in lint(broken).errors} == {
        ("name.format", "metadata.name"),
        ("value.type", "metadata.instance"),
        ("key.unknown", "containers[0].prot"),
        ("port.reserved", "containers[0].port"),
        ("storage.mount_absolute", "storage[0].mount_path"),
        ("storage.oss_path", "storage[0].oss.path"),
        ("network.id_format", "cloud.networking.vpc_id"),
        ("autoscaler.bounds", "autoscaler.max"),
        ("gateway.shared", "networking.gateway"),
        ("key.forbidden", "spec"),
    }


def test_the_hint_of_a_bad_name_names_the_first_bad_character():
    (finding,) = lint(changed({"metadata.name": "a-B"})).errors
    assert "'-' at position 2" in finding.hint


def test_a_forbidden_key_is_told_where_it_belongs():
    (finding,) = lint(changed({"resourceGroupId": "eas-r-1"})).errors
    assert "metadata.resource" in finding.hint
