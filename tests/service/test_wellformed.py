"""What HTTP cannot carry is refused before anything is sent."""

import pytest
from service_stand_ins import answering


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
