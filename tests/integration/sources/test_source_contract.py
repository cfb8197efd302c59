"""What every source promises, over a real HTTP server that misbehaves as its vendor does."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from chain_fetch.refused import Refused
from chain_fetch.sources import SOURCES
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Quote
from tests.integration.sources.adapter import (
    FAR,
    HOLIDAYS,
    NEAR,
    NEW_TOKEN,
    SYMBOL,
    TOKEN,
    Fault,
)
from tests.integration.sources.adapters import ADAPTERS
from tests.integration.sources.conftest import Asking
from tests.support.nse_client import CLOSE, RESET, at_once, dripped, http_answer, refusal
from tests.support.patience import PATIENCE_SECONDS, within
from tests.support.snapshots import TICK, snapshot
from tests.support.vendor_server import Asked

PERCENTAGES = ("pchange", "pchange_in_oi")
WITH_TOKEN = [adapter for adapter in ADAPTERS if adapter.token]
IN_SHARES = [adapter for adapter in ADAPTERS if adapter.counts_shares]
VENDORS_FAULTS = [
    pytest.param(adapter, fault, id=f"{adapter}: {name}")
    for adapter in ADAPTERS
    for name, fault in adapter.faults.items()
]


def test_every_source_takes_part() -> None:
    assert [adapter.name for adapter in ADAPTERS] == list(SOURCES)


def test_terms_are_of_this_project(asking: Asking) -> None:
    terms = asking.terms
    assert terms.windows
    assert all(window.requests > 0 and window.seconds > 0 for window in terms.windows)
    assert set(terms.derived) <= set(Quote._fields)
    assert bool(terms.warns_before) == bool(asking.adapter.token)


def test_expiries_are_those_from_today_on(asking: Asking) -> None:
    assert asking.source.expiries(SYMBOL, within()) == [NEAR, FAR]


def test_a_chain_has_the_numbers_of_the_market(asking: Asking) -> None:
    """Whatever the dialect: contracts, rupees, units and percent."""
    asking.list_first()
    read, unsent = asking.chain(), asking.adapter.unsent
    expected = snapshot(stamp=read.stamp)
    assert (read.symbol, read.expiry, read.fetched_at) == (SYMBOL, NEAR, TICK)
    assert read.underlying_value == expected.underlying_value
    assert read.source == asking.adapter.name
    assert read.derived == asking.terms.derived
    assert (read.exchange_timestamp is not None) == asking.terms.stamped
    assert len(read.quotes) == len(expected.quotes)
    for quote, other in zip(read.quotes, expected.quotes, strict=True):
        for name in Quote._fields:
            value, wanted = getattr(quote, name), getattr(other, name)
            if name in unsent:
                assert value is None
            elif name in PERCENTAGES:
                assert value == pytest.approx(wanted, abs=0.01)
            else:
                assert (name, value) == (name, wanted)


def test_holidays_are_those_of_the_vendor(asking: Asking) -> None:
    if asking.terms.lists_holidays:
        assert asking.source.holidays(within()) == HOLIDAYS
    else:
        assert not asking.server.asked


@pytest.mark.parametrize(("adapter", "fault"), VENDORS_FAULTS)
def test_each_refusal_of_the_vendor_has_its_reason(asking: Asking, fault: Fault) -> None:
    asking.list_first()
    asking.fail_chains(fault)
    refused = refusal(asking.chain)
    assert refused.reason == fault.reason, refused
    assert getattr(refused, "retry_after", None) == fault.waits


COMMON_FAULTS: dict[str, tuple[Callable[[bytes], object], str]] = {
    "no byte": (lambda _: http_answer(), "empty"),
    "blanks": (lambda _: http_answer(b" \r\n "), "empty"),
    "page of a front": (lambda _: http_answer(b"<html>Just a moment"), "not_json"),
    "not UTF-8": (lambda good: good.replace(b'"data"', b'"dat\xff"'), "not_json"),
    "cut by the connection": (lambda good: good[:-40] + CLOSE, "truncated"),
    "cut and reset": (lambda good: good[:-40] + RESET, "truncated"),
    "cut before it was sent": (
        lambda good: http_answer(good.partition(b"\r\n\r\n")[2][:-40]),
        "truncated",
    ),
    "cut compression": (
        lambda _: http_answer(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", Content_Encoding="gzip"),
        "truncated",
    ),
    "unknown compression": (lambda _: http_answer(b"x", Content_Encoding="br"), "not_json"),
    "server error": (lambda _: http_answer(b"", "500 Internal Server Error"), "server_error"),
    "bad gateway": (lambda _: http_answer(b"<html>502", "502 Bad Gateway"), "server_error"),
    "redirect": (lambda _: http_answer(b"", "302 Found", Location="/login"), "server_error"),
    "too many requests": (lambda _: http_answer(b"", "429 Too Many Requests"), "rate_limited"),
    "silence": (lambda good: iter([good[:20]]), "timeout"),
    "drip": (lambda good: dripped(good, 0.05, begin=200), "timeout"),
}


@pytest.mark.parametrize("name", COMMON_FAULTS)
def test_a_bad_answer_is_refused_with_its_reason(
    asking: Asking, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    make, reason = COMMON_FAULTS[name]
    asking.list_first()
    good = chain_answer_of(asking)
    asking.fail_chains(Fault(lambda _: make(good), reason))  # type: ignore[arg-type,return-value]
    with caplog.at_level(logging.DEBUG):
        seconds = 0.6 if reason == "timeout" else PATIENCE_SECONDS
        refused = refusal(lambda: asking.chain(seconds))
    assert refused.reason == reason, refused
    waits = asking.adapter.limit_waits if reason == "rate_limited" else None
    assert getattr(refused, "retry_after", None) == waits
    assert TOKEN not in str(refused) + caplog.text


def chain_answer_of(asking: Asking) -> bytes:
    """The vendor's good answer, as it was sent."""
    sent: list[bytes] = []

    def noted(asked: Asked) -> bytes:
        answer = asking.adapter.answer(asked)
        assert isinstance(answer, bytes)
        sent.append(answer)
        return answer

    asking.server.answer = noted
    asking.chain()
    return sent[-1]


