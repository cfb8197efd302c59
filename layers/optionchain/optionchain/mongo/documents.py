"""The documents of MongoDB: one per contract, one header per snapshot.

Field names and types are public: other people's programs read the collections.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, cast

from optionchain.exchange_time import expiry_text, midnight_utc
from optionchain.snapshot import Quote, Side, Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts

if TYPE_CHECKING:  # importing analytics would load the option model as well
    from optionchain.analytics.document import AnalyticsDocument


class ContractDocument(TypedDict):
    """One contract of one stored snapshot; collection `option_chain`.

    The last three are what the record knows: `iv_as_of` is the exchange's stamp of the first
    snapshot with this `implied_volatility`, `listed_on` the day on which the contract was listed,
    each None where it is not known. `newly_listed` says whether the record shows that there was no
    close the day before: then the exchange's 0 for `change_in_oi` is no number. It is None where
    the record does not tell. Documents of older versions lack all three. `source` is only there if
    it is another one than NSE. `settlement_price`, in rupees, is only there in chains of the
    exchange's daily files.
    """

    symbol: str
    type: Side
    strike_price: float
    expiry_date: str
    identifier: str
    fetched_at: datetime
    open_interest: float | None
    change_in_oi: float | None
    pchange_in_oi: float | None
    last_price: float | None
    change: float | None
    pchange: float | None
    total_traded_volume: float | None
    implied_volatility: float | None
    bid_qty: int
    bid_price: float | None
    ask_price: float | None
    ask_qty: int
    underlying_value: float | None
    expiry: datetime
    exchange_timestamp: datetime | None
    total_buy_qty: float | None
    total_sell_qty: float | None
    iv_as_of: datetime | None
    listed_on: str | None
    newly_listed: bool | None
    source: NotRequired[str]
    settlement_price: NotRequired[float | None]


class HeaderDocument(TypedDict):
    """The commit mark of one stored snapshot; collection `snapshots`.

    `last_seen_at` is the newest tick at which the exchange still sent the same. `earlier_hashes`
    are those of the contents stored before it under the same exchange timestamp, or without one
    with the same volumes. `analytics` is derived, not sent by the exchange. `legs_missing` is how
    many contracts of the snapshot before it, in the same session and of the same source, it lacks;
    None without a snapshot before. `legs_hash` tells which contracts it has. Headers of older
    versions do not have these three.
    `settled` says that this is the final chain of its day, which the exchange rewrites in the
    evening. Headers of older versions lack it, and none of theirs is known to be final. If a later
    tick than `fetched_at` found this out, `settled_at` is that tick.
    `unlisted_since` is the tick since when the exchange does not list the expiry any more; a later
    listing decides whether that still holds.
    `underlying_since` is the stamp (without one, the tick) since when the underlying has had this
    value in the session, `frozen_since` that since when it stands still while options trade; None
    if it does not. Headers of older versions have neither.
    `source` says where the snapshot comes from (without it, from NSE), and `derived` which fields
    of its contracts are differences of two sent numbers. `exchange_timestamp` is None if the source
    sends none. `lot_size` is that of the expiry on that day, None if it is not known, for the
    reason that `lot_size_reason` names. Headers of older versions lack these.
    """

    symbol: str
    expiry: datetime
    expiry_date: str
    fetched_at: datetime
    last_seen_at: datetime
    exchange_timestamp: datetime | None
    underlying_value: float | None
    calls: int
    puts: int
    call_open_interest: float | None
    put_open_interest: float | None
    call_volume: float | None
    put_volume: float | None
    content_hash: str
    earlier_hashes: list[str]
    revised: bool
    legs_missing: NotRequired[int | None]
    legs_hash: NotRequired[str]
    settled: NotRequired[bool]
    settled_at: NotRequired[datetime]
    analytics: NotRequired["AnalyticsDocument"]
    unlisted_since: NotRequired[datetime]
    underlying_since: NotRequired[datetime | None]
    frozen_since: NotRequired[datetime | None]
    source: NotRequired[str]
    derived: NotRequired[list[str]]
    lot_size: NotRequired[int | None]
    lot_size_reason: NotRequired[str | None]


CONTRACT_FIELDS = tuple(
    name for name in ContractDocument.__annotations__ if name not in ("source", "settlement_price")
)
"""The fields that every contract has."""

NSE = "nse"
"""The source of documents that name none."""
BHAVCOPY = "bhavcopy"
"""The source of chains that come from the exchange's daily files."""

EXCHANGE_S_OWN = (NSE, BHAVCOPY)
"""The sources whose numbers are the exchange's own; others reckon volatilities themselves."""


def stamp_of(header: HeaderDocument) -> datetime:
    """Return the exchange's timestamp of a snapshot; without one, the tick at which it came."""
    return header["exchange_timestamp"] or header["fetched_at"]


def source_of(document: Mapping[str, Any]) -> str:
    """Return the name of the source that a header or a contract comes from."""
    return cast("str", document.get("source", NSE))


