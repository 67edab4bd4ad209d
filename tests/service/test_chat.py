"""Chatting with a vLLM or SGLang service."""

import json
import sys
import threading

import openai
import pytest
from service_stand_ins import answering

from eas_deploy import Deployer
from eas_deploy.emulator import Fault
from eas_deploy.errors import EasDeployError, InvocationError
from eas_deploy.lifecycle.sse import EventDecoder


@pytest.fixture
def demo(emulator):
    return emulator.add_service("demo")


def chunk(text, finish=None):
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


def events(*payloads):
    return b"".join(
        f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n".encode() for one in payloads
    )


def streaming(emulator, body):
    """Let the service stream ``body``; the name of its model is not asked for."""
    app = answering((200, body, {"content-type": "text/event-stream"}))
    emulator.plug("demo", app)
    return app


def test_words_in_words_out(handles, demo):
    assert handles("demo").chat("Hello") == "You said: Hello"


def test_a_conversation_and_options(emulator, handles, demo):
    app = answering(
        (
            200,
            json.dumps({"choices": [{"message": {"content": "4"}}]}).encode(),
            {"content-type": "application/json"},
        )
    )
    emulator.plug("demo", app)
    conversation = [{"role": "system", "content": "Count."}, {"role": "user", "content": "2 + 2?"}]
    assert handles("demo").chat(conversation, model="qwen", temperature=0, max_tokens=10) == "4"
    request = app.requests[0]
    assert request["path"] == "/v1/chat/completions"
    assert json.loads(request["body"]) == {
        "model": "qwen",
        "messages": conversation,
        "temperature": 0,
        "max_tokens": 10,
    }


def test_the_model_is_asked_for_once(emulator, handles, demo):
    service = handles("demo")
    service.chat("one")
    service.chat("two")
    assert [call.path for call in emulator.data_calls] == [
        "/v1/models",
        "/v1/chat/completions",
        "/v1/chat/completions",
    ]


def test_a_stream_is_pieces_of_text(handles, demo):
    assert list(handles("demo").chat("Hello there", stream=True)) == ["You", " said:", " Hello", " there"]


def test_pieces_come_as_they_arrive(emulator, handles, demo):
    """The first piece is there while the service still holds back the second."""
    go_on = threading.Event()

    async def app(scope, receive, send):
        import asyncio

        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": events(chunk("one")), "more_body": True})
        await asyncio.to_thread(go_on.wait, 5)
        await send({"type": "http.response.body", "body": events(chunk("two", "stop"), "[DONE]")})

    emulator.plug("demo", app)
    pieces = handles("demo").chat("Hello", stream=True, model="m")
    assert next(pieces) == "one"
    go_on.set()
    assert list(pieces) == ["two"]


def test_a_stream_can_be_given_up(emulator, handles, demo):
    """Closing frees the connection; the next request does not wait for it."""
    service = handles("demo")
    pieces = service.chat("Hello there", stream=True)
    assert next(pieces) == "You"
    pieces.close()
    assert list(pieces) == []
    assert service.chat("again") == "You said: again"


def test_nothing_is_sent_before_the_first_piece(emulator, handles, demo):
    handles("demo").chat("Hello", stream=True)
    assert emulator.data_calls == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (events(chunk("half")), "before the model was done"),
        (events(chunk("half"), {"error": {"message": "out of memory"}}), "out of memory"),
        (events({"odd": 1}), "not in the form of the OpenAI API"),
        (events("no json"), "not in the form of the OpenAI API"),
    ],
)
def test_a_stream_that_is_not_whole_is_an_error(emulator, handles, demo, body, told):
    streaming(emulator, body)
    with pytest.raises(InvocationError, match=told):
        list(handles("demo").chat("Hello", stream=True, model="m"))


