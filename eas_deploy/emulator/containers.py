"""Stand-ins for what runs in the containers: an OpenAI-style server, ComfyUI, and an echo.

Answers depend on the request alone, so tests can know them beforehand.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from eas_deploy.emulator.wire import AsgiApp, Receive, Scope, Send

CREATED = 1767225600
"""When every completion was made: 2026-01-01, so that answers repeat."""

_SERVED_MODEL = re.compile(r"--served-model-name[ =](\S+)")
_MODEL = re.compile(r"(?:--model-path[ =]|--model[ =]|vllm serve )(\S+)")


def built_in(image: str, container: Mapping[str, Any]) -> AsgiApp:
    """The stand-in for an image.

    Args:
        image: Its name and tag.
        container: Its entry in the service config; the start command tells the model's name.
    """
    if image.startswith(("vllm:", "sglang:")):
        return OpenAiServer(model_name(str(container.get("command") or container.get("script") or "")))
    if image.startswith("comfyui:"):
        return comfyui
    return echo


def model_name(command: str) -> str:
    """The name under which a vLLM or SGLang start command serves its model."""
    match = _SERVED_MODEL.search(command) or _MODEL.search(command)
    return match[1] if match else "/model_dir"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was asked."""
    request = Request(scope, receive)
    body = await request.body()
    response = JSONResponse(
        {
            "method": request.method,
            "path": scope["path"],
            "query": dict(request.query_params),
            "body": _read(body),
        }
    )
    await response(scope, receive, send)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


async def comfyui(scope: Scope, receive: Receive, send: Send) -> None:
    """ComfyUI: its page, and the queue for workflows."""
    request = Request(scope, receive)
    response: Response
    if scope["path"] == "/" and request.method == "GET":
        response = HTMLResponse("<!doctype html><title>ComfyUI</title>")
    elif scope["path"] == "/prompt" and request.method == "POST":
        response = _queued(_read(await request.body()))
    else:
        response = Response(status_code=404)
    await response(scope, receive, send)


def _queued(workflow: Any) -> Response:
    if not isinstance(workflow, dict) or not workflow.get("prompt"):
        error = {"type": "no_prompt", "message": "No prompt provided", "details": "", "extra_info": {}}
        return JSONResponse({"error": error, "node_errors": {}}, status_code=400)
    return JSONResponse({"prompt_id": "00000000-0000-4000-8000-000000000001", "number": 1, "node_errors": {}})


class OpenAiServer:
    """The part of vLLM's and SGLang's HTTP API that clients use to chat."""

    def __init__(self, model: str) -> None:
        self.model = model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        route = (request.method, scope["path"])
        response: Response
        if route == ("GET", "/health"):
            response = Response()
        elif route == ("GET", "/v1/models"):
            response = JSONResponse(
                {"object": "list", "data": [{"id": self.model, "object": "model", "created": CREATED}]}
            )
        elif route == ("POST", "/v1/chat/completions"):
            response = self._chat(_read(await request.body()))
        else:
            response = _error(404, "NotFoundError", f"There is no {request.method} {scope['path']}.")
        await response(scope, receive, send)

    def _chat(self, asked: Any) -> Response:
        messages = asked.get("messages") if isinstance(asked, dict) else None
        if not isinstance(messages, list) or not messages:
            return _error(400, "BadRequestError", "messages must be a non-empty list.")
        if asked.get("model", self.model) != self.model:
            return _error(404, "NotFoundError", f"The model `{asked['model']}` does not exist.")
        words = f"You said: {_text_of(messages[-1])}".split(" ")
        if asked.get("stream"):
            return StreamingResponse(self._stream(words), media_type="text/event-stream")
        prompt_tokens = sum(len(_text_of(message).split()) for message in messages)
        return JSONResponse(
            {
                **self._envelope("chat.completion"),
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": " ".join(words)},
                        "finish_reason": "stop",
                    }
                ],
                "usage": {
                    "prompt_tokens": prompt_tokens,
                    "completion_tokens": len(words),
                    "total_tokens": prompt_tokens + len(words),
                },
            }
        )

    async def _stream(self, words: list[str]) -> AsyncIterator[str]:
        deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
        deltas += [{"content": word if number == 0 else f" {word}"} for number, word in enumerate(words)]
        for delta in deltas:
            yield self._chunk(delta, None)
        yield self._chunk({}, "stop")
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: Mapping[str, str], finish_reason: str | None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        chunk = {**self._envelope("chat.completion.chunk"), "choices": [choice]}
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"

    def _envelope(self, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-emulated", "object": kind, "created": CREATED, "model": self.model}


def _text_of(message: Any) -> str:
    """The text of a chat message, whose content is a string or a list of parts."""
    content = message.get("content", "") if isinstance(message, dict) else ""
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


def _error(status: int, kind: str, message: str) -> Response:
    return JSONResponse(
        {"error": {"message": message, "type": kind, "param": None, "code": status}}, status_code=status
    )
