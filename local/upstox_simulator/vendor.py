"""The simulated Upstox: its endpoints, its files, and whom it answers."""

from collections.abc import Sequence
from datetime import date

from local.nse_simulator.feed import ExchangeFeed
from local.nse_simulator.listing import HOLIDAYS as MARKET_HOLIDAYS
from local.nse_simulator.v3_format import JsonObject
from local.upstox_simulator.chains import chain_rows
from local.upstox_simulator.errors import (
    INVALID_DATE,
    INVALID_KEY,
    KEY_REQUIRED,
    NOT_FOUND,
    TOO_MANY,
    TOO_MANY_KEYS,
    refused,
)
from local.upstox_simulator.faults import (
    CHAIN,
    CONTRACTS,
    HOLIDAYS,
    MARKET_STATUS,
    QUOTES,
    QUOTES_BEFORE,
    FaultKind,
)
from local.upstox_simulator.instruments import UNDERLYINGS, contract_row, instruments_file
from local.upstox_simulator.quotes import quotes_by_name
from local.upstox_simulator.tokens import PROFILE, check_token
from local.vendor_simulator.limits import Limits, Window
from local.vendor_simulator.vendor import Call, SimulatedVendor, VendorRefused

WINDOWS: tuple[Window, ...] = ((50, 1), (500, 60), (2000, 1800))
INSTRUMENTS_FILE = "/market-quote/instruments/exchange/NSE.json.gz"
_MOST_KEYS = 500
_NO_TOKEN = (HOLIDAYS,)


class SimulatedUpstox(SimulatedVendor):
    """Upstox over the simulated market. `windows` are its limits of each user and endpoint."""

    name = "Upstox"

    def __init__(self, feed: ExchangeFeed, windows: Sequence[Window] = WINDOWS) -> None:
        super().__init__(feed)
        self._limits = Limits(windows)
        self.answers = {
            ("GET", CHAIN): self._chain,
            ("GET", CONTRACTS): self._contracts,
            ("GET", HOLIDAYS): self._holidays,
            ("GET", f"{HOLIDAYS}/{{day}}"): self._holidays,
            ("GET", MARKET_STATUS): self._market_status,
            ("GET", QUOTES): self._quotes,
            ("GET", QUOTES_BEFORE): self._quotes,
            ("GET", PROFILE): self._profile,
        }
        self.files = {
            INSTRUMENTS_FILE: lambda: instruments_file(feed),
            INSTRUMENTS_FILE.replace("NSE.", "complete."): lambda: instruments_file(feed),
        }

    def admit(self, call: Call) -> None:
        """Raise VendorRefused unless the token and the limits allow this request."""
        if not call.path.startswith(_NO_TOKEN):
            check_token(call.headers, call.path, self.feed.now())
        if self._limits.refuse((call.headers.get("authorization"), call.path)):
            raise refused(TOO_MANY)

    def not_found(self) -> VendorRefused:
        """Return the answer to a path that does not exist."""
        return refused(NOT_FOUND)

    def _chain(self, call: Call) -> JsonObject:
        symbol, expiry = _symbol(call), _day(call.text("expiry_date"))
        answer = _success(chain_rows(self.feed, symbol, expiry, call))
        return answer | ({"status": "partial_success"} if call.has(FaultKind.PARTIAL) else {})

    def _contracts(self, call: Call) -> JsonObject:
        symbol = _symbol(call)
        expiries = self.feed.market.expiries(symbol)
        if text := call.text("expiry_date"):
            expiries = [expiry for expiry in expiries if expiry == _day(text)]
        instrument = self.feed.symbols()[symbol]
        rows = [
            contract_row(instrument, expiry, leg)
            for expiry in expiries
            for leg in self.feed.contracts(symbol, expiry)
        ]
        for row in rows if call.has(FaultKind.NO_LOTS) else ():
            del row["lot_size"]
        return _success(rows)

    def _holidays(self, call: Call) -> JsonObject:
        year = self.feed.today().year
        days = {day.replace(year=year): text for day, text in MARKET_HOLIDAYS.items()}
        rows = [_holiday(day, text, ["MCX"]) for day, text in sorted(days.items())]
        # On the first of January commodities rest and options trade, under the same type.
        rows = [_holiday(date(year, 1, 1), "New Year Day", ["NSE", "NFO", "BSE", "BFO"]), *rows]
        asked = call.text("day")
        return _success([row for row in rows if asked in ("", row["date"])])

    def _market_status(self, _: Call) -> JsonObject:
        updated = int(self.feed.now().timestamp() * 1000)
        return {
            "status": "success",
            "data": {"exchange": "NSE", "status": "NORMAL_OPEN", "last_updated": updated},
        }

    def _quotes(self, call: Call) -> JsonObject:
        keys = [key for key in call.text("instrument_key").split(",") if key]
        if not keys:
            raise refused(KEY_REQUIRED)
        if len(keys) > _MOST_KEYS:
            raise refused(TOO_MANY_KEYS)
        return {"status": "success", "data": quotes_by_name(self.feed, keys)}

    def _profile(self, _: Call) -> JsonObject:
        return {"status": "success", "data": {"user_id": "SIM001", "is_active": True}}


def _success(data: list[JsonObject]) -> JsonObject:
    return {"status": "success", "data": data}


def _symbol(call: Call) -> str:
    key = call.text("instrument_key")
    if not key:
        raise refused(KEY_REQUIRED)
    if key not in UNDERLYINGS:
        raise refused(INVALID_KEY)
    return UNDERLYINGS[key]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refused(INVALID_DATE) from error


def _holiday(day: date, text: str, open_exchanges: Sequence[str]) -> JsonObject:
    exchanges = ["NSE", "NFO", "CDS", "BSE", "BFO", "BCD"]
    options_trade = "NFO" in open_exchanges
    return {
        "date": day.isoformat(),
        "description": text,
        "holiday_type": "TRADING_HOLIDAY",
        "closed_exchanges": [] if options_trade else exchanges,
        "open_exchanges": [{"exchange": each} for each in open_exchanges],
    }
