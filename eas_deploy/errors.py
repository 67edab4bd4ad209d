"""Every error this package raises. A leaf: imports findings only.

    EasDeployError                    .service_may_exist
      ConfigError                     .findings (also a ValueError)
      DeploymentStopped               a valid outcome: this call created nothing
        DuplicateServiceError         .name .status
          RepeatedNameError           an earlier request of the fleet asks for the same name
        AmbiguousWorkspaceError       .candidates
        ResourceNotFoundError         .kind .looked_at
        ConfirmationDeclined
        NotStartedError               the fleet stopped before this service's turn
        GateError                     .operation
      ApiError                        .operation .code .http_status .request_id .host
        AuthenticationError
          CredentialsError            no usable credentials on this machine
        PermissionDeniedError         .ram_action
        ThrottledError                .retry_after_s
        NotFoundError
        ConflictError
        ServerError
      TransportError                  .operation .host
        ConnectError                  the connection was never made: nothing was sent
        ReadTimeoutError
        ConnectionLostError           sent, and the connection broke before the answer was whole
        UnreadableAnswerError         .http_status: an answer that is not what the API speaks
        DeadlineExceededError
      CreateOutcomeUnknownError       .name .how_to_check
      SafetyLockError                 .name .lock: the service is locked, nothing was changed
      ChangeOutcomeUnknownError       .name .action .how_to_check
      WaitTimeoutError                .name .status
      ServiceFailedError              .status .reason .diagnosis
      InvocationError                 .http_status

Messages say what happened, to which thing, and what to do next; they never hold a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from eas_deploy.findings import Finding, Findings

__all__ = [
    "AmbiguousWorkspaceError",
    "ApiError",
    "AuthenticationError",
    "ChangeOutcomeUnknownError",
    "ConfigError",
    "ConfirmationDeclined",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "CreateOutcomeUnknownError",
    "CredentialsError",
    "DeadlineExceededError",
    "DeploymentStopped",
    "DuplicateServiceError",
    "EasDeployError",
    "GateError",
    "InvocationError",
    "NotFoundError",
    "NotStartedError",
    "PermissionDeniedError",
    "ReadTimeoutError",
    "RepeatedNameError",
    "ResourceNotFoundError",
    "SafetyLockError",
    "ServerError",
    "ServiceFailedError",
    "ThrottledError",
    "TransportError",
    "UnreadableAnswerError",
    "WaitTimeoutError",
]


def __dir__() -> list[str]:
    return __all__


class EasDeployError(Exception):
    """Base of all errors of this package.

    Attributes:
        service_may_exist: Whether a service that this call asked for may exist (and cost money) now.
    """

    service_may_exist: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by calling the class with args, which keyword-only constructors refuse.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[EasDeployError], args: tuple[Any, ...], state: dict[str, Any]) -> EasDeployError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigError(EasDeployError, ValueError):
    """The request or service JSON cannot be deployed; ``findings`` lists everything found, not the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = Findings(findings)
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        errors = self.findings.errors or list(self.findings)
        lines = "\n".join(f"  {finding}" for finding in errors)
        return f"{len(errors)} error{'s' if len(errors) != 1 else ''} in the service config:\n{lines}"


class DeploymentStopped(EasDeployError):  # noqa: N818 - a stop is a valid outcome of the procedure
    """The procedure stopped before CreateService; this call created nothing."""


class DuplicateServiceError(DeploymentStopped):
    """A service of that name exists already. It is never reused, deleted or renamed."""

    def __init__(self, name: str, status: str | None) -> None:
        self.name = name
        self.status = status
        super().__init__(
            f"A service named {name} already exists (status: {status or 'unknown'}); nothing was created. "
            "Choose a different name."
        )


class RepeatedNameError(DuplicateServiceError):
    """An earlier request of the same fleet asks for a service of that name."""

    def __init__(self, name: str, first: int, again: int) -> None:
        super().__init__(name, None)
        message = (
            f"Request {again} of the fleet asks for a service named {name}, as request {first} does; nothing "
            "was created for it. Choose a different name."
        )
        self.args = (message,)


