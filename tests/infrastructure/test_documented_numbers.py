"""Numbers that the documents state are those of the application, which is asked for each of them.

A claim is a document, a pattern that finds the sentence, and what the application says instead of
the groups of the pattern.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pkgutil import resolve_name
from typing import Any, NamedTuple

import pytest

from chain_api.calculations.expiry_gaps import GAP_TICKS
from chain_api.middleware.body_bound import MOST_BYTES as MOST_BODY
from chain_fetch.recording.source_choice.backoff_rules import after_tick
from chain_fetch.refused import Refused
from optionchain.errors import SettingInvalid
from optionchain.exchange_time import IST
from optionchain.market import Market
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, indexes
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason
from optionchain.settings import Settings
from tests.infrastructure.files import text_of

API, OPERATIONS, ANALYTICS = "docs/api.md", "docs/operations.md", "docs/analytics.md"
ARCHITECTURE, README = "docs/architecture.md", "README.md"
OPENAPI = "functions/api/openapi.json"
WORDS = {"an": 1, "two": 2, "three": 3, "five": 5, "Five": 5}
TEMPLATE = text_of("template.yaml")
PATHS: dict[str, Any] = json.loads(text_of(OPENAPI))["paths"]
MODELS: dict[str, Any] = json.loads(text_of(OPENAPI))["components"]["schemas"]


class Claim(NamedTuple):
    """What a document says, and how to ask the application for it."""

    document: str
    pattern: str
    ask: Callable[[], tuple[float, ...]]


def constant(name: str) -> Any:  # noqa: ANN401
    """Return a value of a module, `package.module:NAME`."""
    return resolve_name(name)


def minutes(name: str) -> tuple[float, ...]:
    return (constant(name) / timedelta(minutes=1),)


def highest_limit(path: str) -> float:
    parameters = PATHS[path]["get"]["parameters"]
    (highest,) = (each["schema"]["maximum"] for each in parameters if each.get("name") == "limit")
    return float(highest)


def limits() -> tuple[float, ...]:
    """Return the bounds and the defaults of `limit`: of lists, of the filter, of the archive."""
    described = {
        (path, parameter["schema"]["maximum"], told[0])
        for path, ways in PATHS.items()
        for parameter in ways.get("get", {}).get("parameters", [])
        if parameter.get("name") == "limit"
        and (told := re.findall(r"(\d+) by default", parameter["description"]))
    }
    others = ("/archive", "/symbols")
    ((most, told),) = {(most, told) for path, most, told in described if path not in others}
    ((archived, told_of_archive),) = {each[1:] for each in described if each[0] == "/archive"}
    default = constant("chain_api.pagination.request:DEFAULT_LIMIT")
    assert int(told) == default
    body = MODELS["FilterRequest"]["properties"]["limit"]
    return most, body["maximum"], archived, default, body["default"], int(told_of_archive)


def longest_range() -> tuple[float, ...]:
    """Return how many days a list may cover."""
    return (constant("chain_api.pagination.request:_LONGEST_RANGE").days,)


def longest_series() -> tuple[float, ...]:
    """Return how many days one series may cover with an archive."""
    return (constant("chain_api.pagination.request:_LONGEST_SERIES").days,)


def most_expiries() -> tuple[float, ...]:
    """Return how many nearest expiries the template lets a tick read."""
    match = re.search(r"^  Expiries:\n.*?MaxValue: (\d+)", TEMPLATE, re.MULTILINE | re.DOTALL)
    return (float(match[1]),) if match else ()


def settled() -> tuple[float, ...]:
    """Return how many minutes after the close the settled values are read."""
    return minutes("optionchain.market:_CLOSING_TICK_AFTER")


def close_on(day: date) -> tuple[float, ...]:
    """Return the hours of the ordinary session of a day: hour and minute of both ends."""
    (session,) = Market(holidays=frozenset()).sessions(day)
    opens, closes = (each.astimezone(IST) for each in session)
    return opens.hour, opens.minute, closes.hour, closes.minute


def header_grace() -> tuple[float, ...]:
    """Return by how many hours contracts outlive their header."""
    kept = {row.collection: row.ttl_seconds or 0 for row in indexes(30) if row.ttl_seconds}
    return ((kept[CONTRACTS] - kept[SNAPSHOTS]) / 3_600,)


def parameters(*names: str) -> tuple[float, ...]:
    """Return the defaults of parameters of the template."""
    pattern = r"^  {}:\n(?:.*\n)*?.*?Default: ([\d.]+)"
    found = (re.search(pattern.format(name), TEMPLATE, re.MULTILINE) for name in names)
    return tuple(float(match[1]) for match in found if match)


def waits(reason: Reason, retry_after: float = 0) -> tuple[float, ...]:
    """Return after how many ticks in a row a reason leads to a wait, and how long, in seconds."""
    state, lengths, now = SourceState(), list[float](), datetime(2026, 6, 19, tzinfo=IST)
    for _ in range(30):
        refused = Refused(reason, "as a test", retry_after=retry_after or None)
        state = after_tick(state, [refused], now, chance=lambda: 0.0)
        lengths.append((state.until - now).total_seconds() if state.until else 0.0)
    return 1 + lengths.count(0.0), min(filter(None, lengths)), max(lengths)


WAITING: tuple[Reason, ...] = ("unauthorised", "empty", "not_json", "server_error", "timeout")
SECONDS = {"s": 1, "min": 60, "h": 3_600}
AFTER = r".*after (\d+) (?:such )?ticks(?: at least| it waits)?"
LENGTHS = r"(\d+) (s|min|h) to (\d+) (s|min|h)"


def numbers_of(groups: tuple[str, ...]) -> tuple[float, ...]:
    """Return the numbers that a match holds; a unit of time multiplies the number before it."""
    found: list[float] = []
    for group in groups:
        if group in SECONDS:
            found[-1] *= SECONDS[group]
        else:
            found.append(WORDS.get(group) or float(group.replace(",", "")))
    return tuple(found)


NUMBER = r"([\d,.]*\d|two|three|five)"
SYMBOLS = "chain_api.schemas.symbols:"
HEALTH = "chain_api.calculations.health_reasons:"
TERMS, PRICING = "optionchain.analytics.terms:", "optionchain.analytics.pricing:"
SOLVING = "optionchain.analytics.solving:"
CLAIMS = [
    Claim(README, rf"\(NSE\) every {NUMBER} seconds", lambda: (Settings().nse_fetch_interval,)),
    Claim(README, rf"Each {NUMBER}-second tick", lambda: (Settings().nse_fetch_interval,)),
    Claim(README, rf"Polling every {NUMBER} seconds", lambda: (Settings().nse_fetch_interval,)),
    Claim(
        API,
        rf"`limit` is at most {NUMBER}, in a filter {NUMBER} and in the archive\s{NUMBER}; "
        rf"without it a page has {NUMBER} records, in a filter {NUMBER} and in the archive "
        rf"{NUMBER}",
        limits,
    ),
    Claim(
        API,
        rf"In `/screener` it is at most {NUMBER},\sand in `/symbols` {NUMBER}",
        lambda: tuple(highest_limit(path) for path in ("/screener", "/symbols")),
    ),
    Claim(API, rf"`limit` rows, {NUMBER} at most", lambda: (constant(f"{SYMBOLS}MAX_LIMIT"),)),
    Claim(API, rf"at most {NUMBER} days long", longest_range),
    Claim(OPENAPI, rf"At most {NUMBER} days at once", longest_range),
    Claim(API, rf"that of analytics may be {NUMBER} days long", longest_series),
    Claim(OPENAPI, rf"contract {NUMBER} days, where past days are archived", longest_series),
    Claim(OPENAPI, rf"At most 31 days at once; {NUMBER} days, where", longest_series),
    Claim(OPERATIONS, r"`Expiries` \(at most (\d+)", most_expiries),
    Claim(API, rf"at most {NUMBER} KB", lambda: (MOST_BODY / 1_024,)),
    Claim(
        API, rf"what Lambda can send, {NUMBER} MB",
        lambda: (constant("chain_api.caching.http_cache:MOST_BYTES") // 1_000_000,),
    ),
    Claim(API, rf"no answer within {NUMBER} intervals was good", lambda: (GAP_TICKS,)),
    Claim(API, rf"its last {NUMBER} answers were bad", lambda: (GAP_TICKS,)),
    Claim(
        API, rf"confirmed within {NUMBER} intervals, or within {NUMBER} seconds",
        lambda: (
            constant(HEALTH + "_CONFIRMED_PERIODS"),
            constant(HEALTH + "CONFIRMED_WITHIN") / timedelta(seconds=1),
        ),
    ),
    Claim(API, rf"The tick {NUMBER}\sminutes after each close", settled),
    Claim(ARCHITECTURE, r"(Five) minutes after each close", settled),
    Claim(API, r"headers (an) hour before their contracts", header_grace),
    Claim(
        API, rf"timestamp is (?:at most|more than) {NUMBER} minutes",
        lambda: minutes(HEALTH + "STAMPED_WITHIN"),
    ),
    Claim(
        OPERATIONS, rf"{NUMBER} requests a second, {NUMBER} at once, and {NUMBER} a day",
        lambda: parameters("ThrottleRate", "ThrottleBurst", "QuotaPerDay"),
    ),
    Claim(
        OPERATIONS, r"`exchange`: (\d\d):(\d\d)\W(\d\d):(\d\d) IST",
        lambda: close_on(date(2026, 11, 27)),
    ),
    Claim(
        OPERATIONS, r"outside (\d\d):(\d\d) to (\d\d):(\d\d) IST",
        lambda: close_on(date(2026, 11, 27)),
    ),
    Claim(
        ARCHITECTURE, r"sessions: (\d\d):(\d\d)\W(\d\d):(\d\d) IST",
        lambda: close_on(date(2026, 8, 3)),
    ),
    Claim(
        ARCHITECTURE, r"\((\d\d):(\d\d) before 3 August",
        lambda: close_on(date(2026, 7, 31))[2:],
    ),
    Claim(
        ARCHITECTURE, rf"stays on duty, {NUMBER} minutes at most",
        lambda: minutes("chain_fetch.recording.ticks.shift_hours:LONGEST_SHIFT"),
    ),
    Claim(OPERATIONS, r"`NSE_MAX_REQUESTS_PER_SECOND` is (\d+) with the", lambda: (
        float(constant("local.run.options:_SIMULATOR_DEFAULTS")["NSE_MAX_REQUESTS_PER_SECOND"]),
    )),
    Claim(
        OPERATIONS, rf"stamped more than {NUMBER} minutes after its tick",
        lambda: minutes("optionchain.exchange_time:LONGEST_LEAD"),
    ),
    Claim(
        OPERATIONS, r"of (\d+) MB and more",
        lambda: (constant("chain_fetch.http.bounded_body:MAX_BODY_BYTES") / 2**20,),
    ),
    *(
        Claim(OPERATIONS, rf"`{reason}` \|{AFTER} {LENGTHS}", partial(waits, reason))
        for reason in WAITING
    ),
    Claim(OPERATIONS, rf"`blocked` \|.*waits {LENGTHS}", lambda: waits("blocked")[1:]),
    Claim(
        OPERATIONS, rf"\| 403 \"Access Restricted\" \|.*waits {LENGTHS}",
        lambda: waits("rate_limited", constant("chain_fetch.nse.refusals:RATE_LIMIT_SECONDS"))[1:],
    ),
    Claim(OPERATIONS, rf"\| 429 \|.*waits {LENGTHS}", lambda: waits("rate_limited")[1:]),
    Claim(
        ANALYTICS, rf"at one of the {NUMBER} strikes at the money",
        lambda: (constant("optionchain.analytics.parity:_AT_THE_MONEY"),),
    ),
    Claim(
        ANALYTICS, rf"further from S than {NUMBER} % plus {NUMBER} % a year",
        lambda: (
            100 * constant(TERMS + "_HIGHEST_CARRY"),
            100 * constant(TERMS + "_HIGHEST_CARRY_PER_YEAR"),
        ),
    ),
    Claim(ANALYTICS, rf"number divided by {NUMBER}", lambda: (constant(TERMS + "DAYS_PER_YEAR"),)),
    Claim(
        ANALYTICS, rf"the {NUMBER} strikes (?:with the most OI|whose OI changed)",
        lambda: (constant("optionchain.analytics.open_interest:_MOST_ROWS"),),
    ),
    Claim(
        ANALYTICS, rf"above that by less than {NUMBER} ",
        lambda: (constant(SOLVING + "_LOWEST_TIME_VALUE"),),
    ),
    Claim(
        ANALYTICS, rf"above {NUMBER} %, or the sent one is below {NUMBER} % or above {NUMBER} %",
        lambda: tuple(
            100 * constant(name)
            for name in (
                SOLVING + "_HIGHEST_SOLVED",
                SOLVING + "LOWEST_VOLATILITY",
                PRICING + "_HIGHEST_SENT",
            )
        ),
    ),
]  # fmt: skip


def stated(text: str, claim: Claim) -> list[tuple[float, ...]]:
    """Return what a text says: one entry for each place that says it."""
    return [numbers_of(match.groups()) for match in re.finditer(claim.pattern, text)]


def wrong(text: str, claim: Claim) -> list[tuple[float, ...]]:
    """Return what a text says that is not so."""
    true = claim.ask()
    return [each for each in stated(text, claim) if each != pytest.approx(true)]


every_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.pattern)


@every_claim
def test_number_of_a_document_is_that_of_the_application(claim: Claim) -> None:
    text = text_of(claim.document)
    assert stated(text, claim), "the sentence is gone: take the claim out, or word it anew"
    assert wrong(text, claim) == []


def changed(text: str, claim: Claim) -> Iterator[str]:
    """Yield the text with one number changed, for each number of each place."""
    for match in re.finditer(claim.pattern, text):
        for group in range(1, len(match.groups()) + 1):
            if match[group] not in SECONDS:
                begin, end = match.span(group)
                other = "7" if match[group] in WORDS else f"{match[group]}1"
                yield text[:begin] + other + text[end:]


@every_claim
def test_changed_number_is_noticed(claim: Claim) -> None:
    texts = list(changed(text_of(claim.document), claim))
    assert texts
    for text in texts:
        assert wrong(text, claim) or not stated(text, claim)


# ── settings ─────────────────────────────────────────────────────────────────────────────────

BOUNDED = re.findall(
    r"^\| `([A-Z_]+)` \|[^|]*\| (?:seconds from )?(\d+) to (\d+)", text_of(OPERATIONS), re.MULTILINE
)


def is_allowed(name: str, text: str) -> bool:
    try:
        Settings.from_env({name: text})
    except SettingInvalid:
        return False
    return True


@pytest.mark.parametrize(("name", "low", "high"), BOUNDED)
def test_bounds_of_a_setting_are_those_that_are_accepted(name: str, low: str, high: str) -> None:
    if name == "MONGODB_DATABASE":  # these are lengths
        texts = ["a" * int(low), "a" * int(high), "a" * (int(high) + 1)]
        assert [is_allowed(name, text) for text in texts] == [True, True, False]
        return
    assert [is_allowed(name, text) for text in (low, high)] == [True, True]
    assert not is_allowed(name, str(int(low) - 1))
    assert not is_allowed(name, str(int(high) + 1))


def test_settings_with_bounds_are_in_the_table() -> None:
    assert {name for name, _, _ in BOUNDED} == {
        *("MONGODB_DATABASE", "NSE_FETCH_INTERVAL", "NSE_EXPIRIES", "NSE_MAX_REQUESTS_PER_SECOND"),
        *("NSE_ADDRESSES", "RETENTION_DAYS", "RISK_FREE_RATE"),
    }


def test_parameters_of_the_template_have_the_defaults_of_the_settings() -> None:
    names = ("FetchInterval", "Expiries", "RetentionDays", "RiskFreeRate")
    own = Settings()
    assert parameters(*names) == (
        *(own.nse_fetch_interval, own.nse_expiries, own.retention_days, own.risk_free_rate),
    )
