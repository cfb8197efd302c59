"""Which symbols an invocation is asked to record: what the event of its schedule says. Pure."""

import re
from collections.abc import Mapping
from reprlib import Repr
from typing import Any, NamedTuple

from optionchain.errors import SettingInvalid
from optionchain.settings import symbols_of
from optionchain.symbol_plan import SymbolPlan

MOST_GROUPS = 20
_FIRST_GROUP = "1"
_ALLOWED_EVENT = (
    'must be {}, {"group": "2", "groups": 4} or {"symbols": [...]}, with a "group" or without'
)
_GROUP = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d?", re.ASCII)
# The keys that EventBridge sends if a schedule or rule has no input of its own.
_EVENTBRIDGE_KEYS = {
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
}
_OWN_KEYS = {"symbols", "group", "groups"}
# The longest excerpt of a bad value that an error message shows.
_EXCERPT = Repr(maxstring=100, maxlist=10, maxdict=10, maxother=100)


class Assignment(NamedTuple):
    """Named symbols, or else the share of one of several groups of the recorded symbols.

    `group` is the name of the group in metrics; of several groups it is a number from 1.
    """

    symbols: tuple[str, ...] | None
    group: str = _FIRST_GROUP
    groups: int = 1

    @property
    def number(self) -> int:
        """Return the number of the group among the groups."""
        return int(self.group) if self.groups > 1 else 1

    def of(self, plan: SymbolPlan) -> tuple[str, ...]:
        """Return the symbols to record."""
        return plan.share(self.number, self.groups) if self.symbols is None else self.symbols


def assignment_of(event: object) -> Assignment:
    """Read an event; raise SettingInvalid for one that asks for nothing that can be recorded."""
    if not isinstance(event, Mapping):
        raise SettingInvalid("event", _Excerpt(event), _ALLOWED_EVENT)
    # With a misspelt key or a `detail`, other symbols than the wanted ones would be recorded.
    if unknown := event.keys() - _EVENTBRIDGE_KEYS - _OWN_KEYS:
        raise SettingInvalid("keys of the event", _Excerpt(sorted(unknown)), _ALLOWED_EVENT)
    if event.get("detail") not in (None, {}, "{}"):
        raise SettingInvalid("detail of the event", _Excerpt(event["detail"]), _ALLOWED_EVENT)
    return Assignment(_symbols(event), _group(event), _groups(event))


def _symbols(event: Mapping[str, Any]) -> tuple[str, ...] | None:
    if (given := event.get("symbols")) is None:
        return None
    if "groups" in event:
        allowed = "a group among several has no symbols of its own: it has its share"
        raise SettingInvalid("symbols of the event", _Excerpt(given), allowed)
    try:
        return symbols_of(given)
    except ValueError as error:
        allowed = f"must be a list: {error}"
        raise SettingInvalid("symbols of the event", _Excerpt(given), allowed) from error


def _group(event: Mapping[str, Any]) -> str:
    group = event.get("group", _FIRST_GROUP)
    if not isinstance(group, str) or not _GROUP.fullmatch(group):
        allowed = "must be 1 to 20 letters, digits, _ and -"
        raise SettingInvalid("group of the event", _Excerpt(group), allowed)
    return group


def _groups(event: Mapping[str, Any]) -> int:
    """Return the number of groups, of which the event's group is one."""
    groups = event.get("groups", 1)
    if type(groups) is not int or not 1 <= groups <= MOST_GROUPS:
        allowed = f"must be a whole number from 1 to {MOST_GROUPS}"
        raise SettingInvalid("groups of the event", _Excerpt(groups), allowed)
    group = event.get("group", _FIRST_GROUP)
    if "groups" in event and not (_NUMBER.fullmatch(group) and int(group) <= groups):
        allowed = f'must be "1" to "{groups}", as the event has {groups} groups'
        raise SettingInvalid("group of the event", _Excerpt(group), allowed)
    return groups


class _Excerpt:
    """The excerpt of a value that an error message shows."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return _EXCERPT.repr(self._value)
