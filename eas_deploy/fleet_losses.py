"""What a worker has left behind that did not come back: looked up, and never created again.

Generators only. The ids of the creates were made before they were handed out, so the label of a service
tells whether it is the fleet's.
"""

from __future__ import annotations

from eas_deploy._defaults import CREATE_VISIBILITY_S
from eas_deploy.calls import ServiceInfo
from eas_deploy.calls.steps import Plan
from eas_deploy.deployment import Deployment, deployment_of
from eas_deploy.errors import CreateOutcomeUnknownError, DuplicateServiceError, NotStartedError
from eas_deploy.flow import in_order
from eas_deploy.planning.create import Created, how_to_check
from eas_deploy.planning.procedure import Performed
from eas_deploy.planning.settle import settle
from eas_deploy.planning.verify import verify
from eas_deploy.workers import Errand, cause_of


def recover(errand: Errand, why: BaseException) -> Plan[Deployment]:
    """The deployment that a worker has left behind.

    Args:
        errand: What the worker was to do. Its progress knows the id of the execution, and is told what the
            look-up shows.
        why: Why it is in doubt: the error that the worker was lost with, or what it met when it looked
            whether an earlier run of its share had created the service.

    Raises:
        NotStartedError: The service was not created.
        DuplicateServiceError: Somebody else's service has the name, or had it when the worker looked.
        CreateOutcomeUnknownError: It could not be found out whether the service exists, or whose it is; or
            the worker may still be at work, and create it later.
        EasDeployError: The worker could not look, so it created nothing, and neither did an earlier run.
    """
    name, progress = errand.plan.name, errand.progress
    settled = yield from settle(name, progress.deploy_id)
    if settled.verdict == "ours" and settled.service is not None:
        progress.service_id = settled.service.service_id
        verified = yield from verify(name)
        created = _created(settled.service, errand)
        return deployment_of(errand.plan, Performed(created, verified), in_order(errand.ledger))
    may_come = settled.verdict == "absent" and errand.lost is not None and errand.may_run_again
    if settled.verdict == "cannot tell" or may_come:
        seen = (
            "it was not there yet, but the worker may still be at work"
            if may_come
            else "the look-up could not tell whether it exists, and whose it is"
        )
        check = how_to_check(name, progress.deploy_id)
        raise CreateOutcomeUnknownError(name, check, reason=f"{_what_happened(errand)}, and {seen}.") from why
    progress.sent = False
    if settled.verdict == "someone else's" and not isinstance(why, DuplicateServiceError):
        status = settled.service.status if settled.service is not None else None
        raise DuplicateServiceError(name, status) from why
    if errand.lost is None:
        raise why
    raise NotStartedError(
        f"Service {name} was not created: {_what_happened(errand)}, and no service {name} showed up within "
        f"{CREATE_VISIBILITY_S[-1]:g} seconds."
    ) from why


def _what_happened(errand: Errand) -> str:
    if errand.lost is not None:
        return f"its worker did not come back ({cause_of(errand.lost)})"
    if isinstance(errand.error, DuplicateServiceError):
        return "its worker found the name taken"
    return f"its worker could not look whether it exists ({type(errand.error).__name__})"


def _created(service: ServiceInfo, errand: Errand) -> Created:
    went = "its worker was run twice" if errand.lost is None else _what_happened(errand)
    return Created(
        service_id=str(service.service_id),
        status=service.status,
        config=errand.plan.config,
        internet_endpoint=service.internet_endpoint,
        intranet_endpoint=service.intranet_endpoint,
        notices=(f"The service was looked up, since {went}: it was created by this fleet.",),
    )
