"""Captured bodies of the endpoints before v3, as v3 would have sent them."""

from datetime import date, datetime
from typing import Any

from tests.support.bodies import absent_leg

type Json = dict[str, Any]

_RENAMED = {
    "bidprice": "buyPrice1",
    "bidQty": "buyQuantity1",
    "askPrice": "sellPrice1",
    "askQty": "sellQuantity1",
}


def as_v3(body: Json) -> dict[date, Json]:
    """Return the v3 bodies of an older body, by expiry: no number of it changes."""
    rows: dict[date, list[Json]] = {}
    for row in body["records"]["data"]:
        expiry = datetime.strptime(row["expiryDate"], "%d-%b-%Y").date()  # noqa: DTZ007
        sides = {side: absent_leg() for side in ("CE", "PE")}
        for side in sides.keys() & row.keys():
            sides[side] = {_RENAMED.get(key, key): value for key, value in row[side].items()}
            sides[side]["expiryDate"] = expiry.strftime("%d-%m-%Y")
        head = {"expiryDates": row["expiryDate"], "strikePrice": row["strikePrice"]}
        rows.setdefault(expiry, []).append(head | sides)
    return {
        expiry: {"records": body["records"] | {"data": data}, "filtered": {"data": data}}
        for expiry, data in rows.items()
    }
