"""The handle to one service for asyncio: the same names and signatures as `eas_deploy.service.blocking`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Literal, overload

from typing_extensions import Self, Unpack

from eas_deploy._defaults import INVOKE_RETRIES, INVOKE_TIMEOUT_S, SERVICE_TIMEOUT_S
from eas_deploy.calls import ServiceInfo
from eas_deploy.clients.asynchronous import AsyncSender
from eas_deploy.clients.http import AsyncUserClient
from eas_deploy.clients.service_clients import async_openai_client, http_client
from eas_deploy.lifecycle import (
    autoscaling,
    calling,
    chatting,
    diagnosis,
    insight,
    life,
    queueing,
    subject,
    updating,
    waiting,
)
from eas_deploy.lifecycle.access import Network
from eas_deploy.lifecycle.calling import CallOptions, Payload, Request
from eas_deploy.lifecycle.chatting import Messages
from eas_deploy.lifecycle.goals import Goal, OnTimeout
from eas_deploy.service.methods import AsyncHandle, async_iterated, awaited
from eas_deploy.service.progress import ShowProgress, shown
from eas_deploy.service.streams import AsyncStream, RawPieces

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class AsyncService(AsyncHandle):
    """A service by its name, for asyncio; asks nothing until told to."""

    def __init__(self, name: str, sender: AsyncSender, info: ServiceInfo | None = None) -> None:
        super().__init__(subject.Subject(name, sender, info), sender)

    async def refresh(self) -> Self:
        """The handle itself, with every field read anew; see `Service.refresh`."""
        await self._run(subject.look(self._subject, "refresh"))
        return self

    get_endpoints = awaited(calling.get_endpoints)

    stop = awaited(life.stop)
    start = awaited(life.start)
    restart = awaited(life.restart)
    delete = awaited(life.delete)
    set_safety_lock = awaited(life.set_safety_lock)
    release = awaited(life.release)
    set_labels = awaited(life.set_labels)
    remove_labels = awaited(life.remove_labels)

    update = awaited(updating.update)
    preview_update = awaited(updating.preview_update)
    scale = awaited(updating.scale)
    versions = awaited(updating.versions)
    roll_back = awaited(updating.roll_back)

    describe_autoscaler = awaited(autoscaling.describe_autoscaler)
    create_autoscaler = awaited(autoscaling.create_autoscaler)
    update_autoscaler = awaited(autoscaling.update_autoscaler)
    delete_autoscaler = awaited(autoscaling.delete_autoscaler)

    async def wait(
        self,
        timeout_s: float = SERVICE_TIMEOUT_S,
        progress: ShowProgress = None,
        *,
        until: Goal = "Running",
        on_timeout: OnTimeout | None = None,
    ) -> Self:
        """The handle itself, as soon as the service has the status ``until``; see `Service.wait`."""
        with shown(progress) as report:
            plan = waiting.wait(self._subject, timeout_s, report, until=until, on_timeout=on_timeout)
            await self._run(plan)
        return self

    async def wait_until_ready(
        self,
        timeout_s: float = SERVICE_TIMEOUT_S,
        progress: ShowProgress = None,
        *,
        path: str | None = None,
        on_timeout: OnTimeout | None = None,
    ) -> Self:
        """The handle itself, as soon as the service can be called; see `Service.wait_until_ready`."""
        with shown(progress) as report:
            plan = waiting.wait_until_ready(
                self._subject, timeout_s, report, path=path, on_timeout=on_timeout
            )
            await self._run(plan)
        return self

    async def predict(
        self, payload: Payload = None, path: str = "", *, raw: bool = False, **options: Unpack[CallOptions]
    ) -> Any:
        """What the service answers; see `Service.predict`."""
        request = Request(payload, path, **options)
        return await self._run(calling.predict(self._subject, request, raw=raw))

    def stream(
        self, payload: Payload = None, path: str = "", **options: Unpack[CallOptions]
    ) -> AsyncStream[bytes]:
        """The bytes that the service answers, as they arrive; see `Service.stream`."""
        plan = calling.begin(self._subject, Request(payload, path, **options))
        return AsyncStream(lambda: self._run(plan), RawPieces())

    @overload
    def chat(
        self, message_or_messages: Messages, stream: Literal[False] = ..., **options: Any
    ) -> Coroutine[Any, Any, str]: ...
    @overload
    def chat(
        self, message_or_messages: Messages, stream: Literal[True], **options: Any
    ) -> AsyncStream[str]: ...
    def chat(  # noqa: PLR0913 - those that are not the OpenAI API's own
        self,
        message_or_messages: Messages,
        stream: bool = False,
        *,
        model: str | None = None,
        timeout_s: float = INVOKE_TIMEOUT_S,
        max_retries: int = INVOKE_RETRIES,
        network: Network | None = None,
        **options: Any,
    ) -> Coroutine[Any, Any, str] | AsyncStream[str]:
        """The text that the model of a vLLM or SGLang service answers; see `Service.chat`.

        With ``stream=True`` an async iterator of pieces, which may be awaited first or not.
        """
        request = Request(timeout_s=timeout_s, max_retries=max_retries, network=network)
        asked = {**options, "model": model}
        if not stream:
            return self._run(chatting.chat(self._subject, message_or_messages, request, asked))
        plan = chatting.begin_chat(self._subject, message_or_messages, request, asked)
        return AsyncStream(lambda: self._run(plan), chatting.TextPieces())

    async def openai(self, *, network: Network | None = None, **options: Any) -> AsyncOpenAI:
        """An ``openai.AsyncOpenAI`` whose requests go to the service (extra ``openai``); close it when done.

        Args:
            network: ``"internet"`` or ``"intranet"``; None takes the internet where there is such an address.
            options: Further arguments of ``openai.AsyncOpenAI``, such as ``timeout=60``.

        Raises:
            EasDeployError: The package ``openai`` is not installed.
            NotFoundError: There is no such service.
        """
        access = await self._run(calling.look_up(self._subject, network))
        # In a thread: importing the package takes a second, in which the event loop would stand still.
        return await asyncio.to_thread(async_openai_client, access, network, options)

    async def http(
        self, *, network: Network | None = None, timeout_s: float = INVOKE_TIMEOUT_S
    ) -> AsyncUserClient:
        """An ``httpx.AsyncClient`` whose paths are relative to the service, with its token; close it when done.

        Args:
            network: ``"internet"`` or ``"intranet"``; None takes the internet where there is such an address.
            timeout_s: Seconds without a byte of an answer.

        Raises:
            NotFoundError: There is no such service.
        """
        access = await self._run(calling.look_up(self._subject, network))
        client: AsyncUserClient = http_client("AsyncClient", access, network, timeout_s)
        return client

    logs = async_iterated(insight.logs)
    events = awaited(insight.events)
    instances = awaited(insight.instances)
    containers = awaited(insight.containers)
    diagnose = awaited(diagnosis.diagnose)

    put = awaited(queueing.put)
    poll = awaited(queueing.poll)
    result = awaited(queueing.result)
    watch = async_iterated(queueing.watch)
