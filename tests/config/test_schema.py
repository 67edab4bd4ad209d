"""The published JSON Schema."""

from eas_deploy.config import ServiceConfig


def _definition(name):
    return ServiceConfig.model_json_schema()["$defs"][name]


def test_the_schema_speaks_of_wire_names():
    schema = ServiceConfig.model_json_schema()
    assert {"metadata", "containers", "dockerAuth"} <= set(schema["properties"])
    assert "docker_auth" not in schema["properties"]
    assert set(_definition("Autoscaler")["properties"]) == {
        "min",
        "max",
        "scaleStrategies",
        "strategies",
        "behavior",
    }


def test_the_schema_has_both_official_spellings():
    assert {"netType", "net_type"} <= set(_definition("NlbListener")["properties"])
    assert {"rpc", "rpc.keepalive", "eas.termination_grace_period"} <= set(
        _definition("Metadata")["properties"]
    )


def test_the_schema_refuses_unknown_keys():
    schema = ServiceConfig.model_json_schema()
    objects = [schema, *schema["$defs"].values()]
    assert [one["title"] for one in objects if one["additionalProperties"] is not False] == []


def test_every_key_is_described():
    schema = ServiceConfig.model_json_schema()
    bare = [
        f"{one['title']}.{key}"
        for one in (schema, *schema["$defs"].values())
        for key, value in one["properties"].items()
        if not value.get("description") and "$ref" not in value
    ]
    assert bare == []


def test_units_are_given():
    properties = _definition("Metadata")["properties"]
    assert "MB" in properties["memory"]["description"]
    assert "milliseconds" in _definition("Rpc")["properties"]["keepalive"]["description"]


def test_absent_is_not_null():
    assert "default" not in str(_definition("Container")["properties"]["port"].keys())


def test_required_keys_are_required():
    assert _definition("Container")["required"] == ["image"]
    assert _definition("Storage")["required"] == ["mount_path"]
