"""Requests, as the document describes them: tags, parameters, bodies, keys."""

from typing import Any

from chain_api.parameters.time_zone import ZONES
from chain_api.problems import route_parameters

TAGS = [
    {
        "name": "Option chain",
        "description": "The chain of a symbol, latest or as it stood at any recorded moment; its "
        "strikes and expiries; a filter over all expiries; what was not recorded.",
    },
    {
        "name": "Analytics",
        "description": "What is derived of a chain: ratios, levels and volatilities, by Black-76 "
        "on the forward of put-call parity. No such number is the exchange's; what cannot be "
        "derived is null, with its reason.",
    },
    {
        "name": "Through time",
        "description": "Lists over a range of time, a page at a time: follow `next`, or the header "
        "`Link`, until there is none. A list is pinned on its first page: what is recorded "
        "meanwhile is on none of the others.",
    },
    {
        "name": "Archive",
        "description": "The sealed past: the days whose recordings are kept in Parquet files, also "
        "when the database has let them go.",
    },
    {"name": "Pipeline", "description": "The recorder: what it is doing, and its switch."},
    {
        "name": "Service",
        "description": "The service: what it is, whether it is well, what it holds.",
    },
]
# A deployment may require a key. API Gateway checks it, not the application.
SECURITY_SCHEMES = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "The key of a usage plan, where the deployment asks for one; on a laptop "
        "there is none.",
    }
}
_OPTIONAL_KEY: list[dict[str, list[str]]] = [{}, {"ApiKey": []}]
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "the `ETag` of the answer that is already there; 304 if it still holds",
    "schema": {"type": "string", "examples": ['"1d0f4ac3a1b2c3d4.5e6f7a8b"']},
}
TIME_ZONE = {
    "name": route_parameters.TIME_ZONE,
    "in": "query",
    "required": False,
    "description": "the time in which moments are written, for people who read them: UTC as "
    "2026-06-19T09:32:30Z, or IST as 2026-06-19T15:02:30+05:30",
    "schema": {"type": "string", "enum": list(ZONES), "default": "UTC"},
}
# What the page /docs fills in beside defaults, so that each request can be sent as it is.
_FILLED_IN: dict[str, dict[str, tuple[str, object]]] = {
    "getHistory": {"strikes_around_atm": ("at the money", 0), "limit": ("a few", 10)},
    "getChanges": {"from": ("since the opening", "09:20"), "limit": ("a few", 10)},
    "getSnapshots": {"limit": ("a few", 10)},
    "getDisagreements": {"limit": ("a few", 10)},
    "getArchive": {"limit": ("a few", 10)},
    "getScreener": {"sort": ("the highest rank", "-iv_rank"), "limit": ("a few", 10)},
    "getSymbols": {"limit": ("a few", 10)},
    "getOpenInterestHistory": {
        "strikes_around_atm": ("at the money", 0),
        "limit": ("a few", 10),
    },
    "getAnalyticsHistory": {
        "metric": ("two", "pcr_oi,straddle_price"),
        "interval": ("by minute", "1m"),
        "limit": ("a few", 10),
    },
}
_NULL = {"type": "null"}
# These need a key, as does everything below /option-chain/. Start and stop need a signature.
_KEYED = {"/symbols", "/screener", "/stats", "/pipeline/status", "/archive"}
_CHAINS = {"getOptionChain", "getStrikes", "getExpiryDates"}
_DERIVED = {
    *("getAnalytics", "getAnalyticsHistory", "getSmile", "getOpenInterest", "getScreener"),
    *("getGammaExposure", "getTermStructure", "getSurface", "getOpenInterestHistory"),
    "getIvRank",
}
_LISTS = {"getSnapshots", "getHistory", "getChanges", "getDisagreements", "getArchive"}
_TAGGED = _CHAINS | _DERIVED | _LISTS | {"getSymbols", "getDays"}


def is_data(path: str) -> bool:
    """Tell whether a path serves data, for which a deployment may require a key."""
    return is_of_chains(path) or path in _KEYED


def is_of_chains(path: str) -> bool:
    """Tell whether the answers at a path are about snapshots, contracts or ticks."""
    return path.startswith("/option-chain/")


def is_paged(operation: dict[str, Any]) -> bool:
    """Tell whether an operation answers a page at a time."""
    names = {parameter.get("name") for parameter in operation["parameters"]}
    return not names.isdisjoint(("cursor", "offset"))


def has_tag(operation: dict[str, Any]) -> bool:
    """Tell whether an operation's answers have an entity tag, so that it can answer 304."""
    return operation["operationId"] in _TAGGED


def in_formats(operation: dict[str, Any]) -> bool:
    """Tell whether an operation answers in CSV and NDJSON too."""
    names = {parameter.get("name") for parameter in operation.get("parameters", [])}
    return "format" in names or operation["operationId"] == "filterOptionChain"


def complete_request(path: str, operation: dict[str, Any]) -> None:
    """Describe parameters and body without `null`: a parameter without a value is left out."""
    for parameter in operation.get("parameters", []):
        _complete_parameter(parameter)
        _fill_in(parameter, _FILLED_IN.get(operation["operationId"], {}))
    if path != "/":  # a list of links, without a moment
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/TimeZone"})
    if has_tag(operation):
        operation["parameters"].append({"$ref": "#/components/parameters/IfNoneMatch"})
    if "requestBody" in operation:
        _complete_body(operation["requestBody"])


def _complete_parameter(parameter: dict[str, Any]) -> None:
    schema = parameter["schema"]
    if _NULL in schema.get("anyOf", []):
        (only,) = (each for each in schema.pop("anyOf") if each != _NULL)
        schema = only | schema
    for said_by_the_parameter in ("title", "description"):
        schema.pop(said_by_the_parameter, None)
    parameter["schema"] = schema


def _fill_in(parameter: dict[str, Any], filled: dict[str, tuple[str, object]]) -> None:
    if parameter["name"] in filled:
        name, value = filled[parameter["name"]]
        parameter["examples"] = {name: {"value": value}}


def _complete_body(body: dict[str, Any]) -> None:
    content = body["content"]["application/json"]
    (model,) = (each for each in content["schema"]["anyOf"] if each != _NULL)
    content["schema"] = model
    body["required"] = False
    body["description"] = "What to find; left out where `cursor` is given, needed otherwise."


def secure(path: str, operation: dict[str, Any]) -> None:
    """Mark an operation for which a deployment may require a key."""
    if is_data(path):
        operation["security"] = _OPTIONAL_KEY
