"""The handle to one service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from typing_extensions import Self, Unpack

from eas_deploy._defaults import INVOKE_RETRIES, INVOKE_TIMEOUT_S, SERVICE_TIMEOUT_S
from eas_deploy.calls import ServiceInfo
from eas_deploy.clients.blocking import BlockingSender
from eas_deploy.clients.http import UserClient
from eas_deploy.clients.service_clients import http_client, openai_client
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
from eas_deploy.service.methods import BlockingHandle, blocking, iterated
from eas_deploy.service.progress import ShowProgress, shown
from eas_deploy.service.streams import RawPieces, Stream

if TYPE_CHECKING:
    from openai import OpenAI


class Service(BlockingHandle):
    """A service by its name; asks nothing until told to.

    Example:
        >>> service = deployer.service("qwen_demo")  # doctest: +SKIP
        >>> service.wait_until_ready(timeout_s=1800)  # doctest: +SKIP
        >>> service.chat("Hello")  # doctest: +SKIP
        'Hello! How can I help you today?'
    """

    def __init__(self, name: str, sender: BlockingSender, info: ServiceInfo | None = None) -> None:
        super().__init__(subject.Subject(name, sender, info), sender)

    def refresh(self) -> Self:
        """The handle itself, with every field read anew.

        Raises:
            NotFoundError: There is no such service.
        """
        self._run(subject.look(self._subject, "refresh"))
        return self

    get_endpoints = blocking(calling.get_endpoints)

    stop = blocking(life.stop)
    start = blocking(life.start)
    restart = blocking(life.restart)
    delete = blocking(life.delete)
    set_safety_lock = blocking(life.set_safety_lock)
    release = blocking(life.release)
    set_labels = blocking(life.set_labels)
    remove_labels = blocking(life.remove_labels)

    update = blocking(updating.update)
    preview_update = blocking(updating.preview_update)
    scale = blocking(updating.scale)
    versions = blocking(updating.versions)
    roll_back = blocking(updating.roll_back)

    describe_autoscaler = blocking(autoscaling.describe_autoscaler)
    create_autoscaler = blocking(autoscaling.create_autoscaler)
    update_autoscaler = blocking(autoscaling.update_autoscaler)
    delete_autoscaler = blocking(autoscaling.delete_autoscaler)

    def wait(
        self,
        timeout_s: float = SERVICE_TIMEOUT_S,
        progress: ShowProgress = None,
        *,
        until: Goal = "Running",
        on_timeout: OnTimeout | None = None,
    ) -> Self:
        """The handle itself, as soon as the service has the status ``until``.

        Running does not mean yet that the gateway leads to it: `wait_until_ready` waits for that too.

        The API may tell of the time before for a moment after a change. So a status that is as it was before
        this handle's last stop, start, restart, delete, update, scale or roll back counts only when the change
        shows: in the status, the version that runs or the replicas; or ten seconds after it, since a change
        may be over between two looks. Of a change by another handle or program nothing is known here.

        A look may miss a service that exists, too. So it counts as deleted at once only after this handle's own
        delete or when it was seen Deleting, and otherwise when no look finds it for ten seconds.

        Args:
            timeout_s: Seconds to wait at most.
            progress: True for a bar (extra ``progress``), or a callback that is given a `Progress`.
            until: The status to wait for: ``"Running"``, ``"Stopped"`` or ``"Deleted"``.
            on_timeout: What to do with a service that is late, so that it costs nothing more: ``"stop"`` or
                ``"delete"`` it. None leaves it as it is.

        Raises:
            ServiceFailedError: It is in a state from which it does not get there.
            WaitTimeoutError: It did not get there in time; the error carries the last status.
            NotFoundError: There is no such service.
            ValueError: An argument makes no sense; nothing was asked.
        """
        with shown(progress) as report:
            plan = waiting.wait(self._subject, timeout_s, report, until=until, on_timeout=on_timeout)
            self._run(plan)
        return self

    def wait_until_ready(
        self,
        timeout_s: float = SERVICE_TIMEOUT_S,
        progress: ShowProgress = None,
        *,
        path: str | None = None,
        on_timeout: OnTimeout | None = None,
    ) -> Self:
        """The handle itself, as soon as the service is Running and its gateway leads to it.

        Right after a change it is waited for as `wait` does; old replicas may answer until the new ones do.

        Args:
            timeout_s: Seconds to wait at most.
            progress: True for a bar (extra ``progress``), or a callback that is given a `Progress`.
            path: Where to ask whether it answers; None takes the path of its probe, else its framework's.
            on_timeout: As in `wait`.

        Raises:
            ServiceFailedError: It is in a state from which it does not come up, or has no replicas and no
                autoscaler.
            WaitTimeoutError: It was not ready in time; the error carries the last status.
            NotFoundError: There is no such service.
            InvocationError: Its token is refused.
            ValueError: An argument makes no sense; nothing was asked.
        """
        with shown(progress) as report:
            plan = waiting.wait_until_ready(
                self._subject, timeout_s, report, path=path, on_timeout=on_timeout
            )
            self._run(plan)
        return self

    def predict(
        self, payload: Payload = None, path: str = "", *, raw: bool = False, **options: Unpack[CallOptions]
    ) -> Any:
        """What the service answers: JSON values, text or bytes, by the content type of the answer.

        Sent again only when the gateway proves that the service never saw the request: no connection, 429,
        450 (queue full), 503 (no instance ready).

        Args:
            payload: ``bytes`` and ``str`` go as they are, files and iterators of bytes are streamed, anything
                else is sent as JSON. None sends no body.
            path: What follows the service's address, such as ``"/v1/embeddings"``.
            raw: Give the bytes of the answer as they came.
            options: ``method``, ``params``, ``headers``, ``timeout_s``, ``max_retries``, ``network``; see
                `CallOptions`.

        Raises:
            InvocationError: Any answer that is no success, or none; says what to do.
            NotFoundError: There is no such service.
            TypeError: JSON cannot hold the payload, or a header is no text.
            ValueError: The method, the path or a header cannot be sent, or another argument makes no sense; says
                which.
        """
        request = Request(payload, path, **options)
        return self._run(calling.predict(self._subject, request, raw=raw))

    def stream(
        self, payload: Payload = None, path: str = "", **options: Unpack[CallOptions]
    ) -> Stream[bytes]:
        """The bytes that the service answers, as they arrive; takes and raises what `predict` does.

        Nothing is kept in memory, so an answer may be of any size.
        """
        plan = calling.begin(self._subject, Request(payload, path, **options))
        return Stream(lambda: self._run(plan), RawPieces())

    @overload
    def chat(self, message_or_messages: Messages, stream: Literal[False] = ..., **options: Any) -> str: ...
    @overload
    def chat(self, message_or_messages: Messages, stream: Literal[True], **options: Any) -> Stream[str]: ...
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
    ) -> str | Stream[str]:
        """The text that the model of a vLLM or SGLang service answers.

        Args:
            message_or_messages: The user's words, or a conversation in the form of the OpenAI API.
            stream: True gives an iterator of pieces of text as they arrive.
            model: The name under which the model is served; None takes the first of ``/v1/models``.
            timeout_s: Seconds for the request with its retries; for a stream, until it begins and between
                two pieces.
            max_retries: Attempts after the first one, made only when the service never saw the request.
            network: ``"internet"`` or ``"intranet"``; None takes the internet where there is such an address.
            options: Further parameters of the OpenAI API, such as ``temperature=0`` or ``max_tokens=100``.

        Raises:
            InvocationError: Any answer that is no success, or none; says what to do.
            NotFoundError: There is no such service.
        """
        request = Request(timeout_s=timeout_s, max_retries=max_retries, network=network)
        asked = {**options, "model": model}
        if not stream:
            return self._run(chatting.chat(self._subject, message_or_messages, request, asked))

        plan = chatting.begin_chat(self._subject, message_or_messages, request, asked)
        return Stream(lambda: self._run(plan), chatting.TextPieces())

    def openai(self, *, network: Network | None = None, **options: Any) -> OpenAI:
        """An ``openai.OpenAI`` whose requests go to the service (extra ``openai``); close it when done.

        Args:
            network: ``"internet"`` or ``"intranet"``; None takes the internet where there is such an address.
            options: Further arguments of ``openai.OpenAI``, such as ``timeout=60``.

        Raises:
            EasDeployError: The package ``openai`` is not installed.
            NotFoundError: There is no such service.
        """
        access = self._run(calling.look_up(self._subject, network))
        return openai_client(access, network, options)

    def http(self, *, network: Network | None = None, timeout_s: float = INVOKE_TIMEOUT_S) -> UserClient:
        """An ``httpx.Client`` whose paths are relative to the service, with its token; close it when done.

        Args:
            network: ``"internet"`` or ``"intranet"``; None takes the internet where there is such an address.
            timeout_s: Seconds without a byte of an answer.

        Raises:
            NotFoundError: There is no such service.
        """
        access = self._run(calling.look_up(self._subject, network))
        client: UserClient = http_client("Client", access, network, timeout_s)
        return client

    logs = iterated(insight.logs)
    events = blocking(insight.events)
    instances = blocking(insight.instances)
    containers = blocking(insight.containers)
    diagnose = blocking(diagnosis.diagnose)

    put = blocking(queueing.put)
    poll = blocking(queueing.poll)
    result = blocking(queueing.result)
    watch = iterated(queueing.watch)
