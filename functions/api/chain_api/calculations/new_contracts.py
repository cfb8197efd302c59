"""The change in open interest of contracts that may be new. Pure."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Literal

from optionchain.analytics import oi_since_previous_close
from optionchain.exchange_time import exchange_date, expiry_text
from optionchain.snapshot_facts import may_be_new

type ChangeReason = Literal["newly_listed", "day_before_unknown"]

CHANGE_FIELDS = (
    "open_interest",
    "change_in_oi",
    "total_traded_volume",
    "exchange_timestamp",
    "fetched_at",
    "listed_on",
    "newly_listed",
)
"""The fields of a document that `change_of` and `change_reason` need."""


def change_of(document: Mapping[str, Any]) -> float | None:
    """Return the change in open interest since the previous close; datetimes are in UTC."""
    newly_listed, listed_on = document["newly_listed"], document["listed_on"]
    today = newly_listed and expiry_text(
        exchange_date(
            (document["exchange_timestamp"] or document["fetched_at"]).replace(tzinfo=UTC)
        )
    )
    return oi_since_previous_close(
        document["change_in_oi"],
        document["open_interest"],
        document["total_traded_volume"],
        newly_listed=newly_listed,
        listed_today=listed_on == today,
    )


def change_reason(document: Mapping[str, Any]) -> ChangeReason | None:
    """Return why nothing counts from a contract's previous close; None if it had one."""
    newly_listed = document["newly_listed"]
    if newly_listed is not None:
        return "newly_listed" if newly_listed else None
    numbers = (document[name] for name in ("change_in_oi", "open_interest", "total_traded_volume"))
    return "day_before_unknown" if may_be_new(*numbers) else None
