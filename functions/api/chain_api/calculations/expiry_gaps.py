"""Whether the ledger has a gap near a moment, as one expiry is concerned. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

GOOD = ("stored", "unchanged")
# One failed tick is no gap: the exchange changes its data every 30 to 60 seconds.
GAP_TICKS = 3

type Ticks = Sequence[Mapping[str, Any]]


def is_gap(ticks: Ticks, expiry_date: str, near: datetime) -> bool:
    """Tell whether an expiry has no good answer near a moment.

    `ticks` are ledger entries up to the moment, newest first, and reach back beyond `near`. An
    expiry that every tick asks for needs a good answer since `near`. One that is asked for in
    rotation is judged by its own rhythm, as long as the symbol is recorded at all. So other
    expiries neither hide its gap nor make one.
    """
    asked = [
        (tick["tick"], expiry["outcome"] in GOOD)
        for tick in ticks
        for expiry in tick.get("expiries", ())
        if expiry.get("expiry_date") == expiry_date
    ]
    if any(at >= near and good for at, good in asked):
        return False
    last = [good for _, good in asked[:GAP_TICKS]]
    if len(last) == GAP_TICKS and not any(last):
        return True
    recent = [tick for tick in ticks if tick["tick"] >= near]
    if any(_has_good(tick) for tick in recent):
        return False
    is_recorded = any(tick["outcome"] != "skipped" for tick in recent)
    return not (is_recorded and _is_within_its_rhythm(asked, ticks[0]["tick"]))


def _is_within_its_rhythm(asked: Sequence[tuple[datetime, bool]], now: datetime) -> bool:
    """Tell whether a good answer was the last one, and no more than a few turns ago."""
    times = [at for at, _ in asked[: GAP_TICKS + 1]]
    turns = [later - earlier for later, earlier in pairwise(times)]
    return bool(turns) and asked[0][1] and now - times[0] <= GAP_TICKS * max(turns)


def _has_good(tick: Mapping[str, Any]) -> bool:
    expiries: Iterable[Mapping[str, Any]] = tick.get("expiries", ())
    return tick["outcome"] in GOOD or any(each["outcome"] in GOOD for each in expiries)