def test_a_vendor_that_is_away_is_a_server_error(asking: Asking) -> None:
    asking.list_first()
    asking.fail_chains(CLOSE)
    assert refusal(asking.chain).reason in ("server_error", "truncated")


def test_a_limit_ends_the_requests_of_the_tick(asking: Asking) -> None:
    """After a 429 the other requests of the tick are not sent; the next tick asks again."""
    asking.list_first()
    asking.fail_chains(http_answer(b"", "429 Too Many Requests"))
    deadline = within()
    for _ in range(3):
        assert refusal(lambda: asking.source.chain(SYMBOL, NEAR, deadline)).reason == "rate_limited"
    assert len(asking.chains_asked) == 1
    assert refusal(asking.chain).reason == "rate_limited"
    assert len(asking.chains_asked) == 2


def test_no_request_is_sent_without_a_place_in_the_budget(asking: Asking) -> None:
    asking.list_first()
    asking.chain()
    assert asking.parts.places.taken == len(asking.server.asked)
    asking.parts.places.places = asking.parts.places.taken
    sent = len(asking.server.asked)
    refused = refusal(asking.chain)
    assert refused.reason == "busy"
    assert len(asking.server.asked) == sent


def test_requests_of_a_tick_run_side_by_side(asking: Asking) -> None:
    asking.list_first()
    at_once(lambda _: asking.chain(), 4)
    assert len(asking.chains_asked) == 4
    assert asking.parts.places.taken == len(asking.server.asked)


