"""Which lot, tick and freeze quantity hold on a day, by dated lists of several sources. Pure.

A list is evidence for the day that it is of, and holds until the next one: the exchange changes
terms at the start of a day. So two lists of one day must agree. A list of an earlier day may differ
from today's, but only if the source of today's list agreed with it on that earlier day and has
changed its mind since: that is a change. Otherwise one of the two is wrong, and nobody can tell
which.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from optionchain.contract_terms import ContractTerms

type TermName = Literal["lot_size", "tick_size", "freeze_quantity"]
type Reason = Literal["not_read", "not_listed", "sources_differ"]

TERM_NAMES: tuple[TermName, ...] = ("lot_size", "tick_size", "freeze_quantity")
# No market is closed for a week, so an older list has missed sessions, and with them changes.
LONGEST_AGE = timedelta(days=7)


class ContractList(NamedTuple):
    """What one source lists of a symbol's contracts: their terms by expiry.

    `day` is the trading day that the list is of, `read_at` when it was read. A list without any
    expiry says that the source has no options on the symbol.
    """

    symbol: str
    source: str
    day: date
    read_at: datetime
    terms: Mapping[date, ContractTerms]


class Judged(NamedTuple):
    """One term of an expiry on a day: its value, or the reason why there is none.

    `detail` tells what the sources say, `day` is that of the newest list that says anything.
    """

    value: float | None
    reason: Reason | None = None
    detail: str = ""
    day: date | None = None


class _Statement(NamedTuple):
    """What a list says of a term; None: it contradicts itself."""

    source: str
    day: date
    value: float | None


def judged(lists: Iterable[ContractList], expiry: date, day: date, name: TermName) -> Judged:
    """Return one term of an expiry on a day by the lists of its symbol."""
    known = [each for each in lists if day - LONGEST_AGE <= each.day <= day]
    said = [
        _Statement(each.source, each.day, value)
        for each in known
        if (terms := each.terms.get(expiry))
        and ((value := getattr(terms, name)) is not None or _contradicts_itself(terms, name))
    ]
    if not said:
        not_listed = known and not any(expiry in each.terms for each in known)
        return Judged(None, "not_listed" if not_listed else "not_read")
    newest = max(each.day for each in said)
    last = _last_by_source(said, day)
    current = [each for each in last if each.day == newest]
    value = current[0].value
    if value is None or not all(
        each.value == value or (each.day < newest and _has_changed(each, current, said))
        for each in last
    ):
        return Judged(None, "sources_differ", _told(last), newest)
    return Judged(value, None, _told(last), newest)


def terms_on(lists: Sequence[ContractList], expiry: date, day: date) -> ContractTerms:
    """Return the terms of an expiry on a day by the lists of its symbol."""
    found = {name: judged(lists, expiry, day, name) for name in TERM_NAMES}
    lot, freeze = found["lot_size"].value, found["freeze_quantity"].value
    return ContractTerms(
        lot_size=None if lot is None else int(lot),
        tick_size=found["tick_size"].value,
        freeze_quantity=None if freeze is None else int(freeze),
        reasons={name: each.reason for name, each in found.items() if each.reason},
    )


def _contradicts_itself(terms: ContractTerms, name: TermName) -> bool:
    return terms.reasons.get(name) == "sources_differ"


def _last_by_source(said: Iterable[_Statement], day: date) -> list[_Statement]:
    """Return what each source said last up to a day; two statements if it said two things then."""
    until = [each for each in said if each.day <= day]
    last = {each.source: each.day for each in sorted(until, key=lambda each: each.day)}
    return list(dict.fromkeys(each for each in until if each.day == last[each.source]))


def _has_changed(
    before: _Statement, current: Iterable[_Statement], said: Sequence[_Statement]
) -> bool:
    """Tell whether a source of the newest day has said the same as `before`, and has changed."""
    sources = {each.source for each in current} if before.value is not None else set()
    then = [each for each in _last_by_source(said, before.day) if each.source in sources]
    changed = {each.source for each in then if each.value == before.value}
    return bool(changed - {each.source for each in then if each.value != before.value})


def _told(said: Iterable[_Statement]) -> str:
    ordered = sorted(said, key=lambda each: (each.day, each.source))
    return "; ".join(
        f"{each.source} of {each.day}: {'several' if each.value is None else f'{each.value:g}'}"
        for each in ordered
    )
