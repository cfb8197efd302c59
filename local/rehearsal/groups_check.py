"""The checks of groups: each has a schedule and its share, and fewer of them leave none behind."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from local.rehearsal.deployed_stack import DeployedStack
from local.rehearsal.rehearsal import CheckResult, Rehearsal
from optionchain.mongo.indexes import DUTIES

GROUPS, FEWER = 3, 2
_SYMBOLS = ("NIFTY", "BANKNIFTY", "RELIANCE", "M&M", "BAJAJ-AUTO", "IDEA")


def parameters(groups: int) -> dict[str, str]:
    """Return the parameters of a stack of so many groups and several symbols."""
    return {
        "Symbols": ",".join(_SYMBOLS),
        "FetchInterval": "10",
        "Tiers": "NIFTY=10,IDEA=30",
        "Groups": str(groups),
        "FetchConcurrency": str(3 * groups + 1),
    }


def shares(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """Each schedule has started its group, and each group records its share of the symbols."""
    inputs = _inputs(rehearsal.stack)
    expected = [{"group": str(each + 1), "groups": GROUPS} for each in range(GROUPS)]
    yield CheckResult(f"{len(inputs)} schedules, of {_named(inputs)}", inputs == expected)
    planned = {rehearsal.plan.share(each + 1, GROUPS) for each in range(GROUPS)}
    duties = rehearsal.database[DUTIES].find({}, {"symbols": 1, "owner": 1})
    by_owner: dict[str, set[str]] = {}
    for duty in duties:
        by_owner.setdefault(duty["owner"], set()).update(duty["symbols"])
    recorded = {frozenset(symbols) for symbols in by_owner.values()}
    text = "; ".join(sorted(", ".join(sorted(share)) for share in recorded))
    yield CheckResult(f"the groups record: {text}", recorded == set(map(frozenset, planned)))


def fewer_groups(rehearsal: Rehearsal) -> Iterator[CheckResult]:
    """An update to fewer groups removes a schedule and its alarm, and the others share all."""
    stack = rehearsal.update(parameters(FEWER))
    inputs = _inputs(stack)
    expected = [{"group": str(each + 1), "groups": FEWER} for each in range(FEWER)]
    text = f"after an update to {FEWER} groups: {len(inputs)} schedules, of {_named(inputs)}"
    yield CheckResult(text, inputs == expected)
    left = f"{stack.name}-group-{GROUPS}", f"{stack.name}-no-good-tick-{GROUPS}"
    kept = [name for name in left if name in stack.names()]
    yield CheckResult(f"of group {GROUPS} is left: {', '.join(kept) or 'nothing'}", not kept)
    switched = stack.variables("ApiFunction")["SCHEDULE_NAME"].split(",")
    same = sorted(switched) == sorted(stack.schedules())
    yield CheckResult(f"the API switches {', '.join(switched)}", same)


def _inputs(stack: DeployedStack) -> list[Mapping[str, Any]]:
    """Return the events of the schedules, by group."""
    found = [json.loads(each["Target"]["Input"]) for each in stack.schedules().values()]
    return sorted(found, key=lambda event: str(event.get("group")))


def _named(inputs: list[Mapping[str, Any]]) -> str:
    return ", ".join(f"group {each.get('group')} of {each.get('groups')}" for each in inputs)
