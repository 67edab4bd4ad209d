"""What an API operation is: a frozen value that knows its own name, and the model of its answer.

Pure: a call can be built, compared, printed and pickled; only ``clients`` can send it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal
from typing_extensions import Self

Product = Literal["eas", "aiworkspace", "vpc", "ecs", "nlb"]


class Answer(BaseModel):
    """An answer of the API: lenient, since the service may add fields and words at any time.

    Fields that the service left out are None or empty; fields that this library does not know are
    kept and can be read under their wire names (``answer.NewField``).
    """

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        alias_generator=to_pascal,
        populate_by_name=True,
        hide_input_in_errors=True,
        # Ids come as numbers from some operations: WorkspaceId is 123456 here and "123456" there.
        coerce_numbers_to_str=True,
        protected_namespaces=(),
    )


A = TypeVar("A", bound=Answer)
A_co = TypeVar("A_co", bound=Answer, covariant=True)
ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Call(Generic[A_co]):
    """One operation with its arguments.

    Attributes:
        operation: Alibaba's name, ``"DescribeService"``: the name of the class.
        product: Which API it belongs to.
        ram_action: The RAM action that permits it.
        repeatable: Whether sending it twice does no more than sending it once; reads are.
        answer_type: The model of its answer.
    """

    operation: ClassVar[str]
    product: ClassVar[Product]
    ram_action: ClassVar[str]
    repeatable: ClassVar[bool] = True
    answer_type: ClassVar[type[Answer]]

    def __init_subclass__(
        cls,
        *,
        product: Product | None = None,
        ram_action: str | None = None,
        answer: type[Answer] | None = None,
        repeatable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if product is None or ram_action is None or answer is None:
            return  # an abstract step between Call and the operations
        cls.operation = cls.__name__
        cls.product = product
        cls.ram_action = ram_action
        cls.answer_type = answer
        cls.repeatable = repeatable


class Listing(Answer, Generic[ItemT]):
    """One page of a list; iterating gives the items."""

    items_field: ClassVar[str]

    @property
    def items(self) -> list[ItemT]:
        """The items of this page."""
        found: list[ItemT] = getattr(self, self.items_field)
        return found


ListingT_co = TypeVar("ListingT_co", bound=Listing[Any], covariant=True)


@dataclass(frozen=True)
class PagedCall(Call[ListingT_co]):
    """An operation that answers page by page."""

    def next_page(self, answer: Listing[Any], seen: int) -> Self | None:
        """The call for the page after ``answer``, or None when that was the last.

        Args:
            answer: The page just received.
            seen: Number of items received so far, that page included.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class NumberedCall(PagedCall[ListingT_co]):
    """Pages by number: ``page_number`` counts from 1, ``TotalCount`` says how many items there are."""

    page_number: int = field(default=1, kw_only=True)
    page_size: int = field(default=100, kw_only=True)

    def next_page(self, answer: Listing[Any], seen: int) -> Self | None:
        """The call for the next page number; see `PagedCall.next_page`."""
        total: int | None = getattr(answer, "total_count", None)
        short = len(answer.items) < self.page_size if total is None else seen >= total
        if short or not answer.items:
            return None
        return replace(self, page_number=self.page_number + 1)


@dataclass(frozen=True)
class TokenCall(PagedCall[ListingT_co]):
    """Pages by ``NextToken``: the last page carries none."""

    next_token: str | None = field(default=None, kw_only=True)

    def next_page(self, answer: Listing[Any], seen: int) -> Self | None:  # noqa: ARG002 - the token decides
        """The call with the token of this page; see `PagedCall.next_page`."""
        token = getattr(answer, "next_token", None)
        return replace(self, next_token=token) if token else None
