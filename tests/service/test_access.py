"""Which of several ways to a service is taken."""

import pytest

from eas_deploy.calls import DescribeServiceEndpointsAnswer
from eas_deploy.errors import InvocationError
from eas_deploy.lifecycle.access import Access


def way(kind, backend, internet=(), intranet=(), port=80, path_type="Service"):
    addresses = {"InternetEndpoints": list(internet), "IntranetEndpoints": list(intranet)}
    return {"EndpointType": kind, "BackendId": backend, "PathType": path_type, "Port": port, **addresses}


SHARED = way(
    "DefaultGateway", "default", ["http://1.cn-hangzhou.pai-eas.aliyuncs.com"], ["http://1.vpc.x.com"]
)
PRIVATE = way("PrivateGateway", "gw-1", ["http://gw-1.example.com"], ["http://gw-1.vpc.example.com"])
NLB = way("Nlb", "nlb-1", [], ["nlb-1.example.com"], port=18000)
OTHER_NLB = way("Nlb", "nlb-2", [], ["nlb-2.example.com"], port=18001)
NACOS = way("Nacos", "nacos-1", [], ["nacos.example.com"])
GROUP = way("Nlb", "nlb-3", ["nlb-3.example.com"], path_type="Group")
NEW_KIND = way("Mesh", "mesh-1", ["http://mesh.example.com"])


def access(*ways, prefer=None):
    return Access.of("demo", DescribeServiceEndpointsAnswer.model_validate({"Endpoints": ways}), prefer)


@pytest.mark.parametrize(
    ("ways", "network", "url"),
    [
        ([SHARED, PRIVATE], None, "http://gw-1.example.com"),
        ([PRIVATE, SHARED], "intranet", "http://gw-1.vpc.example.com"),
        ([SHARED, PRIVATE, NLB], "intranet", "http://nlb-1.example.com:18000"),
        ([SHARED, NLB], None, "http://1.cn-hangzhou.pai-eas.aliyuncs.com"),
        ([OTHER_NLB, NLB], "intranet", "http://nlb-2.example.com:18001"),
        ([NACOS, SHARED], "intranet", "http://1.vpc.x.com"),
        ([GROUP, SHARED], "internet", "http://1.cn-hangzhou.pai-eas.aliyuncs.com"),
        ([NEW_KIND, SHARED], "internet", "http://1.cn-hangzhou.pai-eas.aliyuncs.com"),
        ([NEW_KIND], None, "http://mesh.example.com"),
    ],
)
def test_what_was_set_up_for_the_service_is_taken(ways, network, url):
    """An NLB before a dedicated gateway before the shared one, all of the side that is asked for; of two alike
    the one that is told first."""
    assert access(*ways).url(network) == f"{url}/api/predict/demo"


def test_an_encrypted_way_is_taken_where_there_is_one():
    """The token travels with every request."""
    both = way("PrivateGateway", "gw-1", ["http://gw-1.example.com", "https://gw-1.example.com"])
    assert access(both).url() == "https://gw-1.example.com/api/predict/demo"


@pytest.mark.parametrize("prefer", ["DefaultGateway", "default"])
def test_the_caller_may_choose(prefer):
    chosen = access(SHARED, PRIVATE, prefer=prefer)
    assert chosen.url() == "http://1.cn-hangzhou.pai-eas.aliyuncs.com/api/predict/demo"
    assert chosen.url("intranet") == "http://1.vpc.x.com/api/predict/demo"


def test_a_choice_that_is_not_there_is_not_replaced():
    with pytest.raises(
        InvocationError, match="no endpoint nlb-9 to call; there are: DefaultGateway default, Nlb nlb-1"
    ):
        access(SHARED, NLB, prefer="nlb-9").url()


def test_a_choice_without_that_side():
    with pytest.raises(InvocationError, match='network="intranet"'):
        access(SHARED, NLB, prefer="Nlb").url("internet")


def test_the_handle_says_where_calls_go(emulator, handles):
    emulator.add_service("demo")
    service = handles("demo")
    assert service.address is None
    service.get_endpoints(prefer="DefaultGateway")
    assert service.address == f"{emulator.url}/api/predict/demo"
    assert service.predict(path="/v1/models")["object"] == "list"


def test_a_choice_is_kept_when_the_token_is_read_again(emulator, handles, monkeypatch):
    from eas_deploy.emulator.operations import observing

    demo = emulator.add_service("demo")
    told = observing.endpoints_of

    def two(*args):
        (shared,) = told(*args)
        return [{**shared, "EndpointType": "Nlb", "InternetEndpoints": ["127.0.0.1:1"]}, shared]

    monkeypatch.setattr(observing, "endpoints_of", two)
    service = handles("demo")
    service.get_endpoints(prefer="DefaultGateway")
    with pytest.raises(InvocationError, match="no endpoint gw-1"):
        service.get_endpoints(prefer="gw-1")
    demo.access_token = "another"
    assert service.predict(path="/v1/models")["object"] == "list"
    assert [call.status for call in emulator.data_calls] == [401, 200]
    service.get_endpoints()
    assert service.address == "http://127.0.0.1:1/api/predict/demo"
