"""How to call a service, as code to copy: shell, Python, and the openai package where the service speaks its API.

Pure. Each snippet is complete: it runs as it is once it holds the token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from typing_extensions import Self

from eas_deploy.calls import Endpoint
from eas_deploy.catalog.frameworks import COMFYUI, SD_WEBUI, SGLANG, VLLM, Framework, framework_of
from eas_deploy.lifecycle.access import urls_of, with_scheme

TOKEN_GOES_HERE = "<AccessToken>"  # noqa: S105 - stands where nobody knows the token
Tool: TypeAlias = Literal["curl", "python", "openai"]

_SERVED_NAME = re.compile(r"--served-model-name[ =](\S+)")
_MODEL = re.compile(r"(?:--model-path[ =]|--model[ =]|vllm serve )(\S+)")
_DEFAULT_MODEL = "/model_dir"


class Snippet(str):
    """Code that calls a service: a string that knows with what it does.

    Attributes:
        tool: ``"curl"``, a shell command; ``"python"`` or ``"openai"``, a Python program.
    """

    __slots__ = ("tool",)
    tool: Tool

    def __new__(cls, text: str, tool: Tool = "curl") -> Self:
        """The snippet of ``text``."""
        self = super().__new__(cls, text)
        self.tool = tool
        return self


class _Ask(NamedTuple):
    """What a framework is asked in an example: a path, and a payload unless it is a GET."""

    path: str
    payload: Mapping[str, Any] | None


def snippets(
    name: str, endpoints: Sequence[Endpoint], token: str | None, container: Mapping[str, Any]
) -> Iterator[Snippet]:
    """Code for each address of a service, in shell, Python and, for language models, the openai package.

    Args:
        name: The service name.
        endpoints: How it is reached.
        token: The token as it is to be shown; None when it is not known.
        container: The service's first container, in service JSON; it tells the framework and the model.
    """
    shown = token or TOKEN_GOES_HERE
    framework = framework_of(str(container.get("image", "")))
    ask = _ask(framework, container)
    for endpoint in endpoints:
        for address in dict.fromkeys((*endpoint.internet_endpoints, *endpoint.intranet_endpoints)):
            for url in map(with_scheme, urls_of(name, endpoint, [address])):
                yield Snippet(_curl(url, shown, ask), "curl")
                yield Snippet(_python(url, shown, ask), "python")
                if ask.payload is not None and "messages" in ask.payload:
                    yield Snippet(_openai(url, shown, ask.payload), "openai")


def model_name(container: Mapping[str, Any]) -> str:
    """The name under which a vLLM or SGLang start command serves its model."""
    command = str(container.get("command") or container.get("script") or "")
    found = _SERVED_NAME.search(command) or _MODEL.search(command)
    return found[1] if found else _DEFAULT_MODEL


def _ask(framework: Framework, container: Mapping[str, Any]) -> _Ask:
    if framework in {VLLM, SGLANG}:
        messages = [{"role": "user", "content": "Hello"}]
        return _Ask("/v1/chat/completions", {"model": model_name(container), "messages": messages})
    if framework == COMFYUI:
        # The node that every ComfyUI has; a real workflow is exported with "Export (API)".
        node = {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}}
        return _Ask("/prompt", {"prompt": {"1": node}})
    if framework == SD_WEBUI:
        return _Ask("/sdapi/v1/txt2img", {"prompt": "a lighthouse at dawn", "steps": 20})
    return _Ask("", None)


def _curl(url: str, token: str, ask: _Ask) -> str:
    lines = [f"curl {url}{ask.path}", f'-H "Authorization: {token}"']
    if ask.payload is not None:
        lines += ['-H "Content-Type: application/json"', f"-d '{json.dumps(ask.payload)}'"]
    return " \\\n  ".join(lines)


def _python(url: str, token: str, ask: _Ask) -> str:
    method = "get" if ask.payload is None else "post"
    lines = ["import httpx", "", f"answer = httpx.{method}(", f'    "{url}{ask.path}",']
    lines += [f'    headers={{"Authorization": "{token}"}},']
    if ask.payload is not None:
        lines += [f"    json={_literal(ask.payload)},"]
    return "\n".join([*lines, "    timeout=300,", ")", "answer.raise_for_status()", "print(answer.text)"])


def _openai(url: str, token: str, payload: Mapping[str, Any]) -> str:
    return "\n".join(
        [
            "from openai import OpenAI",
            "",
            f'client = OpenAI(base_url="{url}/v1", api_key="{token}")',
            "answer = client.chat.completions.create(",
            f"    model={_literal(payload['model'])},",
            f"    messages={_literal(payload['messages'])},",
            ")",
            "print(answer.choices[0].message.content)",
        ]
    )


def _literal(value: Any) -> str:
    # The payloads hold strings, numbers, lists and objects only, which JSON and Python write alike.
    return json.dumps(value)
