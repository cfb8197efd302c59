"""The answers of the exchange's endpoints: functions from a market and a request to JSON."""

from datetime import date, timedelta

from starlette.requests import Request

from local.nse_simulator.faults import Fault, FaultKind
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.listing import holiday_rows
from local.nse_simulator.market import Market
from local.nse_simulator.v3_format import (
    SIDES,
    JsonObject,
    day_text,
    parse_day,
    side_totals,
    strike_texts,
    today,
    without_rows,
)


def chain(market: Market, request: Request) -> JsonObject:
    """Return one expiry of one symbol; `{}` unless type and symbol belong together."""
    query, fault, now = request.query_params, request.scope["fault"], market.now()
    symbol = query.get("symbol", "")
    if query.get("type") != market.symbols().get(symbol, ""):
        return {}
    expiry = _expiry(query.get("expiry", ""))
    if _is(fault, FaultKind.OLDER_BODY):
        return market.previous(symbol, expiry, now)
    body = market.chain(symbol, expiry, now)
    if _is(fault, FaultKind.EMPTY_DATA) or expiry not in market.expiries(symbol):
        return without_rows(body)
    if _is(fault, FaultKind.LOST_ROWS):
        body["records"]["data"] = body["records"]["data"][:1]
    return as_other_node(body) if _is(fault, FaultKind.OTHER_NODE) else body


def _expiry(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        return date.min  # a date that is never listed


def as_other_node(body: JsonObject) -> JsonObject:
    """Return the body with one trade more in every contract, under the same timestamp."""
    rows = body["records"]["data"]
    for leg in (row[side] for row in rows for side in SIDES if side in row):
        leg["totalTradedVolume"] += 1 if leg["identifier"] else 0
    body["filtered"] = {"data": rows} | {side: side_totals(rows, side) for side in SIDES}
    return body


def contract_info(market: Market, request: Request) -> JsonObject:
    """Return expiries and strikes of a symbol; of an unknown symbol `{}`."""
    symbol, fault = request.query_params.get("symbol", ""), request.scope["fault"]
    if symbol not in market.symbols():
        return {}
    expiries = market.expiries(symbol)
    if _is(fault, FaultKind.PAST_EXPIRIES):
        expiries = [today(market.now()) - timedelta(days=1), *expiries]
    info: JsonObject = {"strikePrice": strike_texts(market.strikes(symbol))}
    if not _is(fault, FaultKind.NO_EXPIRY_DATES):
        info["expiryDates"] = [day_text(expiry) for expiry in expiries]
    return info


def holidays(market: Market, request: Request) -> JsonObject:
    """Return this year's trading holidays, the same for the cash and the derivatives market."""
    if request.query_params.get("type") != "trading":
        return {}
    day, fault = today(market.now()), request.scope["fault"]
    rows = holiday_rows(day.year)
    if _is(fault, FaultKind.WRONG_HOLIDAYS):
        wrong = (day + timedelta(days=number) for number in range(fault.days))
        rows += [{"tradingDate": day_text(each), "description": "wrong"} for each in wrong]
    return {"CM": rows, "FO": rows}


def market_status(market: Market, _: Request) -> JsonObject:
    """Return the rows of the markets, which differ in keys and types as the exchange's do."""
    day = day_text(today(market.now()))
    state = {"marketStatus": "Open", "marketStatusMessage": "Market is Open"}
    blank = dict.fromkeys(("index", "last", "variation", "percentChange"), "")
    symbol = next(iter(market.symbols()))
    spot = market.chain(symbol, date.min, market.now())["records"]["underlyingValue"]
    return {
        "marketState": [
            {"market": "Capital Market", "tradeDate": day} | blank | state | {"last": spot},
            {"market": "Commodity", "tradeDate": day} | blank | state,
            {"market": "currencyfuture", "tradeDate": day} | blank | state | {"last": str(spot)},
        ]
    }


def underlyings(market: Market, request: Request) -> JsonObject:
    """Return every symbol that has options, by its type."""
    rows: dict[str, list[JsonObject]] = {"Indices": [], "Equity": []}
    for symbol, kind in market.symbols().items():
        name = INSTRUMENTS[symbol].name if symbol in INSTRUMENTS else symbol
        place = len(rows[kind]) + 1
        rows[kind].append({"symbol": symbol, "underlying": name, "serialNumber": place})
    step = 2 if _is(request.scope["fault"], FaultKind.LOST_SYMBOLS) else 1
    return {"data": {"IndexList": rows["Indices"], "UnderlyingList": rows["Equity"][::step]}}


def _is(fault: Fault | None, kind: FaultKind) -> bool:
    return fault is not None and fault.kind is kind
