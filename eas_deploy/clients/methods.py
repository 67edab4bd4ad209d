"""How a call becomes a method of a typed client: same arguments, and the answer instead of the call."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from eas_deploy.calls.base import Answer, Call, Listing, PagedCall
from eas_deploy.calls.steps import Send
from eas_deploy.clients.asynchronous import AsyncSender
from eas_deploy.clients.blocking import BlockingSender

P = ParamSpec("P")
A = TypeVar("A", bound=Answer)

_CERTAIN_PAGE = frozenset({"page_number", "next_token"})


class BlockingClient:
    """Base of the typed clients."""

    def __init__(self, sender: BlockingSender) -> None:
        self._sender = sender


class AsyncClient:
    """Base of the typed clients for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender


def blocking(kind: Callable[P, Call[A]]) -> Callable[Concatenate[BlockingClient, P], A]:
    """A method that sends a call of ``kind`` and gives its answer."""

    def method(self: BlockingClient, /, *args: P.args, **kwargs: P.kwargs) -> A:
        plan = _answer(kind(*args, **kwargs), one_page=not _CERTAIN_PAGE.isdisjoint(kwargs))
        try:
            step = next(plan)
            while True:
                step = plan.send(self._sender.send(step))
        except StopIteration as end:
            return cast("A", end.value)

    return _like(kind, method)


def awaited(kind: Callable[P, Call[A]]) -> Callable[Concatenate[AsyncClient, P], Awaitable[A]]:
    """A method that sends a call of ``kind`` and, awaited, gives its answer."""

    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> A:
        plan = _answer(kind(*args, **kwargs), one_page=not _CERTAIN_PAGE.isdisjoint(kwargs))
        try:
            step = next(plan)
            while True:
                step = plan.send(await self._sender.send(step))
        except StopIteration as end:
            return cast("A", end.value)

    return _like(kind, method)


def _answer(call: Call[A], *, one_page: bool) -> Generator[Send[Any], Any, A]:
    """The answer to ``call``; if it comes in pages, the first one with the items of all."""
    answer: A = yield Send(call)
    if one_page or not isinstance(call, PagedCall) or not isinstance(answer, Listing):
        return answer
    items = list(answer.items)
    following = call.next_page(answer, len(items))
    while following is not None:
        page = yield Send(following)
        items += page.items
        following = following.next_page(page, len(items))
    return answer.model_copy(update={answer.items_field: items})


MethodT = TypeVar("MethodT", bound=Callable[..., Any])


def _like(kind: Callable[..., Any], method: MethodT) -> MethodT:
    """``method``, with the name, the words and the arguments of the call for those who ask for help."""
    signature = inspect.signature(kind)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    arguments = [own, *signature.parameters.values()]
    documented: Any = method
    documented.__name__ = documented.__qualname__ = kind.__name__
    documented.__doc__ = kind.__doc__
    documented.__signature__ = signature.replace(
        parameters=arguments, return_annotation=inspect.Signature.empty
    )
    return method