def test_a_reason_to_finish_is_an_end_too(emulator, handles, demo):
    """Some servers do not send [DONE]; the last event may tell the usage alone."""
    streaming(emulator, events(chunk("all", "stop"), {"choices": [], "usage": {"total_tokens": 3}}))
    assert list(handles("demo").chat("Hello", stream=True, model="m")) == ["all"]


@pytest.mark.parametrize("body", [b"{}", b'{"choices": []}', b"[1]", b"plain"])
def test_a_service_of_another_kind(emulator, handles, demo, body):
    emulator.plug(
        "demo",
        answering((200, body, {"content-type": "application/json" if body != b"plain" else "text/plain"})),
    )
    with pytest.raises(InvocationError, match=r"predict\(\)"):
        handles("demo").chat("Hello", model="m")


def test_a_refused_stream(emulator, handles, demo):
    with pytest.raises(InvocationError, match="does not exist") as caught:
        list(handles("demo").chat("Hello", stream=True, model="absent"))
    assert caught.value.http_status == 404


def test_a_lost_connection(emulator, handles, demo):
    service = handles("demo")
    service.chat("Hello")
    emulator.inject(Fault("DataPlane", "reset"))
    with pytest.raises(InvocationError):
        service.chat("Hello")


def test_an_async_stream_may_be_awaited_first(emulator, handles, demo):
    """Both ``async for`` and ``async for ... await`` read well."""
    if not handles.is_async:
        return

    async def main():
        service = handles.deployer.service("demo")
        plain = [piece async for piece in service.chat("Hi", stream=True)]
        awaited = [piece async for piece in await service.chat("Hi", stream=True)]
        async with service.chat("Hi", stream=True) as pieces:
            first = await pieces.__anext__()
        return plain, awaited, first

    assert handles.run(main()) == (["You", " said:", " Hi"], ["You", " said:", " Hi"], "You")


def test_the_openai_package(emulator, handles, demo):
    """The client of the openai package talks to the service as it is."""
    client = handles("demo").openai()
    ask = {"model": "/model_dir", "messages": [{"role": "user", "content": "Hello"}]}
    if handles.is_async:
        assert isinstance(client, openai.AsyncOpenAI)
        answer = handles.run(client.chat.completions.create(**ask))

        async def streamed():
            return [
                one.choices[0].delta.content
                async for one in await client.chat.completions.create(stream=True, **ask)
            ]

        pieces = handles.run(streamed())
        handles.run(client.close())
    else:
        assert isinstance(client, openai.OpenAI)
        answer = client.chat.completions.create(**ask)
        pieces = [one.choices[0].delta.content for one in client.chat.completions.create(stream=True, **ask)]
        client.close()
    assert answer.choices[0].message.content == "You said: Hello"
    assert "".join(piece or "" for piece in pieces) == "You said: Hello"


def test_without_the_openai_package(handles, demo, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(EasDeployError, match=r"eas-deploy\[openai\]"):
        handles("demo").openai()


def test_models_of_a_service_of_another_kind(emulator, handles, demo):
    emulator.plug("demo", answering((200, b"{}", {"content-type": "application/json"})))
    with pytest.raises(InvocationError, match=r"predict\(\)"):
        handles("demo").chat("Hello")


def test_a_blocking_stream_is_a_context_manager(emulator, demo):
    with Deployer("cn-hangzhou", **emulator.connection()) as deployer:
        service = deployer.service("demo")
        with service.chat("Hello there", stream=True) as pieces:
            assert next(pieces) == "You"
        assert list(pieces) == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_in_pieces_of_any_size(size):
    """Bytes arrive cut anywhere: inside a character, between CR and LF."""
    text = ': hi\r\ndata: {"a": "ä"}\r\n\r\nevent: x\ndata: one\ndata:two\nid: 1\n\n\ndata: cut'.encode()
    decoder = EventDecoder()
    found = [one for at in range(0, len(text), size) for one in decoder.feed(text[at : at + size])]
    assert found == ['{"a": "ä"}', "one\ntwo"]
