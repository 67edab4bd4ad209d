"""How a plan about a service becomes a method of a handle: same arguments, and the result instead of the plan."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

from eas_deploy import driver
from eas_deploy.calls.steps import Plan
from eas_deploy.clients.asynchronous import AsyncSender
from eas_deploy.clients.blocking import BlockingSender
from eas_deploy.lifecycle.batches import Batches
from eas_deploy.lifecycle.subject import Subject
from eas_deploy.service.handle import Handle

P = ParamSpec("P")
T = TypeVar("T")
MethodT = TypeVar("MethodT", bound=Callable[..., Any])


class BlockingHandle(Handle):
    """A handle whose plans are run by a blocking sender."""

    def __init__(self, subject: Subject, sender: BlockingSender) -> None:
        super().__init__(subject)
        self._sender = sender
        self._own: BlockingSender | None = None

    def close(self) -> None:
        """Close the connections that the handle opened itself, after its deployer was closed; none else."""
        own, self._own = self._own, None
        if own is not None:
            own.close()

    def _run(self, plan: Plan[T]) -> T:
        # A handle may outlive the deployer that made it.
        if self._sender.is_closed:
            self._own = self._sender = self._subject.edge = self._sender.reopened()
        return driver.run(plan, self._sender, [])

    def _each(self, batches: Batches[T]) -> Iterator[T]:
        while not batches.done:
            yield from self._run(batches.more())


class AsyncHandle(Handle):
    """A handle whose plans are run by an asyncio sender."""

    def __init__(self, subject: Subject, sender: AsyncSender) -> None:
        super().__init__(subject)
        self._sender = sender
        self._own: AsyncSender | None = None

    async def close(self) -> None:
        """Close the connections that the handle opened itself, after its deployer was closed; none else."""
        own, self._own = self._own, None
        if own is not None:
            await own.aclose()

    async def _run(self, plan: Plan[T]) -> T:
        # A handle may outlive the deployer that made it.
        if self._sender.is_closed:
            self._own = self._sender = self._subject.edge = self._sender.reopened()
        return await driver.run_async(plan, self._sender, [])

    async def _each(self, batches: Batches[T]) -> AsyncIterator[T]:
        while not batches.done:
            for item in await self._run(batches.more()):
                yield item


def blocking(plan: Callable[Concatenate[Subject, P], Plan[T]]) -> Callable[Concatenate[BlockingHandle, P], T]:
    """A method that runs ``plan`` on the handle's service and gives its result."""

    def method(self: BlockingHandle, /, *args: P.args, **kwargs: P.kwargs) -> T:
        course = plan(self._subject, *args, **kwargs)
        del args, kwargs  # a config among them may hold secrets, and a traceback shows what a frame holds
        return self._run(course)

    return _like(plan, method, "{}")


def awaited(
    plan: Callable[Concatenate[Subject, P], Plan[T]],
) -> Callable[Concatenate[AsyncHandle, P], Coroutine[Any, Any, T]]:
    """A method that runs ``plan`` on the handle's service and, awaited, gives its result."""

    async def method(self: AsyncHandle, /, *args: P.args, **kwargs: P.kwargs) -> T:
        course = plan(self._subject, *args, **kwargs)
        del args, kwargs  # see `blocking`
        return await self._run(course)

    return _like(plan, method, "{}")


def iterated(
    batches: Callable[Concatenate[Subject, P], Batches[T]],
) -> Callable[Concatenate[BlockingHandle, P], Iterator[T]]:
    """A method that gives the items of ``batches`` one by one."""

    def method(self: BlockingHandle, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self._each(batches(self._subject, *args, **kwargs))

    return _like(batches, method, "Iterator[{}]")


def async_iterated(
    batches: Callable[Concatenate[Subject, P], Batches[T]],
) -> Callable[Concatenate[AsyncHandle, P], AsyncIterator[T]]:
    """A method that gives the items of ``batches`` one by one, asynchronously."""

    def method(self: AsyncHandle, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return self._each(batches(self._subject, *args, **kwargs))

    return _like(batches, method, "AsyncIterator[{}]")


def _like(plan: Callable[..., Any], method: MethodT, gives: str) -> MethodT:
    """``method``, with the name, the words, the arguments and the result of the plan for those who ask for help.

    Args:
        plan: What it runs; says ``-> Plan[X]`` or ``-> Batches[X]``.
        method: The method.
        gives: What the method gives of ``X``.
    """
    documented: Any = functools.wraps(plan, assigned=("__name__", "__doc__"), updated=())(method)
    del documented.__wrapped__
    # The handle is the subject: nobody passes it.
    documented.__doc__ = (plan.__doc__ or "").replace("\n        subject: The service.", "")
    signature = inspect.signature(plan)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    arguments = [own, *list(signature.parameters.values())[1:]]
    # Annotations are texts, as they stand in the plan's module: reading them would need the types at import.
    result = gives.format(str(signature.return_annotation).partition("[")[2].removesuffix("]"))
    documented.__qualname__ = plan.__name__
    documented.__signature__ = signature.replace(parameters=arguments, return_annotation=result)
    documented.__annotations__ = {one.name: one.annotation for one in arguments[1:]} | {"return": result}
    return method
