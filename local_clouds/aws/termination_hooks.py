"""Termination lifecycle hooks, which moto stores and does not act on.

A VM that its group ends stays in Terminating:Wait until its hook is completed. Source: "Amazon EC2
Auto Scaling lifecycle hooks". Heartbeats are taken and the timeout never ends by itself here.
"""

from collections.abc import Callable
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import (
    AutoScalingBackend,
    FakeAutoScalingGroup,
    InstanceState,
    TerminateInstanceActivity,
)
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult

WAITING = "Terminating:Wait"
_TRANSITION = "autoscaling:EC2_INSTANCE_TERMINATING"


def install() -> None:
    """Have moto's groups in this process wait for hooks. Repeating it is harmless."""
    if getattr(AutoScalingResponse, "complete_lifecycle_action", None) is _complete:
        return
    wrapped: list[tuple[type, str, Callable[..., Any]]] = [
        (FakeAutoScalingGroup, "set_desired_capacity", _set_desired_capacity),
        (AutoScalingBackend, "terminate_instance", _terminate_instance),
        (AutoScalingBackend, "delete_lifecycle_hook", _delete_lifecycle_hook),
    ]
    for kind, name, wrapper in wrapped:
        setattr(kind, name, _around(getattr(kind, name), wrapper))
    setattr(AutoScalingResponse, "complete_lifecycle_action", _complete)  # noqa: B010
    setattr(AutoScalingResponse, "record_lifecycle_action_heartbeat", _heartbeat)  # noqa: B010


def _around(original: Callable[..., Any], wrapper: Callable[..., Any]) -> Callable[..., Any]:
    def method(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs)

    return method


def _has_hook(group: FakeAutoScalingGroup) -> bool:
    hooks = group.autoscaling_backend.lifecycle_hooks.values()
    return any(
        hook.auto_scaling_group_name == group.name and hook.lifecycle_transition == _TRANSITION
        for hook in hooks
    )


def _set_desired_capacity(
    original: Callable[..., None], group: FakeAutoScalingGroup, new_capacity: int | None
) -> None:
    wanted = group.min_size if new_capacity is None else new_capacity
    serving = group.active_instances()
    if _has_hook(group):
        for state in serving[: max(0, len(serving) - (wanted or 0))]:
            state.lifecycle_state = WAITING
    original(group, new_capacity)


def _terminate_instance(
    original: Callable[..., TerminateInstanceActivity],
    backend: AutoScalingBackend,
    instance_id: str,
    should_decrement: bool,
) -> TerminateInstanceActivity:
    state = _find(backend, instance_id)
    group: FakeAutoScalingGroup = state.auto_scaling_group
    if not _has_hook(group):
        return original(backend, instance_id, should_decrement)
    before = group.desired_capacity
    if state.lifecycle_state != WAITING:
        state.lifecycle_state = WAITING
        group.set_desired_capacity((before or 0) - int(should_decrement))
    return TerminateInstanceActivity(state.instance, before or 0)


def _delete_lifecycle_hook(
    original: Callable[..., None], backend: AutoScalingBackend, as_name: str, name: str
) -> None:
    """Outstanding actions are completed first (API reference, DeleteLifecycleHook)."""
    original(backend, as_name, name)
    group = backend.autoscaling_groups.get(as_name)
    for state in list(group.instance_states) if group else []:
        if state.lifecycle_state == WAITING:
            _let_go(state)


def _find(backend: AutoScalingBackend, instance_id: str) -> InstanceState:
    for group in backend.autoscaling_groups.values():
        for state in group.instance_states:
            if state.instance.id == instance_id:
                return state
    raise ValidationError(f"Instance Id not found - No managed instance found for {instance_id}")


def _held(response: AutoScalingResponse) -> InstanceState:
    backend, ask = response.autoscaling_backend, response._get_param
    group, hook = ask("AutoScalingGroupName"), ask("LifecycleHookName")
    state = _find(backend, ask("InstanceId"))
    known = backend.describe_lifecycle_hooks(group, [hook])
    if not known or state.auto_scaling_group_name != group or state.lifecycle_state != WAITING:
        message = f"No active Lifecycle Action found with instance ID {state.instance_id}"
        raise ValidationError(message)
    return state


def _let_go(state: InstanceState) -> None:
    group: FakeAutoScalingGroup = state.auto_scaling_group
    group.instance_states.remove(state)
    group.ec2_backend.terminate_instances([state.instance_id])


def _complete(response: AutoScalingResponse) -> EmptyResult:
    state = _held(response)
    if response._get_param("LifecycleActionResult") not in ("CONTINUE", "ABANDON"):
        raise ValidationError("LifecycleActionResult must be CONTINUE or ABANDON")
    _let_go(state)
    return EmptyResult()


def _heartbeat(response: AutoScalingResponse) -> EmptyResult:
    _held(response)
    return EmptyResult()
