"""Stage C: CreateService, so that at most one service ever comes of it.

A create is sent again only with proof that the one before left nothing behind: the connection was
never made, the API refused it, or the name stayed absent over the whole visibility window.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from eas_deploy._defaults import CREATE_RESENDS
from eas_deploy.calls import CreateService, CreateServiceAnswer, DescribeService
from eas_deploy.calls.absence import proves_absence
from eas_deploy.calls.steps import Plan, send
from eas_deploy.config import ServiceConfig
from eas_deploy.errors import (
    ApiError,
    CreateOutcomeUnknownError,
    DuplicateServiceError,
    EasDeployError,
    NotStartedError,
    ServerError,
    TransportError,
    UnreadableAnswerError,
)
from eas_deploy.planning.nlb_refusal import NlbFallback, fall_back, is_nlb_refusal
from eas_deploy.planning.settle import FOREIGN_NAME, OWNER_LABEL, Settled, settle

_TAKEN_CODES = ("alreadyexist", "duplicate")
_TAKEN_WORDS = ("already exist", "duplicate")
"""In the code, or the message, that refuses a taken name. No page documents the code itself, so both are
read; but a message may speak of other duplicates (of a mount path, say), so it alone is not believed."""

_CONFLICT = 409
"""May mean a taken name, and arrives with other codes too (seen: InvalidParameter)."""


@dataclass(frozen=True)
class Created:
    """What CreateService left behind: always a service, with its id.

    Attributes:
        service_id: Alibaba's id, ``eas-m-...``.
        status: As CreateService told, or the look-up that settled it.
        config: What the service was created from: the plan's config, or the fallback's.
        internet_endpoint: As told; None when not.
        intranet_endpoint: The same.
        notices: What the user must know of how it went.
    """

    service_id: str
    status: str | None
    config: ServiceConfig
    internet_endpoint: str | None = None
    intranet_endpoint: str | None = None
    notices: tuple[str, ...] = ()


@dataclass
class Progress:
    """How far a create has come, for the one who is interrupted in it.

    Attributes:
        sent: Whether CreateService was sent and what came of it is not known yet.
        service_id: The id, as soon as there is a service.
        withdrawn: Why nothing may be sent any more; another thread may say so at any time.
        deploy_id: The id of the execution; every send carries it as the service's label.
    """

    sent: bool = False
    service_id: str | None = None
    withdrawn: str | None = None
    deploy_id: str = ""

    def begin(self) -> None:
        """Note that CreateService is sent now.

        Raises:
            NotStartedError: The create was withdrawn; nothing is sent.
        """
        # Noted before looking, so that whoever withdraws and looks at ``sent`` then misses no create.
        self.sent = True
        if self.withdrawn is not None:
            self.sent = False
            raise NotStartedError(self.withdrawn)


@dataclass(frozen=True)
class _Doubt:
    """A create after which a service may exist.

    Attributes:
        failure: What it ended with.
        says_taken: Whether that says, in code or words, that the name is taken.
        proves_taken: Whether its code says so.
    """

    failure: ApiError | TransportError
    says_taken: bool = False
    proves_taken: bool = False


def create(config: ServiceConfig, nlb_fallback: NlbFallback, progress: Progress) -> Plan[Created]:
    """The one service created from ``config``.

    Args:
        config: What to create.
        nlb_fallback: What to do when the NLB block is refused twice.
        progress: Knows the id of this execution, and is told how far it has come.

    Raises:
        DuplicateServiceError: Somebody else's service has the name.
        ApiError: The API refused it; nothing was created.
        TransportError: Nothing was created.
        CreateOutcomeUnknownError: It could not be found out whether the service exists.
    """
    try:
        return (yield from _create_one(config, progress))
    except ApiError as first:
        if not is_nlb_refusal(config, first):
            raise
    try:
        return (yield from _create_one(config, progress, sent_before=True))
    except ApiError as second:
        if not is_nlb_refusal(config, second):
            raise
        shared, notice = fall_back(config, nlb_fallback, second)
    created = yield from _create_one(shared, progress, sent_before=True)
    return replace(created, notices=(notice, *created.notices))


def _create_one(config: ServiceConfig, progress: Progress, *, sent_before: bool = False) -> Plan[Created]:
    """The service; sends CreateService again only after proof of absence.

    Args:
        config: What to create.
        progress: As in `create`.
        sent_before: Whether this execution has sent a create already, so that a taken name may be its own.
    """
    call = CreateService(body=config.to_wire(), labels=_labels(config, progress.deploy_id))
    resends = 0
    while True:
        progress.begin()
        outcome = yield from _attempt(call, progress)
        if isinstance(outcome, CreateServiceAnswer):
            return _from_answer(outcome, config)
        first = not sent_before and resends == 0 and outcome.failure.attempts == 1
        if outcome.says_taken and first:
            progress.sent = False
            yield from _stop_if_taken(config.service_name, outcome)
            raise outcome.failure
        settled = yield from settle(config.service_name, progress.deploy_id)
        if settled.verdict == "ours":
            return _from_look_up(settled, config, outcome.failure)
        progress.sent = False  # known now, or told by CreateOutcomeUnknownError itself
        _stop_unless_absent(config.service_name, settled, outcome, progress)
        if resends == CREATE_RESENDS or not _can_be_mended(outcome.failure):
            raise outcome.failure
        resends += 1


def _attempt(call: CreateService, progress: Progress) -> Plan[CreateServiceAnswer | _Doubt]:
    """One send: the answer with a ServiceId, or the doubt it leaves. What proves absence is raised."""
    try:
        answer = yield from send(call, "create the service")
    except (ApiError, TransportError) as error:
        doubt = _doubt(error)
        unclear = isinstance(error, ApiError) and error.http_status == _CONFLICT
        if proves_absence(error) and not doubt.says_taken and not unclear:
            progress.sent = False
            raise
        return doubt
    if not answer.service_id:
        return _Doubt(
            UnreadableAnswerError("CreateService answered without a ServiceId.", operation=call.operation)
        )
    return answer


def _doubt(error: ApiError | TransportError) -> _Doubt:
    if not isinstance(error, ApiError) or not error.well_formed or isinstance(error, ServerError):
        return _Doubt(error)
    by_code = error.code == FOREIGN_NAME or any(word in str(error.code).lower() for word in _TAKEN_CODES)
    by_words = any(word in str(error).lower() for word in _TAKEN_WORDS)
    return _Doubt(error, says_taken=by_code or by_words, proves_taken=by_code)


def _labels(config: ServiceConfig, deploy_id: str) -> dict[str, str]:
    own = config.to_wire().get("labels") or {}
    texts = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in own.items()
        if value is not None
    }
    return {**texts, OWNER_LABEL: deploy_id}


def _stop_if_taken(name: str, doubt: _Doubt) -> Plan[None]:
    """Raise the duplicate, with the status of the service that has the name.

    Returns when only words spoke of one and none was seen: then they were about something else.
    """
    status = None
    try:
        service = yield from send(DescribeService(name), "settle create")
        status = service.status
    except (ApiError, TransportError):
        if not doubt.proves_taken:
            return
    raise DuplicateServiceError(name, status) from doubt.failure


def _from_answer(answer: CreateServiceAnswer, config: ServiceConfig) -> Created:
    return Created(
        service_id=str(answer.service_id),
        status=answer.status,
        config=config,
        internet_endpoint=answer.internet_endpoint,
        intranet_endpoint=answer.intranet_endpoint,
    )


def _from_look_up(settled: Settled, config: ServiceConfig, failure: EasDeployError) -> Created:
    service = settled.service
    assert service is not None  # noqa: S101 - "ours" is said of a service that was seen
    return Created(
        service_id=service.service_id or "",
        status=service.status,
        config=config,
        internet_endpoint=service.internet_endpoint,
        intranet_endpoint=service.intranet_endpoint,
        notices=(
            f"The answer to CreateService was lost ({_cause(failure)}); the service was found, created by this call.",
        ),
    )


def _stop_unless_absent(name: str, settled: Settled, doubt: _Doubt, progress: Progress) -> None:
    """Raise unless the look-ups prove that nothing was created."""
    if settled.verdict == "someone else's":
        status = settled.service.status if settled.service is not None else None
        raise DuplicateServiceError(name, status) from doubt.failure
    if settled.verdict == "cannot tell" or doubt.proves_taken:
        reason = f"its answer was lost ({_cause(doubt.failure)})"
        if settled.error is not None:
            reason += f", and the look-up failed too ({_cause(settled.error)})"
        raise CreateOutcomeUnknownError(
            name, how_to_check(name, progress.deploy_id), reason=f"{reason}."
        ) from doubt.failure


def how_to_check(name: str, deploy_id: str) -> str:
    """How a user finds out whether the service exists.

    Args:
        name: The service name.
        deploy_id: The id of the execution; empty where it is not known.
    """
    owner = f"{OWNER_LABEL}={deploy_id}" if deploy_id else f"{OWNER_LABEL} of this execution"
    return (
        f"Do not simply deploy again. Look at Deployer.service({name!r}).refresh(), or at the EAS console: if a "
        f"service {name} is there with the label {owner}, this call created it."
    )


def _cause(error: EasDeployError) -> str:
    """What went wrong, without the error's own advice: "try again" would be a second service."""
    if isinstance(error, ApiError):
        return f"{error.code or type(error).__name__}, HTTP {error.http_status}"
    return type(error).__name__


def _can_be_mended(failure: EasDeployError) -> bool:
    """Whether sending the same again may go better."""
    return isinstance(failure, (TransportError, ServerError)) or (
        isinstance(failure, ApiError) and not failure.well_formed
    )