@pytest.mark.parametrize("adapter", WITH_TOKEN, ids=str)
class TestToken:
    """Of the sources that need one."""

    def test_a_token_goes_with_each_request_for_a_chain(self, asking: Asking) -> None:
        asking.list_first()
        asking.chain()
        assert all(asking.adapter.sends_token(asked, TOKEN) for asked in asking.chains_asked)

    def test_a_netrc_of_the_user_does_not_replace_it(
        self, asking: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("default login somebody password something")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        asking.list_first()
        asking.chain()
        assert all(asking.adapter.sends_token(asked, TOKEN) for asked in asking.chains_asked)
        assert not any(
            asked.headers.get("authorization", "").startswith("Basic")
            for asked in asking.server.asked
        )

    def test_a_dead_token_is_told_and_refused(
        self, asking: Asking, caplog: pytest.LogCaptureFixture
    ) -> None:
        asking.list_first()
        asking.fail_chains(asking.adapter.dead_token)
        with caplog.at_level(logging.DEBUG):
            refused = refusal(asking.chain)
        assert refused.reason == "unauthorised"
        assert asking.parts.credentials.refusals == [TOKEN]
        assert len(asking.chains_asked) == 1
        assert TOKEN not in str(refused) + caplog.text

    def test_another_token_is_used_in_the_same_tick(self, asking: Asking) -> None:
        asking.list_first()
        adapter = asking.adapter

        def answer(asked: Asked) -> object:
            return (
                adapter.dead_token if adapter.sends_token(asked, TOKEN) else adapter.answer(asked)
            )

        asking.server.answer = answer  # type: ignore[assignment]
        asking.parts.credentials.found_later = adapter.other_token
        assert len(asking.chain().quotes) == 4
        assert [adapter.sends_token(asked, NEW_TOKEN) for asked in asking.chains_asked] == [
            False,
            True,
        ]

    def test_a_token_for_something_else_is_not_taken_for_a_dead_one(self, asking: Asking) -> None:
        asking.list_first()
        asking.fail_chains(asking.adapter.other_use)
        assert refusal(asking.chain).reason == "unauthorised"
        assert asking.parts.credentials.refusals == []

    def test_without_a_token_nothing_is_asked(self, asking: Asking) -> None:
        asking.parts.credentials.values = {}
        assert refusal(asking.list_first).reason == "unauthorised"
        assert asking.server.asked == []

    @pytest.mark.parametrize("bad", ["two words", "line\nbreak", "ü" * 20, "\x00"])
    def test_a_token_that_cannot_be_sent_is_not_shown(
        self, asking: Asking, bad: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        values = asking.adapter.token
        asking.parts.credentials.values = {
            name: bad if value == TOKEN else value for name, value in values.items()
        }
        with caplog.at_level(logging.DEBUG):
            refused = refusal(asking.list_first)
        assert refused.reason == "unauthorised"
        assert bad not in str(refused) + caplog.text
        assert asking.server.asked == []


@pytest.mark.parametrize("adapter", IN_SHARES, ids=str)
class TestShares:
    """Of the sources that count in shares."""

    def body(self, asking: Asking) -> bytes:
        asking.list_first()
        return asking.source.chain(SYMBOL, NEAR, within())

    @pytest.mark.parametrize("reason", ["not_read", "not_listed", "sources_differ"])
    def test_without_a_lot_there_is_no_chain(self, asking: Asking, reason: str) -> None:
        body = self.body(asking)
        asking.parts.lots.known = {(SYMBOL, NEAR): ContractTerms(reasons={"lot_size": reason})}
        with pytest.raises(PayloadInvalid, match=f"the lot size is not known .{reason}"):
            asking.source.parse(body, SYMBOL, TICK)

    def test_a_lot_that_leaves_a_remainder_is_named(self, asking: Asking) -> None:
        body = self.body(asking)
        asking.parts.lots.known = {(SYMBOL, NEAR): ContractTerms(lot_size=7_777)}
        with pytest.raises(PayloadInvalid, match="no whole number of contracts of 7777 shares"):
            asking.source.parse(body, SYMBOL, TICK)


def test_what_parses_raises_nothing_but_its_own_errors(asking: Asking) -> None:
    for body in (b"", b"null", b"[]", b"\x00", b"{" * 10_000, b'{"data":{"oc":{}}}'):
        with pytest.raises(PayloadInvalid):
            asking.source.parse(body, SYMBOL, TICK)


def test_a_source_that_was_closed_can_be_closed_again(asking: Asking) -> None:
    asking.source.open()
    asking.source.close()
    asking.source.close()
    assert not asking.server.asked


def test_refusals_are_the_ledger_s_own(asking: Asking) -> None:
    asking.server.answer = lambda _: http_answer(b"", "503 Unavailable", Retry_After=30)
    refused = refusal(asking.list_first)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.retry_after) == ("server_error", 30)
