"""What a body says of itself must agree with its rows. Pure.

Each of these statements holds in every captured v3 body (decision 0043). A statement that is
missing, or is spelt in a way that cannot be read, says nothing against the rows. The list of
expiries is not among them: it lacked an expiry that was traded before.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from chain_fetch.nse.body_schema import Body, CopiedRow, Filtered
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Quote, Side

# Open interest is fractional at times, and a total of it may be rounded.
_ROUNDING = 1.0
_SIDES: tuple[Side, ...] = ("CE", "PE")
# By position, which takes half the time of names.
_SIDE = Quote._fields.index("side")
_OPEN_INTEREST = itemgetter(Quote._fields.index("open_interest"))
_VOLUME = itemgetter(Quote._fields.index("total_traded_volume"))


def check_consistency(body: Body, quotes: Sequence[Quote]) -> None:
    """Raise PayloadInvalid if the lists, totals or copy in a body contradict its rows."""
    records = body["records"]
    strikes = [row["strike_price"] for row in records["data"]]
    if listed := records.get("strike_prices"):
        _check_strikes(listed, strikes)
    if filtered := body.get("filtered"):
        _check_copy(filtered.get("data"), strikes)
        _check_totals(filtered, quotes)


def check_no_rows(body: Body) -> None:
    """Raise PayloadInvalid if a body without rows has them in its copy."""
    if filtered := body.get("filtered"):
        _check_copy(filtered.get("data"), [])


def _check_strikes(listed: Sequence[float], strikes: Sequence[float]) -> None:
    if unknown := {*strikes}.difference(listed):
        what = f"the strike {min(unknown)} of a row is not listed"
        raise PayloadInvalid(what, "records.strikePrices")


def _check_copy(copy: Sequence[CopiedRow] | None, strikes: Sequence[float]) -> None:
    if copy is not None and [row["strike_price"] for row in copy] != strikes:
        what = f"its {len(copy)} rows are not the {len(strikes)} rows of records.data"
        raise PayloadInvalid(what, "filtered.data")


def _check_totals(filtered: Filtered, quotes: Sequence[Quote]) -> None:
    for side in _SIDES:
        if totals := filtered.get(side):
            legs = [quote for quote in quotes if quote[_SIDE] == side]
            where = f"filtered.{side}"
            _check_total(totals.get("totOI"), map(_OPEN_INTEREST, legs), f"{where}.totOI")
            _check_total(totals.get("totVol"), map(_VOLUME, legs), f"{where}.totVol")


def _check_total(total: float | None, numbers: Iterable[float | None], where: str) -> None:
    value = sum(filter(None, numbers))  # an unknown number counts as 0
    if total is not None and abs(total - value) > _ROUNDING:
        raise PayloadInvalid(f"{total} is not the sum of the rows, {value}", where)
