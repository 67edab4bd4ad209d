"""How a service is reached, and the machines of one's own that it can run on: parts of a request.

An id that is left out is discovered when the request is planned.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eas_deploy.config.fields import Count, Integer, Text
from eas_deploy.patterns.strict import Strict

NetType = Literal["intranet", "internet"]


class SharedGateway(Strict):
    """The gateway that every region has: reachable from the internet, nothing to set up."""


class VpcConnection(Strict):
    """The VPC that a service is connected to; what is left out is discovered."""

    vpc_id: Text | None = Field(None, description="VPC, vpc-...; None: discovered.")
    vswitch_ids: tuple[Text, ...] = Field(
        (), description="vSwitches of that VPC, vsw-...; empty: discovered."
    )
    security_group_id: Text | None = Field(
        None, description="Security group of that VPC, sg-...; None: discovered."
    )


class Gateway(VpcConnection):
    """A dedicated gateway.

    Example:
        >>> Gateway(gateway_id="gw-48hmbdt00fi6x90gft")
        Gateway(gateway_id='gw-48hmbdt00fi6x90gft')
    """

    gateway_id: Text | None = Field(None, description="Gateway, gw-...; None: the region's one is used.")


class NlbListener(Strict):
    """One port of a network load balancer.

    Example:
        >>> NlbListener(port=9000, net_type="internet")
        NlbListener(port=9000, net_type='internet')
    """

    port: Integer = Field(8000, description="Listener port, 1 to 65535, not 8080.")
    net_type: NetType = Field("intranet", description="intranet: from the VPC; internet: from anywhere.")


class Nlb(VpcConnection):
    """A network load balancer in front of the service.

    Example:
        >>> network = Nlb(listeners=(NlbListener(port=8000), NlbListener(port=8001, net_type="internet")))
    """

    listeners: tuple[NlbListener, ...] = Field(
        (NlbListener(),), min_length=1, description="Its listeners; at least one."
    )
    nlb_id: Text = Field("default", description="default: EAS creates one; or an existing nlb-...")


class ResourceGroup(Strict):
    """A dedicated resource group, and what one replica takes of it.

    Example:
        >>> group = ResourceGroup(cpu=4, memory_mb=8000, gpu=1)
    """

    resource_id: Text | None = Field(None, description="Resource group, eas-r-...; None: discovered.")
    cpu: Count | None = Field(None, description="CPU cores of one replica.")
    memory_mb: Count | None = Field(None, description="Memory of one replica in MB.")
    gpu: Count | None = Field(
        None, description="GPUs of one replica; None: 1 for vLLM and SGLang, otherwise none."
    )
