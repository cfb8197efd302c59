"""What Upstox's client does beside the contract of all sources: lots, keys of shares, quotes."""

import gzip
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from chain_fetch.source import ListsContracts
from chain_fetch.upstox.source import UpstoxSource, open_source, terms
from optionchain.contract_terms import ContractTerms
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from tests.integration.sources.adapter import FAR, NEAR, STRIKES, SYMBOL, TOKEN
from tests.integration.sources.upstox_adapter import ADAPTER
from tests.support.nse_client import CLOSE, Sent, at_once, http_answer, refusal
from tests.support.patience import within
from tests.support.settings import changed
from tests.support.snapshots import TICK
from tests.support.source_parts import FakeCredentials, Parts
from tests.support.upstox_bodies import (
    LOT,
    MARKET_DATA,
    chain,
    contracts,
    encoded,
    instruments,
    quotes,
)
from tests.support.vendor_server import Asked, VendorServer, vendor_server

QUOTES = "/v3/market-quote/quotes"
CONTRACTS = "/v2/option/contract"
CHAIN = encoded(chain(STRIKES))


@contextmanager
def upstox(**changes: Any) -> Iterator[tuple[UpstoxSource, VendorServer, Parts]]:  # noqa: ANN401
    """The source with some settings changed, and its vendor without a fault."""
    with vendor_server(ADAPTER.answer) as server:
        settings = changed(Settings(), source_urls={"upstox": server.url}, **changes)
        parts = Parts(settings, lambda: TICK, FakeCredentials({"access_token": TOKEN}))
        with closing(open_source(parts.source_parts())) as source:
            yield source, server, parts


def read(source: UpstoxSource) -> Snapshot:
    return source.parse(source.chain(SYMBOL, NEAR, within()), SYMBOL, TICK)


def totals(source: UpstoxSource) -> set[tuple[float | None, float | None]]:
    return {(quote.total_buy_qty, quote.total_sell_qty) for quote in read(source).quotes}


def with_quotes(server: VendorServer, sent: Sent) -> None:
    def answer(asked: Asked) -> Sent:
        return sent if asked.path == QUOTES else ADAPTER.answer(asked)

    server.answer = answer


def test_lots_that_are_not_known_are_read_before_the_chain() -> None:
    """An execution environment that finds its list of expiries in the database has no lots."""
    with upstox() as (source, server, parts):
        at_once(lambda _: read(source), 4)
        assert len(server.asked_for(CONTRACTS)) == 1
        known = parts.lots.known[SYMBOL, FAR]
        assert known == ContractTerms(LOT, 0.05, LOT * 27)


def test_lots_that_stay_unknown_are_not_asked_for_again_at_once() -> None:
    with upstox() as (source, server, parts):
        source.expiries(SYMBOL, within())
        parts.lots.known.clear()
        for _ in range(2):
            assert "the lot size is not known" in str(refusal(lambda: read(source)))
        assert len(server.asked_for(CONTRACTS)) == 1


def test_totals_come_from_quotes_of_the_same_moment() -> None:
    with upstox(upstox_quotes=True) as (source, server, parts):
        with_quotes(server, http_answer(encoded(quotes(CHAIN))))
        assert totals(source) == {(98_700.0, 87_600.0)}
        (asked,) = server.asked_for(QUOTES)
        assert asked.query["instrument_key"].split(",") == [
            f"NSE_FO|{strike}{side}" for strike in STRIKES for side in ("CE", "PE")
        ]
        assert parts.places.taken == len(server.asked)
        assert read(source).exchange_timestamp is None


def test_a_market_that_has_moved_in_between_gives_no_totals() -> None:
    with upstox(upstox_quotes=True) as (source, server, _):
        moved = quotes(CHAIN, volume=MARKET_DATA["volume"] + LOT)
        with_quotes(server, http_answer(encoded(moved)))
        assert totals(source) == {(None, None)}


def test_quotes_that_are_refused_cost_no_chain_and_are_left_alone_for_a_while() -> None:
    with upstox(upstox_quotes=True) as (source, server, _):
        with_quotes(server, http_answer(b"", "429 Too Many Requests"))
        for _ in range(3):
            assert totals(source) == {(None, None)}
        assert len(server.asked_for(QUOTES)) == 1
        assert len(server.asked_for("/v2/option/chain")) == 3


def test_without_the_setting_no_quote_is_asked_for() -> None:
    with upstox() as (source, server, _):
        assert totals(source) == {(None, None)}
        assert server.asked_for(QUOTES) == []


def test_holidays_need_no_token() -> None:
    with upstox() as (source, server, parts):
        parts.credentials.values = {}
        assert source.holidays(within())
        (asked,) = server.asked
        assert "authorization" not in asked.headers