class AmbiguousWorkspaceError(DeploymentStopped):
    """Several workspaces could be used and nobody chose one.

    Attributes:
        candidates: The enabled workspaces, each with ``workspace_id`` and ``workspace_name``.
    """

    def __init__(self, candidates: Sequence[Any]) -> None:
        self.candidates = tuple(candidates)
        listed = ", ".join(f"{one.workspace_id} ({one.workspace_name})" for one in self.candidates)
        super().__init__(
            f"{len(self.candidates)} enabled workspaces and none was chosen: {listed}. "
            "Pass workspace_id, or choose_workspace to the Deployer."
        )


class ResourceNotFoundError(DeploymentStopped):
    """A resource that the deployment needs is not there.

    Attributes:
        kind: What is missing, in words: ``"gateway"``, ``"vSwitch"``, ``"image"``, ``"instance type"``.
        looked_at: What was looked at, for the reader: ids, regions, filters.
        findings: The same as findings, where a rule has an id for it (``image.unknown``).
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        looked_at: Sequence[str] = (),
        findings: Iterable[Finding] = (),
    ) -> None:
        self.kind = kind
        self.looked_at = tuple(looked_at)
        self.findings = Findings(findings)
        seen = f" Looked at: {'; '.join(self.looked_at)}." if self.looked_at else ""
        super().__init__(message + seen)


class ConfirmationDeclined(DeploymentStopped):
    """The ``confirm`` callback said no; nothing was created."""


class NotStartedError(DeploymentStopped):
    """The fleet was stopped before this service was created."""


class GateError(DeploymentStopped):
    """A mandatory call never gave a usable answer, so nothing was created; the cause is chained.

    Attributes:
        operation: The mandatory operation, such as ``"ListImages"``.
    """

    def __init__(self, operation: str, cause: EasDeployError) -> None:
        self.operation = operation
        super().__init__(
            f"{operation} is mandatory before a service is created and gave no usable answer: {cause} "
            "Nothing was created; try again when the cause is mended."
        )


class ApiError(EasDeployError):
    """Alibaba Cloud answered a call with an error.

    Attributes:
        operation: The API operation, ``"CreateService"``; None if no call was made.
        code: The error code of the body, ``"InvalidParameter"``; None if the body had none.
        http_status: HTTP status; None if no call was made.
        request_id: Alibaba's request id; quote it to their support.
        host: The host that answered.
        well_formed: Whether the body was an error body of the API (and not, say, a proxy's page).
        attempts: How often the call was sent.
    """

    attempts: int = 1

    def __init__(  # noqa: PLR0913 - an error carries the whole answer
        self,
        message: str,
        *,
        operation: str | None = None,
        code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        host: str | None = None,
        well_formed: bool = True,
    ) -> None:
        self.operation = operation
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
        self.host = host
        self.well_formed = well_formed
        super().__init__(message)


class AuthenticationError(ApiError):
    """The key, secret, token or clock was refused."""


class CredentialsError(AuthenticationError):
    """No usable credentials were found on this machine; nothing was sent."""


class PermissionDeniedError(ApiError):
    """The key may not do this.

    Attributes:
        ram_action: The RAM action to allow, ``"eas:CreateService"``.
    """

    def __init__(self, message: str, *, ram_action: str | None = None, **about: Any) -> None:
        self.ram_action = ram_action
        super().__init__(message, **about)


class ThrottledError(ApiError):
    """Too many requests.

    Attributes:
        retry_after_s: Seconds that the server asks to wait; None if it did not say.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None, **about: Any) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message, **about)


class NotFoundError(ApiError):
    """The thing asked for does not exist."""


class ConflictError(ApiError):
    """HTTP 409: the call conflicts with the state of things. Not by itself proof of a duplicate name."""


class ServerError(ApiError):
    """The service failed (5xx)."""


