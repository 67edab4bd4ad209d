"""What HTTP cannot carry is refused before anything is sent."""

import h11
import httpx
import pytest
from service_stand_ins import answering

from eas_deploy.clients.exchange import Transmit
from eas_deploy.clients.failures import translated
from eas_deploy.errors import ConnectionLostError


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo")


@pytest.mark.parametrize(
    "value", ["a\nb canary", "canary\r", "canary\0", " canary", "canary ", "canary \xe9", "canary \x7f"]
)
def test_a_header_that_cannot_be_sent(emulator, handles, demo, value):
    """It is the caller's error, named without its value, and nothing is sent."""
    for method in ("predict", "stream", "put"):
        with pytest.raises(ValueError, match=r"headers\['X-Own'\]") as caught:
            getattr(handles("demo"), method)({}, headers={"X-Fine": "1", "X-Own": value})
        assert "canary" not in str(caught.value)
    assert emulator.calls == []


@pytest.mark.parametrize("value", [1, None, b"canary", ["canary"]])
def test_a_header_that_is_no_text(handles, demo, value):
    with pytest.raises(TypeError, match=r"headers\['X-Own'\] must be text") as caught:
        handles("demo").predict({}, headers={"X-Own": value})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(("name", "shown"), [("X-Own: canary", "'X-Own'"), ("", "''"), ("\n", "''")])
def test_an_illegal_name_of_a_header(handles, demo, name, shown):
    with pytest.raises(ValueError, match=f"begins with {shown}") as caught:
        handles("demo").predict({}, headers={name: "canary"})
    assert "canary" not in str(caught.value)
    with pytest.raises(TypeError, match="name of a header must be text"):
        handles("demo").predict({}, headers={1: "canary"})


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "HOST"])
def test_a_header_that_is_not_the_callers(emulator, handles, demo, name):
    """Its length and its host follow from the request; others break it, or lead its token elsewhere."""
    with pytest.raises(ValueError, match=f"header {name} ") as caught:
        handles("demo").predict({}, headers={name: "canary"})
    assert "canary" not in str(caught.value)
    assert emulator.calls == []


@pytest.mark.parametrize(
    "path",
    [
        "/../other/v1/models",
        "..",
        "v1/../../other",
        "/%2e%2E/other",
        "/.%2e%2fother",
        "/%252e%252e/other",
        "/..\\other",
        "/..;/other",
        "/v1/models#part",
    ],
)
def test_a_path_that_leads_elsewhere(emulator, handles, demo, path):
    """The token of this service must not come to another one."""
    for method in ("predict", "stream", "put"):
        with pytest.raises(ValueError, match=r"path '.* holds") as caught:
            getattr(handles("demo"), method)({}, path)
        assert path.replace("\\", "") in str(caught.value).replace("\\", "")
    assert emulator.calls == []


@pytest.mark.parametrize("path", ["/v1/..models", "/a...b", "/v1/models?from=../x", "/a%2Fb%23c", "/."])
def test_paths_that_can_be_sent(emulator, handles, demo, path):
    emulator.plug("demo", answering((200, b"ok")))
    assert handles("demo").predict(path=path, raw=True) == b"ok"


@pytest.mark.parametrize("value", ["", "a", "a b\tc", "!~"])
def test_headers_that_can_be_sent(emulator, handles, demo, value):
    app = answering((200, b"ok"))
    emulator.plug("demo", app)
    handles("demo").predict({}, headers={"X-Own": value})
    assert app.requests[0]["headers"]["x-own"] == value


@pytest.mark.parametrize(
    ("options", "named"),
    [({"method": "GE T"}, "method 'GE T'"), ({"method": ""}, "method ''"), ({"path": "/a\nb"}, "path '/a")],
)
def test_what_else_cannot_be_sent(emulator, handles, demo, options, named):
    with pytest.raises(ValueError, match=named):
        handles("demo").predict({}, **options)
    assert emulator.calls == []


@pytest.mark.parametrize("error", [h11.LocalProtocolError, h11.RemoteProtocolError])
def test_no_error_of_the_protocol_package_escapes(error):
    """httpx lets some of h11's through."""
    step = Transmit(None, "POST", "gateway.test", connect_s=1, read_s=1, until=1)
    with pytest.raises(ConnectionLostError), translated(httpx, step):
        raise error("what was said")
