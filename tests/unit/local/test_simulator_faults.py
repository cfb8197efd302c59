"""Which request meets which fault, and what the command line asks for."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from local.nse_simulator.__main__ import market_of, parse_arguments
from local.nse_simulator.faults import CHAIN, CONTRACTS, Fault, FaultKind, Faults
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.middleware import IssuedCookies, RateLimit
from local.nse_simulator.request_log import RequestLog


def kinds(faults: Faults, requests: int, path: str = CHAIN, query: str = "") -> list[str | None]:
    taken = [faults.take(path, query) for _ in range(requests)]
    return [fault.kind.value if fault else None for fault in taken]


def test_without_faults_all_goes_well() -> None:
    assert kinds(Faults(), 2) == [None, None]


def test_fault_lasts_until_it_is_cleared() -> None:
    faults = Faults()
    faults.add("empty")
    assert kinds(faults, 3) == ["empty"] * 3
    assert faults.applied("empty") == 3
    faults.clear()
    assert kinds(faults, 1) == [None]


def test_fault_applies_a_number_of_times_after_a_number_of_requests() -> None:
    faults = Faults()
    faults.add(FaultKind.EMPTY, times=2, after=1)
    assert kinds(faults, 5) == [None, "empty", "empty", None, None]


def test_faults_queue_up() -> None:
    faults = Faults()
    faults.add("unauthorised", times=1)
    faults.add("empty", times=2)
    assert kinds(faults, 4) == ["unauthorised", "empty", "empty", None]


def test_fault_is_for_the_chain_unless_it_says_otherwise() -> None:
    faults = Faults()
    faults.add("empty")
    faults.add("no_expiry_dates")
    faults.add("server_error", path="/option-chain")
    assert kinds(faults, 1, CONTRACTS) == ["no_expiry_dates"]
    assert kinds(faults, 1, "/option-chain") == ["server_error"]
    assert kinds(faults, 1, "/api/marketStatus") == [None]


def test_fault_may_be_for_one_symbol() -> None:
    faults = Faults()
    faults.add("empty", query="symbol=NIFTY")
    assert kinds(faults, 1, query="type=Indices&symbol=NIFTY") == ["empty"]
    assert kinds(faults, 1, query="type=Indices&symbol=BANKNIFTY") == [None]


@pytest.mark.parametrize(
    "details", [{"kind": "boredom"}, {"kind": "empty", "times": 0}, {"kind": "empty", "colour": 1}]
)
def test_unknown_faults_are_refused(details: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(details)


def test_states_tell_what_was_met() -> None:
    faults = Faults()
    faults.add("too_many", times=1, retry_after=3)
    kinds(faults, 2)
    (state,) = faults.states()
    assert (state["kind"], state["retry_after"], state["applied"]) == ("too_many", 3, 1)


def test_rate_limit_blocks_for_a_while() -> None:
    rate = RateLimit(per_second=2, block_seconds=60)
    assert [rate.refuses() for _ in range(4)] == [False, False, True, True]
    assert not any(RateLimit().refuses() for _ in range(100))


def test_cookies_know_only_what_they_gave() -> None:
    assert not IssuedCookies().knows("made-up")
    assert not IssuedCookies(life=0).knows(IssuedCookies(life=0).issue())
    cookies = IssuedCookies()
    assert cookies.knows(cookies.issue())


def test_log_is_bounded() -> None:
    assert RequestLog(length=3)._rows.maxlen == 3


def test_command_line_chooses_the_market() -> None:
    market = market_of(parse_arguments(["--seed", "3", "--spelling", "2026-01"]))
    assert isinstance(market, SimulatedMarket)
    assert (market.seed, market.spelling) == (3, "2026-01")


def test_nothing_to_replay_is_told_in_a_line(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(SystemExit, match="--replay: "):
            market_of(parse_arguments(["--replay", str(folder)]))
