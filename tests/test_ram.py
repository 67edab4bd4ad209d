"""The smallest RAM policy for a set of calls."""

from __future__ import annotations

from dataclasses import dataclass

from eas_deploy.ram import policy_for


@dataclass(frozen=True)
class Needing:
    ram_action: str


def test_actions_are_listed_once_and_in_order() -> None:
    policy = policy_for(
        [Needing("vpc:DescribeVpcs"), Needing("eas:CreateService"), Needing("vpc:DescribeVpcs")]
    )

    assert policy == {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": ["eas:CreateService", "vpc:DescribeVpcs"], "Resource": "*"}
        ],
    }
