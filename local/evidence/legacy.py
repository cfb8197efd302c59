"""Bodies of the endpoints before v3, as v3 would have sent them."""

from datetime import date

from local.nse_simulator.v3_format import (
    SIDES,
    JsonObject,
    absent_leg,
    day_digits,
    parse_day,
)

_RENAMED = {
    "bidprice": "buyPrice1",
    "bidQty": "buyQuantity1",
    "askPrice": "sellPrice1",
    "askQty": "sellQuantity1",
}


def as_v3(body: JsonObject) -> dict[date, JsonObject]:
    """Return the v3 bodies of an older body, by expiry: no number of it changes."""
    rows: dict[date, list[JsonObject]] = {}
    for row in body["records"]["data"]:
        expiry = parse_day(row["expiryDate"])
        sides = {side: absent_leg("2026-09") for side in SIDES}
        for side in sides.keys() & row.keys():
            sides[side] = {_RENAMED.get(key, key): value for key, value in row[side].items()}
            sides[side]["expiryDate"] = day_digits(expiry)
        head = {"expiryDates": row["expiryDate"], "strikePrice": row["strikePrice"]}
        rows.setdefault(expiry, []).append(head | sides)
    return {
        expiry: {"records": body["records"] | {"data": data}, "filtered": {"data": data}}
        for expiry, data in rows.items()
    }
