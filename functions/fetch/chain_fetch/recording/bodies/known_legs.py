"""What the record knows of each contract of a snapshot that was stored. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from optionchain.exchange_time import parse_expiry
from optionchain.mongo.documents import NSE
from optionchain.snapshot import Leg


class KnownLeg(NamedTuple):
    """What is known of a contract as it was in one snapshot of `source`, of the date `day`.

    `derived` says that the change in open interest is a difference of two sent numbers. Open
    interest and volume are in contracts. `newly_listed` is None where nothing tells whether there
    was a day before.
    """

    day: date
    source: str
    open_interest: float | None
    change_in_oi: float | None
    derived: bool
    volume: float | None
    implied_volatility: float | None
    iv_as_of: datetime | None
    listed_on: date | None
    newly_listed: bool | None

    @property
    def base(self) -> float | None:
        """Return the open interest at the end of the day before, None if it is not known.

        The exchange sends a change of 0 also where there was no day before.
        """
        interest, change = self.open_interest, self.change_in_oi
        if interest is None or change is None or not (change or self.derived):
            return None
        return interest - change


type KnownLegs = Mapping[Leg, KnownLeg]

LEG = KnownLeg._make  # by position: half the time of keywords
CHANGE_IN_OI = "change_in_oi"

KNOWN_FROM = (
    "type",
    "strike_price",
    "open_interest",
    CHANGE_IN_OI,
    "total_traded_volume",
    "implied_volatility",
    "iv_as_of",
    "listed_on",
    "newly_listed",
    "source",
)
"""The fields of a document that `known_in` needs."""


def known_in(
    documents: Iterable[Mapping[str, Any]], day: date, derived: Iterable[str] = ()
) -> dict[Leg, KnownLeg]:
    """Return what the documents of a snapshot of a day tell; their datetimes are in UTC.

    `derived` are the fields that its header calls so.
    """
    is_derived = CHANGE_IN_OI in derived
    return {
        (document["strike_price"], document["type"]): LEG(
            (
                day,
                document.get("source") or NSE,
                document["open_interest"],
                document["change_in_oi"],
                is_derived,
                document["total_traded_volume"],
                document["implied_volatility"],
                (since := document.get("iv_as_of")) and since.replace(tzinfo=UTC),
                (listed := document.get("listed_on")) and parse_expiry(listed),
                document.get("newly_listed"),  # older versions have none: not known
            )
        )
        for document in documents
    }
