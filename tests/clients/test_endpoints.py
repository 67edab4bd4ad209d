"""Hosts, by hand from the endpoint pages."""

import pytest

from eas_deploy.clients.endpoints import Endpoint, check_region, checked_url, endpoint_for, is_known
from eas_deploy.errors import ConfigError

GENERAL = {
    "eas": "pai-eas.{}.aliyuncs.com",
    "aiworkspace": "aiworkspace.{}.aliyuncs.com",
    "vpc": "vpc.{}.aliyuncs.com",
    "ecs": "ecs.{}.aliyuncs.com",
    "nlb": "nlb.{}.aliyuncs.com",
}


@pytest.mark.parametrize("region", ["cn-beijing", "cn-guangzhou", "ap-southeast-5", "cn-heyuan", "mars-1"])
@pytest.mark.parametrize("product", GENERAL)
def test_the_general_form(product, region):
    """Also where the official SDKs have a hole: EAS in cn-heyuan, a TAB in cn-guangzhou, a VPC host."""
    assert endpoint_for(product, region) == Endpoint("https", GENERAL[product].format(region))


@pytest.mark.parametrize(
    ("product", "region", "host"),
    [
        ("aiworkspace", "me-east-1", "aiworkspace.aliyuncs.com"),
        ("vpc", "cn-hangzhou", "vpc.aliyuncs.com"),
        ("vpc", "cn-shanghai-finance-1", "vpc.aliyuncs.com"),
        ("vpc", "cn-north-2-gov-1", "vpc.aliyuncs.com"),
        ("ecs", "cn-hangzhou", "ecs-cn-hangzhou.aliyuncs.com"),
        ("ecs", "cn-shanghai-finance-1", "ecs-cn-hangzhou.aliyuncs.com"),
        ("ecs", "cn-north-2-gov-1", "ecs.aliyuncs.com"),
        ("nlb", "cn-north-2-gov-1", "nlb.cn-north-2-gov-1.aliyuncs.com"),
    ],
)
def test_hosts_of_their_own(product, region, host):
    assert endpoint_for(product, region).host == host


def test_known_regions():
    assert is_known("cn-heyuan")
    assert is_known("ap-southeast-8")
    assert not is_known("mars-1")


@pytest.mark.parametrize(
    "region", ["", "cn_hangzhou", "CN-HANGZHOU", "evil.example/", "cn-hangzhou.", "a--b"]
)
def test_what_cannot_be_a_region_is_refused(region):
    """The region becomes part of a host name; signed requests must not be sent elsewhere."""
    with pytest.raises(ConfigError, match="region_id"):
        check_region(region)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://127.0.0.1:4510", Endpoint("http", "127.0.0.1:4510")),
        ("http://127.0.0.1:4510/", Endpoint("http", "127.0.0.1:4510")),
        ("https://proxy.example", Endpoint("https", "proxy.example")),
        ("https://proxy.example:443", Endpoint("https", "proxy.example")),
        ("http://proxy.example:443", Endpoint("http", "proxy.example:443")),
        ("http://[::1]:4510", Endpoint("http", "[::1]:4510")),
    ],
)
def test_an_endpoint_url(url, endpoint):
    """The host is what the signed Host header says: with the port, unless it is the scheme's own."""
    assert checked_url(url) == endpoint


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:4510",
        "ftp://x",
        "http://",
        "http://x/prefix",
        "http://x?a=1",
        "http://user:pw@x",
        "http://x:port",
        "http://x/#f",
    ],
)
def test_an_endpoint_url_that_cannot_be_used(url):
    with pytest.raises(ConfigError, match="endpoint_url") as caught:
        checked_url(url)
    assert "pw" not in str(caught.value)
