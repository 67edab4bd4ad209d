"""Which host speaks for which product in which region.

A table of our own, since those of the official SDKs have holes: the EAS package (7.0.0) knows 15 of 28
regions and answers ``eas.<region>`` for the others, which is no EAS host; the AIWorkSpace package (8.3.5)
has a TAB at the end of one host and a host inside a VPC for another region.
Source: endpoint pages of Alibaba Cloud EAS, AIWorkSpace, VPC, ECS and NLB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from eas_deploy.calls.base import Product
from eas_deploy.clients.arguments import refuse

EAS_REGIONS = frozenset(
    {
        "cn-beijing",
        "cn-zhangjiakou",
        "cn-hangzhou",
        "cn-shanghai",
        "cn-shenzhen",
        "cn-hongkong",
        "cn-chengdu",
        "cn-guangzhou",
        "cn-heyuan",
        "cn-wulanchabu",
        "cn-zhongwei",
        "cn-shanghai-finance-1",
        "cn-north-2-gov-1",
        "ap-southeast-1",
        "ap-southeast-3",
        "ap-southeast-5",
        "ap-southeast-7",
        "ap-southeast-8",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "us-east-1",
        "us-west-1",
        "us-southeast-1",
        "na-south-1",
        "eu-central-1",
        "me-east-1",
        "me-central-1",
    }
)
"""The regions in which EAS is offered."""

_GENERAL: dict[Product, str] = {
    "eas": "pai-eas.{region}.aliyuncs.com",
    "aiworkspace": "aiworkspace.{region}.aliyuncs.com",
    "vpc": "vpc.{region}.aliyuncs.com",
    "ecs": "ecs.{region}.aliyuncs.com",
    "nlb": "nlb.{region}.aliyuncs.com",
}

_SPECIAL: dict[tuple[Product, str], str] = {
    ("aiworkspace", "me-east-1"): "aiworkspace.aliyuncs.com",
    ("vpc", "cn-hangzhou"): "vpc.aliyuncs.com",
    ("vpc", "cn-shanghai-finance-1"): "vpc.aliyuncs.com",
    ("vpc", "cn-north-2-gov-1"): "vpc.aliyuncs.com",
    ("ecs", "cn-hangzhou"): "ecs-cn-hangzhou.aliyuncs.com",
    ("ecs", "cn-shanghai-finance-1"): "ecs-cn-hangzhou.aliyuncs.com",
    ("ecs", "cn-north-2-gov-1"): "ecs.aliyuncs.com",
}

# A region id becomes part of a host name: anything else in it could send signed requests elsewhere.
_REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go.

    Attributes:
        scheme: ``"https"`` or ``"http"``.
        host: Host name, with the port if it is not the scheme's own: what the Host header says.
    """

    scheme: str
    host: str


def is_known(region_id: str) -> bool:
    """Whether EAS is known to be offered in the region; others follow the general form of host names."""
    return region_id in EAS_REGIONS


def check_region(region_id: str) -> None:
    """Accept ``region_id`` if it can be one.

    Raises:
        ConfigError: It is not made of lower-case letters, digits and single hyphens.
    """
    if not _REGION.fullmatch(region_id):
        raise refuse("region_id", f"{region_id!r} is not a region id", "write it like cn-hangzhou")


def checked_url(endpoint_url: str) -> Endpoint:
    """The endpoint that an ``endpoint_url`` names.

    Raises:
        ConfigError: It is not ``http(s)://host[:port]``: a path would not be covered by the signature that
            the services check, and user names or queries have no meaning there.
    """
    hint = "write it like http://127.0.0.1:4510"
    try:
        parts = urlsplit(endpoint_url)
        port = parts.port
    except ValueError as error:
        raise refuse("endpoint_url", "it is not a URL", hint) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refuse("endpoint_url", "it is not an http or https URL with a host", hint)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None:
        raise refuse("endpoint_url", "it holds more than scheme, host and port", hint)
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    own_port = 443 if parts.scheme == "https" else 80
    return Endpoint(parts.scheme, name if port in {None, own_port} else f"{name}:{port}")


def endpoint_for(product: Product, region_id: str) -> Endpoint:
    """The public endpoint of ``product`` in the region."""
    special = _SPECIAL.get((product, region_id))
    return Endpoint("https", special or _GENERAL[product].format(region=region_id))
