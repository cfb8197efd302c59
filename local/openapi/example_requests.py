"""The requests of the OpenAPI document's examples; their answers are small and complete."""

import json
from typing import Any, NamedTuple

_CHAIN = "/option-chain/NIFTY"
_FILTER = "/option-chain/filter"
_METRICS = f"{_CHAIN}/analytics/history?metric=pcr_oi,straddle_price"
_FIELDS = "strike_price,type,last_price,open_interest,implied_volatility"


class Ask(NamedTuple):
    """A request of an operation; with a body it is a POST."""

    operation_id: str
    path: str
    body: dict[str, Any] | None = None

    @property
    def method(self) -> str:
        """Return the method."""
        return "GET" if self.body is None else "POST"

    @property
    def summary(self) -> str:
        """Return the request as text."""
        body = f" {json.dumps(self.body)}" if self.body else ""
        return f"{self.method} {self.path}{body}"


ANSWERS = [
    ("root", Ask("getRoot", "/")),
    ("healthy", Ask("getHealth", "/health")),
    ("stats", Ask("getStats", "/stats")),
    ("symbols", Ask("getSymbols", "/symbols")),
    ("status", Ask("getPipelineStatus", "/pipeline/status")),
    ("stopped", Ask("stopPipeline", "/pipeline/stop", {})),
    ("started", Ask("startPipeline", "/pipeline/start", {})),
    ("sides", Ask("getOptionChain", f"{_CHAIN}?strikes_around_atm=0")),
    (
        "rows",
        Ask("getOptionChain", f"{_CHAIN}?layout=rows&strikes_around_atm=0&columns={_FIELDS}"),
    ),
    (
        "columns",
        Ask("getOptionChain", f"{_CHAIN}?layout=columns&strikes_around_atm=1&columns={_FIELDS}"),
    ),
    (
        "past",
        Ask("getOptionChain", f"{_CHAIN}?as_of=10:10&strikes_around_atm=0&columns=last_price"),
    ),
    (
        "csv",
        Ask("getOptionChain", f"{_CHAIN}?format=csv&strikes_around_atm=1&columns={_FIELDS}"),
    ),
    (
        "ndjson",
        Ask("getOptionChain", f"{_CHAIN}?format=ndjson&strikes_around_atm=0&columns={_FIELDS}"),
    ),
    (
        "greeks",
        Ask("getOptionChain", f"{_CHAIN}?greeks=true&layout=rows&strikes_around_atm=0"),
    ),
    ("analytics", Ask("getAnalytics", f"{_CHAIN}/analytics")),
    ("csv", Ask("getAnalytics", f"{_CHAIN}/analytics?format=csv")),
    (
        "minutes",
        Ask("getAnalyticsHistory", f"{_METRICS}&interval=1m&limit=2"),
    ),
    ("csv", Ask("getAnalyticsHistory", f"{_METRICS}&format=csv&limit=2")),
    ("smile", Ask("getSmile", f"{_CHAIN}/analytics/smile")),
    ("csv", Ask("getSmile", f"{_CHAIN}/analytics/smile?format=csv")),
    ("profile", Ask("getOpenInterest", f"{_CHAIN}/analytics/open-interest")),
    ("csv", Ask("getOpenInterest", f"{_CHAIN}/analytics/open-interest?format=csv")),
    ("strikes", Ask("getStrikes", f"{_CHAIN}/strikes")),
    ("expiries", Ask("getExpiryDates", f"{_CHAIN}/expiry-dates")),
    ("gaps", Ask("getGaps", f"{_CHAIN}/gaps")),
    (
        "calls",
        Ask(
            "filterOptionChain",
            _FILTER,
            {"symbol": "NIFTY", "option_type": "CE", "strike_price_min": 24000, "limit": 1},
        ),
    ),
    (
        "csv",
        Ask(
            "filterOptionChain",
            _FILTER,
            {"symbol": "NIFTY", "columns": _FIELDS.split(","), "limit": 2, "format": "csv"},
        ),
    ),
    ("snapshots", Ask("getSnapshots", f"{_CHAIN}/snapshots?limit=2")),
    ("csv", Ask("getSnapshots", f"{_CHAIN}/snapshots?limit=2&format=csv")),
    (
        "documents",
        Ask("getHistory", f"{_CHAIN}/history?strikes_around_atm=0&option_type=CE&limit=1"),
    ),
    (
        "candles",
        Ask("getHistory", f"{_CHAIN}/history?strikes_around_atm=0&interval=15m&limit=2"),
    ),
    (
        "csv",
        Ask(
            "getHistory",
            f"{_CHAIN}/history?strikes_around_atm=0&interval=15m&limit=2&format=csv",
        ),
    ),
    (
        "changes",
        Ask("getChanges", f"{_CHAIN}/changes?from=10:00&strikes_around_atm=0"),
    ),
    (
        "csv",
        Ask("getChanges", f"{_CHAIN}/changes?from=10:00&strikes_around_atm=0&format=csv"),
    ),
]
PROBLEMS = {
    "unknown-symbol": Ask("", "/option-chain/NOPE"),
    "unknown-expiry": Ask("", f"{_CHAIN}?expiry=30-Jan-2025"),
    "unknown-contract": Ask("", f"{_CHAIN}/history?strike=12345&expiry=nearest"),
    "nothing-yet": Ask("", f"{_CHAIN}?as_of=2026-06-01"),
    "invalid-request": Ask("", f"{_CHAIN}?expiry=30-Feb-2026&limit=1"),
}
