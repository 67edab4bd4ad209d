"""Chatting with a service that speaks the OpenAI API: what to send, and the text in what comes back.

Generators and pure functions. vLLM and SGLang answer at ``/v1/chat/completions``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from eas_deploy.calls.steps import Plan
from eas_deploy.errors import InvocationError
from eas_deploy.lifecycle.calling import Request, call, decode
from eas_deploy.lifecycle.invocation import AnsweredT, Reply, Transport
from eas_deploy.lifecycle.sse import EventDecoder
from eas_deploy.lifecycle.subject import Subject

Messages: TypeAlias = str | Sequence[Mapping[str, Any]]
"""What is said: the user's words, or a whole conversation in the form of the OpenAI API."""

CHAT_PATH = "/v1/chat/completions"
MODELS_PATH = "/v1/models"
_END = "[DONE]"


def chat(subject: Subject, messages: Messages, request: Request, options: Mapping[str, Any]) -> Plan[str]:
    """The text that the model answers; see ``Service.chat``."""
    reply: Reply = yield from _ask(subject, messages, request, options, subject.edge.invoke)
    answer = decode(reply)
    try:
        content = answer["choices"][0]["message"]["content"]
    except (LookupError, TypeError) as error:
        raise _not_openai(reply.status) from error
    # A model that only calls tools, or only reasons, says nothing.
    return "" if content is None else str(content)


def begin_chat(
    subject: Subject, messages: Messages, request: Request, options: Mapping[str, Any]
) -> Plan[Any]:
    """The answer of the model as a stream of events that has just begun; see ``Service.chat``."""
    asked = {**options, "stream": True}
    return (yield from _ask(subject, messages, request, asked, subject.edge.begin))


def _ask(
    subject: Subject,
    messages: Messages,
    request: Request,
    options: Mapping[str, Any],
    transport: Transport[AnsweredT],
) -> Plan[AnsweredT]:
    said = [{"role": "user", "content": messages}] if isinstance(messages, str) else [*messages]
    model = options.get("model") or (yield from served_model(subject, request))
    asked = {key: value for key, value in options.items() if value is not None}
    payload = {**asked, "model": model, "messages": said}
    return (yield from call(subject, replace(request, payload=payload, path=CHAT_PATH), transport))


def served_model(subject: Subject, request: Request) -> Plan[str]:
    """The name of the first model that the service serves: asked for once, then kept."""
    if subject.model is None:
        asking = replace(request, payload=None, path=MODELS_PATH)
        reply: Reply = yield from call(subject, asking, subject.edge.invoke)
        try:
            subject.model = str(decode(reply)["data"][0]["id"])
        except (LookupError, TypeError) as error:
            raise _not_openai(reply.status) from error
    return subject.model


class TextPieces:
    """Takes the pieces of text out of the bytes of a streamed answer.

    Attributes:
        ended: Whether the model said that it is done; a stream that stops before broke off.
    """

    def __init__(self) -> None:
        self.ended = False
        self._events = EventDecoder()

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The pieces of text that ``chunk`` completes.

        Raises:
            InvocationError: The service reports an error, or does not speak the OpenAI API.
        """
        for data in self._events.feed(chunk):
            if data == _END:
                self.ended = True
            elif piece := self._piece(data):
                yield piece

    def end(self) -> None:
        """Accept that no more bytes come.

        Raises:
            InvocationError: The answer is not complete.
        """
        if not self.ended:
            raise InvocationError(
                "The stream ended before the model was done: the service may have been restarted. "
                "What came so far is not the whole answer; ask again, and look at diagnose()."
            )

    def _piece(self, data: str) -> str:
        try:
            event = json.loads(data)
            if "error" in event:
                raise _reported(event["error"])
            choices = event["choices"]
            if not choices:  # the last event may tell the usage alone
                return ""
            # Some servers end without [DONE]; the reason to finish is as good.
            self.ended = self.ended or choices[0].get("finish_reason") is not None
            return str(choices[0].get("delta", {}).get("content") or "")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _not_openai(None) from error


def _reported(error: Any) -> InvocationError:
    message = error.get("message") if isinstance(error, dict) else error
    return InvocationError(f"The service broke off its answer with an error: {message}. Look at logs().")


def _not_openai(status: int | None) -> InvocationError:
    return InvocationError(
        "The service answered, but not in the form of the OpenAI API. chat() is for vLLM, SGLang and what is "
        "compatible with them; call others with predict().",
        http_status=status,
    )
