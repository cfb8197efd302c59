"""The change in open interest of contracts that may be new. Pure."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from optionchain.analytics import oi_since_previous_close
from optionchain.exchange_time import exchange_date, expiry_text

CHANGE_FIELDS = (
    "open_interest",
    "change_in_oi",
    "exchange_timestamp",
    "fetched_at",
    "listed_on",
    "newly_listed",
)
"""The fields of a document that `change_of` needs."""


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
        newly_listed=newly_listed,
        listed_today=listed_on == today,
    )
