"""The requests of the OpenAPI document's examples; their answers are small and complete."""

import json
from typing import Any, NamedTuple

_CHAIN = "/option-chain/NIFTY"
_FILTER = "/option-chain/filter"
_METRICS = f"{_CHAIN}/analytics/history?metric=pcr_oi,straddle_price"
_FIELDS = "strike_price,type,last_price,open_interest,implied_volatility"


class ExampleRequest(NamedTuple):
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
    ("root", ExampleRequest("getRoot", "/")),
    ("healthy", ExampleRequest("getHealth", "/health")),
    ("stats", ExampleRequest("getStats", "/stats")),
    ("symbols", ExampleRequest("getSymbols", "/symbols")),
    ("table", ExampleRequest("getScreener", "/screener?sort=-pcr_oi")),
    ("days", ExampleRequest("getArchive", "/archive?symbol=NIFTY")),
    ("csv", ExampleRequest("getArchive", "/archive?format=csv")),
    ("status", ExampleRequest("getPipelineStatus", "/pipeline/status")),
    ("stopped", ExampleRequest("stopPipeline", "/pipeline/stop", {})),
    ("started", ExampleRequest("startPipeline", "/pipeline/start", {})),
    ("sides", ExampleRequest("getOptionChain", f"{_CHAIN}?strikes_around_atm=0")),
    (
        "rows",
        ExampleRequest(
            "getOptionChain", f"{_CHAIN}?layout=rows&strikes_around_atm=0&columns={_FIELDS}"
        ),
    ),
    (
        "columns",
        ExampleRequest(
            "getOptionChain", f"{_CHAIN}?layout=columns&strikes_around_atm=1&columns={_FIELDS}"
        ),
    ),
    (
        "past",
        ExampleRequest(
            "getOptionChain", f"{_CHAIN}?as_of=10:10&strikes_around_atm=0&columns=last_price"
        ),
    ),
    (
        "csv",
        ExampleRequest(
            "getOptionChain", f"{_CHAIN}?format=csv&strikes_around_atm=1&columns={_FIELDS}"
        ),
    ),
    (
        "ndjson",
        ExampleRequest(
            "getOptionChain", f"{_CHAIN}?format=ndjson&strikes_around_atm=0&columns={_FIELDS}"
        ),
    ),
    (
        "greeks",
        ExampleRequest("getOptionChain", f"{_CHAIN}?greeks=true&layout=rows&strikes_around_atm=0"),
    ),
    ("analytics", ExampleRequest("getAnalytics", f"{_CHAIN}/analytics")),
    ("csv", ExampleRequest("getAnalytics", f"{_CHAIN}/analytics?format=csv")),
    (
        "minutes",
        ExampleRequest("getAnalyticsHistory", f"{_METRICS}&interval=1m&limit=2"),
    ),
    ("csv", ExampleRequest("getAnalyticsHistory", f"{_METRICS}&format=csv&limit=2")),
    ("smile", ExampleRequest("getSmile", f"{_CHAIN}/analytics/smile")),
    ("csv", ExampleRequest("getSmile", f"{_CHAIN}/analytics/smile?format=csv")),
    ("profile", ExampleRequest("getOpenInterest", f"{_CHAIN}/analytics/open-interest")),
    ("csv", ExampleRequest("getOpenInterest", f"{_CHAIN}/analytics/open-interest?format=csv")),
    (
        "intervals",
        ExampleRequest(
            "getOpenInterestHistory",
            f"{_CHAIN}/analytics/open-interest/history?strikes_around_atm=1&interval=15m&limit=2",
        ),
    ),
    (
        "csv",
        ExampleRequest(
            "getOpenInterestHistory",
            f"{_CHAIN}/analytics/open-interest/history?strikes_around_atm=0&limit=2&format=csv",
        ),
    ),
    ("exposure", ExampleRequest("getGammaExposure", f"{_CHAIN}/analytics/gamma-exposure")),
    ("csv", ExampleRequest("getGammaExposure", f"{_CHAIN}/analytics/gamma-exposure?format=csv")),
    ("expiries", ExampleRequest("getTermStructure", f"{_CHAIN}/analytics/term-structure")),
    ("csv", ExampleRequest("getTermStructure", f"{_CHAIN}/analytics/term-structure?format=csv")),
    ("rank", ExampleRequest("getIvRank", f"{_CHAIN}/analytics/iv-rank")),
    ("csv", ExampleRequest("getIvRank", f"{_CHAIN}/analytics/iv-rank?format=csv")),
    ("surface", ExampleRequest("getSurface", f"{_CHAIN}/analytics/surface")),
    ("csv", ExampleRequest("getSurface", f"{_CHAIN}/analytics/surface?format=csv")),
    ("strikes", ExampleRequest("getStrikes", f"{_CHAIN}/strikes")),
    ("expiries", ExampleRequest("getExpiryDates", f"{_CHAIN}/expiry-dates")),
    ("gaps", ExampleRequest("getGaps", f"{_CHAIN}/gaps")),
    (
        "calls",
        ExampleRequest(
            "filterOptionChain",
            _FILTER,
            {"symbol": "NIFTY", "option_type": "CE", "strike_price_min": 24000, "limit": 1},
        ),
    ),
    (
        "csv",
        ExampleRequest(
            "filterOptionChain",
            _FILTER,
            {"symbol": "NIFTY", "columns": _FIELDS.split(","), "limit": 2, "format": "csv"},
        ),
    ),
    ("disagreements", ExampleRequest("getDisagreements", f"{_CHAIN}/disagreements")),
    ("days", ExampleRequest("getDays", f"{_CHAIN}/days")),
    ("snapshots", ExampleRequest("getSnapshots", f"{_CHAIN}/snapshots?limit=2")),
    ("csv", ExampleRequest("getSnapshots", f"{_CHAIN}/snapshots?limit=2&format=csv")),
    (
        "documents",
        ExampleRequest(
            "getHistory", f"{_CHAIN}/history?strikes_around_atm=0&option_type=CE&limit=1"
        ),
    ),
    (
        "candles",
        ExampleRequest("getHistory", f"{_CHAIN}/history?strikes_around_atm=0&interval=15m&limit=2"),
    ),
    (
        "csv",
        ExampleRequest(
            "getHistory",
            f"{_CHAIN}/history?strikes_around_atm=0&interval=15m&limit=2&format=csv",
        ),
    ),
    (
        "changes",
        ExampleRequest("getChanges", f"{_CHAIN}/changes?from=10:00&strikes_around_atm=0"),
    ),
    (
        "csv",
        ExampleRequest(
            "getChanges", f"{_CHAIN}/changes?from=10:00&strikes_around_atm=0&format=csv"
        ),
    ),
]
PROBLEMS = {
    "unknown-symbol": ExampleRequest("", "/option-chain/NOPE"),
    "unknown-expiry": ExampleRequest("", f"{_CHAIN}?expiry=30-Jan-2025"),
    "unknown-contract": ExampleRequest("", f"{_CHAIN}/history?strike=12345&expiry=nearest"),
    "nothing-yet": ExampleRequest("", f"{_CHAIN}?as_of=2026-06-01"),
    "invalid-request": ExampleRequest("", f"{_CHAIN}?expiry=30-Feb-2026&limit=1"),
}
