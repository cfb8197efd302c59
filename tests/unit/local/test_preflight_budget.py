"""The preflight of the request budget: both groups of symbols share an account."""

import pytest

from local.preflight.budget_checks import budget_fits
from local.preflight.finding import Finding

UPSTOX = {"Source": "upstox"}


def test_the_plan_of_a_deployment_is_told() -> None:
    assert budget_fits(UPSTOX) == Finding(
        "ok",
        "budget",
        "upstox: 2 symbols x 2 nearest expiries each 5 s, and 1.27 further in rotation; 5.27 fit",
    )
    both = budget_fits({"Source": "upstox,nse", "Expiries": "1"})
    assert (both.level, both.text.count("nearest expiry each 5 s")) == ("ok", 2)


def test_symbols_of_the_exchange_take_turns() -> None:
    many = budget_fits({"Symbols": ",".join(f"S{number}" for number in range(20))})
    assert (many.level, "in turns" in many.text) == ("ok", True)


@pytest.mark.parametrize(
    ("parameters", "told", "remedy"),
    [
        (
            UPSTOX | {"Symbols2": "SBIN,TCS"},  # beside the two of the default
            "does not carry 4 symbols (NSE_SYMBOLS) x NSE_EXPIRIES=2 each 5 s",
            "Expiries=1 with FetchInterval=5, or Expiries=2 with FetchInterval=10",
        ),
        (
            UPSTOX | {"Symbols": ",".join(f"S{number}" for number in range(70))},
            "at most 63 symbols",
            "fewer Symbols",
        ),
        ({"FetchInterval": "7"}, "NSE_FETCH_INTERVAL='7'", "correct it"),
        ({"Source": "kite"}, "SOURCE='kite'", "correct it"),
    ],
)
def test_what_the_budget_does_not_carry_is_missing(
    parameters: dict[str, str], told: str, remedy: str
) -> None:
    found = budget_fits(parameters)
    assert (found.level, found.subject) == ("missing", "budget")
    assert told in found.text
    assert remedy in found.remedy
