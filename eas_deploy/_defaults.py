"""Every default number of the package, in one place: with its unit, its reason and its source.

A leaf: constants only.
"""

from __future__ import annotations

CONNECT_TIMEOUT_S = 5.0
"""Seconds to make one connection. The official SDKs' default (5,000 ms)."""

READ_TIMEOUT_S = 10.0
"""Seconds without a byte of the answer before an attempt is given up. The official SDKs' default."""

LONG_READ_TIMEOUT_S = 60.0
"""Seconds to read the two large catalogues after they timed out once: they can take half a minute to build.
Source: the deployment procedure."""

LONG_READ_OPERATIONS = frozenset({"ListImages", "DescribeMachineSpec"})
"""The operations that get `LONG_READ_TIMEOUT_S` after a read timeout."""

CALL_TIMEOUT_S = 90.0
"""Seconds for one call with all its attempts and pauses: one read timeout and one long read fit in."""

DEPLOY_TIMEOUT_S = 300.0
"""Seconds for a whole deployment: four stages in sequence, each of which may need most of a call's time."""

MAX_RETRIES = 4
"""Attempts after the first one when a call fails: with the pauses below, failures of up to some ten seconds
are outlived, such as a restart of a load balancer."""

MAX_THROTTLED_RETRIES = 10
"""Attempts after the first one when the service says that it gets too many requests. More than
`MAX_RETRIES`: being throttled is a wait, not a failure, and a fleet is throttled as a matter of course
(EAS allows 100 requests a second for each account and operation)."""

RETRY_BASE_S = 0.4
"""Upper end of the first pause between attempts, in seconds; it doubles each time."""

RETRY_CAP_S = 6.0
"""Upper end of any pause that the service did not ask for, in seconds."""

RETRY_BUDGET = 60.0
"""Retries that all calls of one client may make in a row. In an outage every call fails: without a shared
limit, retrying multiplies the load by five just when the service comes up again."""

RETRY_REFUND = 0.25
"""What an answered call puts back into `RETRY_BUDGET`: at most one request in five is a retry for long."""

CREDENTIALS_FRESH_S = 60.0
"""Seconds for which looked-up keys are used before the provider is asked again. Providers renew STS tokens
minutes before they end, so a minute is safe; asking costs a thread, so not every call asks."""

POOL_KEEPALIVE_S = 20.0
"""Seconds for which an idle connection is kept: longer than the pauses of a procedure, shorter than the
idle limit of common load balancers (60 s)."""

PLAN_FRESH_S = 60.0
"""Seconds for which a plan's look at the service names holds; an older plan looks again before it creates.
Source: the deployment procedure."""

CREATE_VISIBILITY_S = (0.0, 1.0, 3.0, 6.0, 10.0)
"""When a create whose outcome is unknown is looked up, in seconds after the loss: a service may show up
a little later than it was created. Inferred, not documented: the API promises nothing."""

CREATE_RESENDS = 2
"""How often CreateService is sent again after its answer was lost and the name stayed absent over the whole
of `CREATE_VISIBILITY_S`. Each costs some ten seconds, so two fit well into `DEPLOY_TIMEOUT_S`."""

OPERATION_LIMIT_PER_S = 100.0
"""Requests a second that EAS takes of each operation, for an account and region. AIWorkSpace takes 50.
Source: Alibaba Cloud EAS API reference, flow control."""

FLEET_CONCURRENCY = 8
"""Services of a fleet that are deployed at once. With round trips of 50 ms it is some 50 services in ten
seconds, and far from the limit of 100 requests a second."""

SERVICE_TIMEOUT_S = 1800.0
"""Seconds that ``Service.wait`` allows: large images and models take many minutes to pull and load."""

WAIT_FIRST_S = 0.5
"""Upper end of the first pause between two looks at a service that is waited for, in seconds."""

WAIT_GROWTH = 1.5
"""What each of these pauses is longer than the one before: a start takes seconds or many minutes."""

WAIT_CAP_S = 15.0
"""Upper end of any pause between two looks, in seconds: half of it is lost on average once it is ready."""

GONE_AFTER_S = 10.0
"""Seconds after which a service that cannot be found does not exist: it may show up a little later than it was
created. The last moment of `CREATE_VISIBILITY_S`."""

INVOKE_TIMEOUT_S = 300.0
"""Seconds for one request to a service, its retries included: a long generation takes minutes. The service's
own limit, ``metadata.rpc.keepalive``, often ends it earlier (HTTP 408)."""

INVOKE_RETRIES = 4
"""Attempts after the first one when a service's gateway did not let a request through."""

STREAM_CHUNK_BYTES = 65_536
"""Bytes of a file that are read and sent at a time."""

PROBE_TIMEOUT_S = 10.0
"""Seconds for the small request that finds out whether a gateway leads to a service yet."""

LAST_LOOK_S = 5.0
"""Seconds that the last look of a wait may take after the time is over: it comes right at the end."""

FOLLOW_PAUSE_S = 2.0
"""Seconds between two looks at a log that is followed, on average: a page of it is one API call."""

DIAGNOSED_LOG_LINES = 200
"""How many of a replica's last log lines are looked at for causes: a traceback and what came before it."""
