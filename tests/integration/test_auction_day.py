"""The end of an expiry day with a closing auction: real recorder, real API, simulated exchange."""

from datetime import date, timedelta
from typing import Any

import pytest

from local.nse_simulator.market import SimulatedMarket
from tests.integration.conftest import SceneAt
from tests.support.api import client
from tests.support.histories import iso, ist
from tests.support.scripted_nse import LockstepClock, Scene

DAY = date(2026, 9, 22)
MINUTES = [f"15:{minute:02}" for minute in range(12, 40)]
SINCE = iso(ist(DAY, "15:16"))


def asked(here: Scene, minute: str) -> tuple[Any, Any, Any]:
    """Return the analytics of a minute, the chain around the money, and that of all expiries."""
    api = client(here.database, here.clock.now, here.settings)
    path, at = "/option-chain/NIFTY", f"as_of={DAY}T{minute}:30"
    queries = (f"/analytics?{at}", f"?greeks=true&strikes_around_atm=1&{at}", f"?expiry=all&{at}")
    answers = [api.get(path + query) for query in queries]
    assert [answer.status_code for answer in answers] == [200] * 3, answers
    analytics, chain, every = (answer.json() for answer in answers)
    return analytics, chain, every


def test_the_last_half_hour_of_a_simulated_expiry_day(scene_at: SceneAt) -> None:
    """The spot stands from 15:16 on and jumps at 15:30; the payoff is fixed at 15:35."""

    def exchange(clock: LockstepClock) -> SimulatedMarket:
        return SimulatedMarket(clock=clock.true, hours="exchange")

    changes: dict[str, Any] = {"nse_symbols": ("NIFTY",), "nse_expiries": 1}
    with (
        scene_at(ist(DAY, "15:12"), exchange, market_hours="exchange", **changes) as here,
        here.recorder() as recorder,
    ):
        for minute in MINUTES:
            here.clock.go_to(ist(DAY, minute) + timedelta(seconds=10))
            recorder.work()
        here.clock.go_to(ist(DAY, "15:45"))
        recorder.work()
        here.clock.go_to(ist(DAY, "15:50"))
        seen = {minute: asked(here, minute) for minute in (*MINUTES, "15:45")}
    spots = {minute: seen[minute][0]["underlying_value"] for minute in seen}
    stands = [minute for minute in MINUTES if "15:16" <= minute < "15:30"]
    assert len({spots[minute] for minute in stands}) == 1
    assert spots["15:30"] != spots["15:29"]
    for minute, (analytics, chain, every) in seen.items():
        frozen = "15:17" <= minute < "15:40"
        told = frozen, SINCE if frozen else None
        for answer in (analytics, chain, every["expiries"][0]):
            assert (answer["frozen"], answer["frozen_since"]) == told, minute
        # The other expiries are read in rotation, some of them for the last time in the auction.
        assert every["frozen"] is any(row["frozen"] for row in every["expiries"])
        money = analytics["model"]["forward"] if frozen else analytics["underlying_value"]
        assert analytics["reference_price"] == pytest.approx(money), minute
        nearest = [row["strike_price"] for row in chain["calls"]]
        assert nearest[1] == analytics["atm_strike"]
        assert abs(nearest[1] - money) <= (nearest[2] - nearest[0]) / 4
        fixed = "15:35" <= minute < "15:40"
        reason = "payoff_fixed" if fixed else "expired" if minute == "15:45" else None
        assert analytics["reasons"].get("total_gamma_exposure") == reason, minute
        assert chain["model"]["payoff_fixed"] is fixed
        if reason:
            assert {leg["iv_reason"] for leg in chain["calls"] + chain["puts"]} == {reason}
            assert analytics["atm_iv"] is None
        else:
            assert analytics["atm_iv"] > 0
    forwards = {seen[minute][0]["model"]["forward"] for minute in stands}
    assert len(forwards) > 10, "options trade on, and their forward moves"
