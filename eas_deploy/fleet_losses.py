"""What a worker has left behind that did not come back: looked up, and never created again.

Generators only. The ids of the creates were made before they were handed out, so the label of a service
tells whether it is the fleet's.
"""

from __future__ import annotations

from concurrent.futures import CancelledError

from eas_deploy._defaults import CREATE_VISIBILITY_S
from eas_deploy.calls import ServiceInfo
from eas_deploy.calls.record import CallRecord
from eas_deploy.calls.steps import Plan
from eas_deploy.deployment import Deployment, deployment_of
from eas_deploy.errors import CreateOutcomeUnknownError, DuplicateServiceError, NotStartedError
from eas_deploy.flow import in_order
from eas_deploy.planning.create import Created, Progress, how_to_check
from eas_deploy.planning.plan import DeploymentPlan
from eas_deploy.planning.procedure import Performed
from eas_deploy.planning.settle import settle
from eas_deploy.planning.verify import verify


def recover(
    plan: DeploymentPlan, progress: Progress, ledger: list[CallRecord], why: BaseException
) -> Plan[Deployment]:
    """The deployment that a worker has left behind.

    Args:
        plan: What the worker was to create.
        progress: Knows the id of the execution, and is told what the look-up shows.
        ledger: The one the runner writes.
        why: What is known of the worker: why it did not come back, or the duplicate that it met, which is
            the fleet's own when an executor runs a share again (Dask does when a worker dies).

    Raises:
        NotStartedError: The service was not created.
        DuplicateServiceError: Somebody else's service has the name.
        CreateOutcomeUnknownError: It could not be found out whether the service exists, or whose it is.
    """
    name = plan.name
    settled = yield from settle(name, progress.deploy_id)
    if settled.verdict == "ours" and settled.service is not None:
        progress.service_id = settled.service.service_id
        verified = yield from verify(name)
        created = _created(settled.service, plan, why)
        return deployment_of(plan, Performed(created, verified), in_order(ledger))
    is_duplicate = isinstance(why, DuplicateServiceError)
    # A share that was cancelled from outside may run all the same, and create the service later.
    may_come = settled.verdict == "absent" and isinstance(why, CancelledError)
    if settled.verdict == "cannot tell" or may_come:
        went = "its worker found the name taken" if is_duplicate else _did_not_come_back(why)
        seen = "it was not there yet" if may_come else "the look-up could not tell whose the service is"
        check = how_to_check(name, progress.deploy_id)
        raise CreateOutcomeUnknownError(name, check, reason=f"{went}, and {seen}.") from why
    progress.sent = False
    if is_duplicate:
        raise why
    if settled.verdict == "someone else's":
        status = settled.service.status if settled.service is not None else None
        raise DuplicateServiceError(name, status) from why
    raise NotStartedError(
        f"Service {name} was not created: {_did_not_come_back(why)}, and no service {name} showed up within "
        f"{CREATE_VISIBILITY_S[-1]:g} seconds."
    ) from why


def _did_not_come_back(why: BaseException) -> str:
    return f"its worker did not come back ({type(why).__name__})"


def _created(service: ServiceInfo, plan: DeploymentPlan, why: BaseException) -> Created:
    twice = isinstance(why, DuplicateServiceError)
    went = "its worker was run twice" if twice else _did_not_come_back(why)
    return Created(
        service_id=str(service.service_id),
        status=service.status,
        config=plan.config,
        internet_endpoint=service.internet_endpoint,
        intranet_endpoint=service.intranet_endpoint,
        notices=(f"The service was looked up, since {went}: it was created by this fleet.",),
    )
