"""Which request gets which fault, and which market the command line chooses."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from local.nse_simulator.__main__ import market_of, parse_arguments
from local.nse_simulator.faults import CHAIN, CONTRACTS, Fault, Faults
from local.nse_simulator.market import SimulatedMarket
from local.stand_in.request_log import RequestLog

NIFTY, BANKNIFTY = "type=Indices&symbol=NIFTY", "type=Indices&symbol=BANKNIFTY"


@pytest.mark.parametrize(
    ("faults", "requests", "taken"),
    [
        ([], [CHAIN] * 2, [None, None]),
        ([{"kind": "empty"}], [CHAIN] * 3, ["empty"] * 3),
        ([{"kind": "empty", "times": 2, "after": 1}], [CHAIN] * 4, [None, "empty", "empty", None]),
        (
            [{"kind": "unauthorised", "times": 1}, {"kind": "empty", "times": 1}],
            [CHAIN] * 3,
            ["unauthorised", "empty", None],
        ),
        (
            [
                {"kind": "empty"},
                {"kind": "no_expiry_dates"},
                {"kind": "server_error", "path": "/option-chain"},
            ],
            [CONTRACTS, "/option-chain", "/api/marketStatus"],
            ["no_expiry_dates", "server_error", None],
        ),
        (
            [{"kind": "empty", "query": "symbol=NIFTY"}],
            [f"{CHAIN}?{NIFTY}", f"{CHAIN}?{BANKNIFTY}"],
            ["empty", None],
        ),
    ],
    ids=["none", "until cleared", "times and after", "queue", "by path", "by symbol"],
)
def test_a_fault_applies_to_its_requests(
    faults: list[dict[str, object]], requests: list[str], taken: list[str | None]
) -> None:
    active = Faults()
    for fault in faults:
        active.add(Fault.model_validate(fault))
    parts = [request.partition("?") for request in requests]
    found = [active.take(path, query) for path, _, query in parts]
    assert [fault and fault.kind.value for fault in found] == taken


@pytest.mark.parametrize(
    "details", [{"kind": "boredom"}, {"kind": "empty", "times": 0}, {"kind": "empty", "colour": 1}]
)
def test_unknown_faults_are_refused(details: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(details)


def test_the_request_log_is_bounded() -> None:
    assert RequestLog(length=3)._rows.maxlen == 3


def test_the_command_line_chooses_the_market(tmp_path: Path) -> None:
    market = market_of(parse_arguments(["--seed", "3", "--spelling", "2026-01"]))
    assert isinstance(market, SimulatedMarket)
    assert (market.seed, market.spelling) == (3, "2026-01")
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(SystemExit, match="--replay: "):
            market_of(parse_arguments(["--replay", str(folder)]))
