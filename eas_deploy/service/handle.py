"""What a handle shows of its service: the fields that the API tells. No I/O hides behind any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, overload

from pydantic import SecretStr

from eas_deploy.calls import ServiceInfo, ServiceLabel
from eas_deploy.lifecycle.subject import Subject

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class Told(Generic[T]):
    """A field of the service as the API told it last; None while it was not told."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self.__doc__ = f"``{name}`` as `refresh` read it last; None before, or if the service did not tell."

    @overload
    def __get__(self, handle: None, owner: type) -> Self: ...
    @overload
    def __get__(self, handle: Handle, owner: type) -> T | None: ...
    def __get__(self, handle: Handle | None, owner: type) -> Self | T | None:
        if handle is None:
            return self
        value: T | None = getattr(handle.info, self._name, None)
        return value


class Handle:
    """A service by its name, and what is known of it.

    Every field is None until `refresh`, or whoever made the handle, has read it. `ServiceInfo` says what
    they mean.
    """

    service_name = Told[str]()
    service_id = Told[str]()
    service_uid = Told[str]()
    service_group = Told[str]()
    namespace = Told[str]()
    region = Told[str]()
    workspace_id = Told[str]()
    status = Told[str]()
    reason = Told[str]()
    message = Told[str]()
    access_token = Told[SecretStr]()
    internet_endpoint = Told[str]()
    intranet_endpoint = Told[str]()
    secondary_internet_endpoint = Told[str]()
    secondary_intranet_endpoint = Told[str]()
    gateway = Told[str]()
    cpu = Told[int]()
    memory = Told[int]()
    gpu = Told[int]()
    image = Told[str]()
    total_instance = Told[int]()
    running_instance = Told[int]()
    pending_instance = Told[int]()
    current_version = Told[int]()
    latest_version = Told[int]()
    weight = Told[int]()
    traffic_state = Told[str]()
    role = Told[str]()
    service_config = Told[str]()
    extra_data = Told[str]()
    labels = Told[list[ServiceLabel]]()
    resource = Told[str]()
    resource_alias = Told[str]()
    quota_id = Told[str]()
    safety_lock = Told[str]()
    source = Told[str]()
    create_time = Told[str]()
    update_time = Told[str]()
    request_id = Told[str]()

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    @property
    def name(self) -> str:
        """The service name."""
        return self._subject.name

    @property
    def info(self) -> ServiceInfo | None:
        """All that was read of the service last, fields that this library does not know included."""
        return self._subject.info

    @property
    def address(self) -> str | None:
        """The URL that calls without ``network`` go to; None before the first call or `get_endpoints`."""
        access = self._subject.access
        return access.address if access is not None else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, status={self.status!r})"
