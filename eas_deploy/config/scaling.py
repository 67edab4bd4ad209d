"""``autoscaler``: how many instances, decided by which metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from eas_deploy.config.fields import Array, Count, Integer, Number, Text, frozen
from eas_deploy.config.wire_model import WireModel


class ScaleStrategy(WireModel):
    """One metric and the value per instance above which instances are added."""

    metric_name: Text = Field(
        validation_alias="metricName", description="qps, cpu, gpu, gpu[util], memory, or a custom metric."
    )
    threshold: Number = Field(description="Value per instance: requests per second, or percent.")
    service: Text | None = Field(None, description="Service whose metric it is; default this one.")


class ScalingWindow(WireModel):
    """How long the metrics must agree before the number of instances changes."""

    stabilization_window_seconds: Count | None = Field(
        None, validation_alias="stabilizationWindowSeconds", description="Seconds the metrics must agree."
    )


class ScaleOnZero(WireModel):
    """Going down to no instance and up again."""

    scale_down_grace_period_seconds: Count | None = Field(
        None,
        validation_alias="scaleDownGracePeriodSeconds",
        description="Seconds without requests before the last instance ends.",
    )
    scale_up_activation_replicas: Count | None = Field(
        None,
        validation_alias="scaleUpActivationReplicas",
        description="Instances to start when requests come again.",
    )


class Behavior(WireModel):
    """How fast the number of instances follows the metrics."""

    scale_up: ScalingWindow | None = Field(None, validation_alias="scaleUp", description="When growing.")
    scale_down: ScalingWindow | None = Field(
        None, validation_alias="scaleDown", description="When shrinking."
    )
    on_zero: ScaleOnZero | None = Field(
        None, validation_alias="onZero", description="When there is no instance."
    )


class Autoscaler(WireModel):
    """Between how many instances, and by which metrics, the service scales."""

    place = ("autoscaler",)

    min: Integer | None = Field(None, description="Fewest instances; default 1.")
    max: Integer | None = Field(None, description="Most instances, more than min; default 10.")
    scale_strategies: Array[ScaleStrategy] = Field(
        (), validation_alias="scaleStrategies", description="Metrics and their thresholds."
    )
    strategies: Annotated[Mapping[str, Number], AfterValidator(frozen)] | None = Field(
        None, description='The older official form: {"qps": 10}.'
    )
    behavior: Behavior | None = Field(None, description="How fast the number of instances follows.")
