"""What a change means for one pool: its new VMs, its running VMs, its jobs."""

from collections.abc import Iterator, Sequence

from preview import Change
from preview.values import at
from review.fleet import AUTOSCALER, GROUPS, Fleet, after, before, fleet
from review.markdown import code
from review.template import Difference, differences


def of_pool(changes: Sequence[Change]) -> list[str]:
    """Lines of Markdown, none when nothing changes for the VMs."""
    old, new, running = fleet(changes, before), fleet(changes, after), _running(changes)
    if old is None and new is None:
        return []
    if new is None:
        return [f"- The pool goes: **running VMs**{running} end within minutes."]
    if old is None:
        first = "the first one when a job waits" if new.smallest == 0 else f"{new.smallest} at once"
        return [f"- The pool is new. Its VMs start: {first}."]
    return [
        *_template(differences(old, new), f"{running} {_fate(changes, old)}"),
        *_sizes(old, new, running),
        *_leaving(changes),
        *_schedules(changes),
    ]


def _template(told: Sequence[Difference], fate: str) -> Iterator[str]:
    if told:
        yield "- **New VMs** start with:"
        yield from (f"  - {_difference(difference)}" for difference in told)
        yield f"- **Running VMs**{fate}"


def _difference(difference: Difference) -> str:
    if difference.before == difference.after:
        return f"{difference.what}: changed"
    return f"{difference.what}: {code(difference.before)} → {code(difference.after)}"


def _fate(changes: Sequence[Change], old: Fleet) -> str:
    if any(change.type in GROUPS and change.operation == "replace" for change in changes):
        return "end with their group; their jobs start again on new ones."
    age = old.boot.environment.get("EXECUTOR_MAX_ACTIVE_TIME") if old.boot else None
    if age in ("0", "0s"):
        return "keep what they have, for ever: they never expire. Their jobs go on."
    leave = f"at the latest when it is {age} old" if age else "when it expires"
    return f"keep what they have, and their jobs. Each leaves {leave} and its last job is done."


def _sizes(old: Fleet, new: Fleet, running: str) -> Iterator[str]:
    interrupted = "end with their jobs, which start again"
    leave = "finish their jobs and leave" if new.drains else interrupted
    if new.is_paused and not old.is_paused:
        yield f"- The pool is paused: **running VMs**{running} {leave}."
    elif old.is_paused and not new.is_paused:
        yield "- The pool is no longer paused."
    elif old.shrinks_to(new):
        yield f"- **Running VMs**{running} above the new maximum {leave}."


def _leaving(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        if change.type == AUTOSCALER and change.before and change.after:
            modes = [at(side(change), "autoscalingPolicy", "mode") for side in (before, after)]
            if modes == ["ONLY_SCALE_OUT", "ON"]:
                yield "- VMs that are no longer needed end with their jobs, which start again."
            elif modes == ["ON", "ONLY_SCALE_OUT"]:
                yield "- VMs that are no longer needed finish their jobs before they leave."


def _schedules(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        touched = change.type.endswith("/schedule:Schedule") and change.operation != "same"
        times = [
            at(side(change), "autoscalingPolicy", "scalingSchedules")
            for side in (before, after)
            if change.type == AUTOSCALER
        ]
        if touched or (times and times[0] != times[1]):
            yield "- Hours of the week with a larger minimum change; the table has the usual one."
            return


def _running(changes: Sequence[Change]) -> str:
    for change in changes:
        if change.type in GROUPS:
            count = at(change.outputs, "desiredCapacity")
            count = at(change.outputs, "targetSize") if count is None else count
            return "" if count is None else f" ({count} when the state was last read)"
    return ""