def identifier(symbol: str, side: Side, strike_price: float, expiry: str) -> str:
    """Return a contract's name: `NIFTY_CE_25000_30-Jan-2025`, `IDEA_PE_42.5_31-Jul-2025`."""
    # repr gives the shortest text that reads back as the same double.
    return f"{symbol}_{side}_{repr(strike_price).removesuffix('.0')}_{expiry}"


def contract_documents(
    snapshot: Snapshot, facts: SnapshotFacts = NOTHING_KNOWN
) -> list[ContractDocument]:
    """Return a snapshot's documents, one for each contract, by strike."""
    symbol, expiry_date = snapshot.symbol, expiry_text(snapshot.expiry)
    expiry = midnight_utc(snapshot.expiry)
    fetched_at, stamp = snapshot.fetched_at, snapshot.exchange_timestamp
    underlying = snapshot.underlying_value
    iv_as_of, new_legs, doubted = facts.iv_as_of.get, facts.new_legs, facts.doubted_legs
    listed_on = {leg: expiry_text(day) for leg, day in facts.listed_on.items()}.get
    documents: list[ContractDocument] = [
        {
            "symbol": symbol,
            "type": side,
            "strike_price": strike,
            "expiry_date": expiry_date,
            "identifier": identifier(symbol, side, strike, expiry_date),
            "fetched_at": fetched_at,
            "open_interest": open_interest,
            "change_in_oi": change_in_oi,
            "pchange_in_oi": pchange_in_oi,
            "last_price": last,
            "change": change,
            "pchange": pchange,
            "total_traded_volume": volume,
            "implied_volatility": implied_volatility,
            "bid_qty": bid_qty,
            "bid_price": bid,
            "ask_price": ask,
            "ask_qty": ask_qty,
            "underlying_value": underlying,
            "expiry": expiry,
            "exchange_timestamp": stamp,
            "total_buy_qty": buying,
            "total_sell_qty": selling,
            "iv_as_of": iv_as_of(leg := (strike, side)),
            "listed_on": listed_on(leg),
            "newly_listed": None if leg in doubted else leg in new_legs,
        }
        # Unpacking takes half the time of looking up each field by name.
        for (
            side,
            strike,
            open_interest,
            change_in_oi,
            pchange_in_oi,
            last,
            change,
            pchange,
            volume,
            implied_volatility,
            bid_qty,
            bid,
            ask,
            ask_qty,
            buying,
            selling,
        ) in snapshot.quotes
    ]
    if snapshot.source != NSE:
        for document in documents:
            document["source"] = snapshot.source
    if facts.settlement_prices:
        for document in documents:
            leg = document["strike_price"], document["type"]
            document["settlement_price"] = facts.settlement_prices.get(leg)
    return documents


def header_document(
    snapshot: Snapshot,
    *,
    revised: bool = False,
    earlier_hashes: Sequence[str] = (),
    legs_missing: int | None = None,
    settled: bool = False,
    facts: SnapshotFacts = NOTHING_KNOWN,
    analytics: "AnalyticsDocument | None" = None,
) -> HeaderDocument:
    """Return the header that commits a snapshot."""
    calls = [quote for quote in snapshot.quotes if quote.side == "CE"]
    puts = [quote for quote in snapshot.quotes if quote.side == "PE"]
    header: HeaderDocument = {
        "symbol": snapshot.symbol,
        "expiry": midnight_utc(snapshot.expiry),
        "expiry_date": expiry_text(snapshot.expiry),
        "fetched_at": snapshot.fetched_at,
        "last_seen_at": snapshot.fetched_at,
        "exchange_timestamp": snapshot.exchange_timestamp,
        "underlying_value": snapshot.underlying_value,
        "calls": len(calls),
        "puts": len(puts),
        "call_open_interest": total_open_interest(calls),
        "put_open_interest": total_open_interest(puts),
        "call_volume": _total(quote.total_traded_volume for quote in calls),
        "put_volume": _total(quote.total_traded_volume for quote in puts),
        "content_hash": snapshot.content_hash,
        "earlier_hashes": list(earlier_hashes),
        "revised": revised,
        "legs_missing": legs_missing,
        "legs_hash": snapshot.legs_hash,
        "settled": settled,
        "underlying_since": facts.underlying_since,
        "frozen_since": facts.frozen_since,
        "source": snapshot.source,
        "derived": list(snapshot.derived),
        "lot_size": facts.terms.lot_size,
        "lot_size_reason": facts.terms.reasons.get("lot_size"),
    }
    if analytics is not None:
        header["analytics"] = analytics
    return header


def total_open_interest(quotes: Iterable[Quote]) -> float | None:
    """Return the sum of open interest in contracts, None if that of any contract is missing."""
    return _total(quote.open_interest for quote in quotes)


def _total(values: Iterable[float | None]) -> float | None:
    # If any value is missing, there is no sum.
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total