class TransportError(EasDeployError):
    """The call got no usable answer.

    Attributes:
        operation: The API operation.
        host: The host that was called.
        attempts: How often the call was sent; 0 when it was not.
    """

    attempts: int = 1

    def __init__(self, message: str, *, operation: str | None = None, host: str | None = None) -> None:
        self.operation = operation
        self.host = host
        super().__init__(message)


class ConnectError(TransportError):
    """The connection was never made, so nothing was sent."""


class ReadTimeoutError(TransportError):
    """The request was sent and no answer came in time."""


class ConnectionLostError(TransportError):
    """The connection broke after the request may have been sent."""


class UnreadableAnswerError(TransportError):
    """The answer is not what the API speaks: HTML of a proxy, an empty or cut body.

    Attributes:
        http_status: HTTP status of the answer.
    """

    def __init__(self, message: str, *, http_status: int | None = None, **about: Any) -> None:
        self.http_status = http_status
        super().__init__(message, **about)


class DeadlineExceededError(TransportError):
    """The time allowed for the call or the deployment is over."""


class CreateOutcomeUnknownError(EasDeployError):
    """CreateService was sent and it could not be found out whether the service exists.

    Attributes:
        name: The service name.
        how_to_check: What to do to find out.
    """

    service_may_exist = True

    def __init__(self, name: str, how_to_check: str, *, reason: str) -> None:
        self.name = name
        self.how_to_check = how_to_check
        super().__init__(
            f"It is unknown whether service {name} was created: {reason} It may exist and cost money. "
            f"{how_to_check}"
        )


class SafetyLockError(EasDeployError):
    """The service is locked against this change; nothing was changed.

    Attributes:
        name: The service name.
        lock: ``"all"`` or ``"dangerous"``; None if only the refusal is known.
    """

    service_may_exist = True

    def __init__(self, name: str, action: str, lock: str | None) -> None:
        self.name = name
        self.lock = lock
        covers = {
            "all": "every change",
            "dangerous": "whatever interrupts it, such as stopping and deleting",
        }
        told = f'"{lock}", which forbids {covers.get(lock, "this")},' if lock else "that"
        super().__init__(
            f"Service {name} carries the safety lock {told} so {action} was refused and nothing was changed. "
            'Somebody locked it on purpose; to go on all the same, first call set_safety_lock("none").'
        )


class ChangeOutcomeUnknownError(EasDeployError):
    """A change was sent to a service and it is not known whether it was carried out.

    Attributes:
        name: The service name.
        action: What was asked for: ``"stop"``, ``"delete"``, ``"update"``.
        how_to_check: What to do to find out.
    """

    service_may_exist = True

    def __init__(self, name: str, action: str, how_to_check: str, *, reason: str) -> None:
        self.name = name
        self.action = action
        self.how_to_check = how_to_check
        super().__init__(
            f"It is unknown whether the {action} of service {name} was carried out: {reason} "
            f"It was not sent again. {how_to_check}"
        )


class WaitTimeoutError(EasDeployError):
    """The service did not get there in time; it still exists.

    Attributes:
        name: The service name.
        status: The last status seen.
    """

    service_may_exist = True

    def __init__(self, message: str, *, name: str, status: str | None) -> None:
        self.name = name
        self.status = status
        super().__init__(message)


class ServiceFailedError(EasDeployError):
    """The service ended in a state from which it does not come up by itself; it still exists.

    Attributes:
        status: The terminal status, ``"Failed"``.
        reason: The reason in the service's own words.
        diagnosis: What ``diagnose()`` found; None if it was not asked.
    """

    service_may_exist = True

    def __init__(self, message: str, *, status: str, reason: str | None, diagnosis: Any = None) -> None:
        self.status = status
        self.reason = reason
        self.diagnosis = diagnosis
        super().__init__(message)


class InvocationError(EasDeployError):
    """Calling a deployed service failed.

    Attributes:
        http_status: HTTP status of the answer; None if there was none.
    """

    def __init__(self, message: str, *, http_status: int | None = None) -> None:
        self.http_status = http_status
        super().__init__(message)
