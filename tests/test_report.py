"""The report has one fixed form."""

from __future__ import annotations

from eas_deploy.calls import Endpoint
from eas_deploy.report import curl_commands, report

SHARED = Endpoint(
    endpoint_type="DefaultGateway",
    port=0,
    internet_endpoints=["http://17.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo"],
    intranet_endpoints=["http://17.vpc.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo"],
)
BALANCER = Endpoint(endpoint_type="Nlb", port=8000, intranet_endpoints=["nlb-1.cn-hangzhou.nlb.aliyuncs.com"])


def test_form() -> None:
    """Name, status, endpoints and one example an address, in the order that readers know."""
    assert report("demo", "Waiting", [SHARED], "***") == (
        "Deployment Summary\n"
        "==================\n"
        "Service Name: demo\n"
        "Status: Waiting\n"
        "\n"
        "Endpoints:\n"
        "- DefaultGateway:\n"
        "    InternetEndpoint: http://17.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo\n"
        "    IntranetEndpoint: http://17.vpc.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo\n"
        "    Port: 0\n"
        "\n"
        "Service Invocation Examples:\n"
        "  curl http://17.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo \\\n"
        '    -H "Authorization: ***"\n'
        "  curl http://17.vpc.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo \\\n"
        '    -H "Authorization: ***"'
    )


def test_addresses_that_are_missing_are_said_to_be() -> None:
    text = report("demo", "Creating", [BALANCER], "***")

    assert "    InternetEndpoint: (not available for this network type)\n" in text
    assert "    IntranetEndpoint: nlb-1.cn-hangzhou.nlb.aliyuncs.com\n    Port: 8000\n" in text


def test_both_addresses_appear_even_when_no_endpoint_was_reported() -> None:
    text = report("demo", None, [], None)

    assert "InternetEndpoint: (not available for this network type)" in text
    assert "IntranetEndpoint: (not available for this network type)" in text
    assert "Status: unknown" in text


def test_a_load_balancer_is_called_at_its_port() -> None:
    assert list(curl_commands("demo", [BALANCER], "t")) == [
        'curl nlb-1.cn-hangzhou.nlb.aliyuncs.com:8000/api/predict/demo \\\n  -H "Authorization: t"'
    ]


def test_a_port_that_is_in_the_address_is_not_doubled() -> None:
    endpoint = Endpoint(endpoint_type="Nlb", port=8000, internet_endpoints=["http://127.0.0.1:8123"])

    assert next(curl_commands("demo", [endpoint], None)).startswith(
        "curl http://127.0.0.1:8123/api/predict/demo "
    )


def test_decisions_and_notices_follow() -> None:
    text = report("demo", "Running", [SHARED], "***", decisions=["workspace: 1"], notices=["look here"])

    assert text.endswith("Decisions:\n- workspace: 1\n\nNotices:\n- look here")