def test_quotes_of_more_contracts_than_a_request_may_name_are_asked_for_in_parts() -> None:
    large = encoded(chain(24_000.0 + number for number in range(300)))

    def answer(asked: Asked) -> Sent:
        if asked.path == "/v2/option/chain":
            return http_answer(large)
        return (
            ADAPTER.answer(asked) if asked.path != QUOTES else http_answer(encoded(quotes(large)))
        )

    with upstox(upstox_quotes=True) as (source, server, _):
        server.answer = answer
        assert totals(source) == {(98_700.0, 87_600.0)}
        named = [asked.query["instrument_key"].split(",") for asked in server.asked_for(QUOTES)]
        assert [len(keys) for keys in named] == [500, 100]


FILE = "/market-quote/instruments/exchange/NSE.json.gz"
SHARE = "NSE_EQ|INE0TEST01018"


def with_file(server: VendorServer, sent: bytes) -> None:
    def answer(asked: Asked) -> Sent:
        if asked.path == FILE:
            return sent
        if asked.query.get("instrument_key") == SHARE and asked.path == CONTRACTS:
            return http_answer(encoded(contracts({FAR: 250.0}, key=SHARE)))
        return ADAPTER.answer(asked)

    server.answer = answer


def file_of_a_share() -> bytes:
    rows = contracts({FAR: 250.0}, key=SHARE, underlying_symbol="TEST")["data"]
    return gzip.compress(encoded(instruments(rows)))


@pytest.mark.parametrize("headers", [{}, {"Content_Encoding": "gzip"}])
def test_the_file_of_instruments_tells_terms_without_a_token(headers: dict[str, str]) -> None:
    with upstox() as (source, server, parts):
        with_file(server, http_answer(file_of_a_share(), **headers))
        parts.credentials.values = {}
        found = source.read_master(["TEST", "NIFTY"], within())
        assert found == {"TEST": {FAR: ContractTerms(250, 0.05, 6_750)}, "NIFTY": {}}
        assert isinstance(source, ListsContracts)
        assert parts.places.taken == 0


def test_a_share_is_asked_for_by_the_key_of_the_file() -> None:
    with upstox() as (source, server, parts):
        with_file(server, http_answer(file_of_a_share()))
        assert source.expiries("TEST", within()) == [FAR]
        assert len(server.asked_for(FILE)) == 1
        # Another execution environment finds the key in the database.
        with closing(open_source(parts.source_parts())) as another:
            assert another.expiries("TEST", within()) == [FAR]
        assert len(server.asked_for(FILE)) == 1


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (http_answer(b"", "404 Not Found"), "server_error"),
        (http_answer(b"<html>", "403 Forbidden"), "blocked"),
        (http_answer(file_of_a_share()[:-30]), "truncated"),
        (http_answer(file_of_a_share())[:-30] + CLOSE, "truncated"),
        (http_answer(b"<html>"), "not_json"),
    ],
)
def test_a_file_that_cannot_be_had_has_its_reason(sent: bytes, reason: str) -> None:
    with upstox() as (source, server, _):
        with_file(server, sent)
        assert refusal(lambda: source.read_master(["TEST"], within())).reason == reason

        # It says nothing of the API, so the recorder does not wait because of it.
        refused = refusal(lambda: source.expiries("TEST", within()))
        assert refused.reason == "invalid_payload"
        assert source.expiries(SYMBOL, within())


def test_a_symbol_that_the_file_lacks_is_not_looked_for_again_at_once() -> None:
    with upstox() as (source, server, _):
        with_file(server, http_answer(file_of_a_share()))
        for _ in range(2):
            refused = refusal(lambda: source.expiries("NOSUCH", within()))
            assert "'NOSUCH' has no key in the vendor's list of options" in str(refused)
        assert len(server.asked_for(FILE)) == 1
        assert server.asked_for(CONTRACTS) == []


def test_holidays_are_read_with_a_token_that_has_ended() -> None:
    def answer(asked: Asked) -> Sent:
        return ADAPTER.dead_token if "authorization" in asked.headers else ADAPTER.answer(asked)

    with upstox() as (source, server, parts):
        server.answer = answer
        assert source.holidays(within())
        assert parts.credentials.refusals == [TOKEN]


@pytest.mark.parametrize(("quotes_wanted", "requests"), [(False, 1), (True, 2)])
def test_quotes_are_counted_in_the_budget(*, quotes_wanted: bool, requests: int) -> None:
    terms_of_it = terms(changed(Settings(), upstox_quotes=quotes_wanted))
    assert terms_of_it.requests_per_chain == requests


def test_a_lot_that_the_contracts_lack_may_come_from_another_list() -> None:
    def answer(asked: Asked) -> Sent:
        if asked.path == CONTRACTS:
            return http_answer(encoded(contracts({NEAR: 65.0}, lot_size=None)))
        return ADAPTER.answer(asked)

    with upstox() as (source, server, parts):
        server.answer = answer
        assert source.expiries(SYMBOL, within()) == [NEAR]
        assert "the lot size is not known (not_listed" in str(refusal(lambda: read(source)))
        parts.lots.known[SYMBOL, NEAR] = ContractTerms(lot_size=LOT)
        assert len(read(source).quotes) == 4
