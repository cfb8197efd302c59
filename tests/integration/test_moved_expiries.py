"""The exchange moves expiries: what the recorder asks, and what readers are told, over HTTP."""

from local.nse_simulator.faults import CHAIN, CONTRACTS
from optionchain.mongo.listing_register import ListingRegister
from tests.integration.conftest import SceneAt
from tests.support.nse_client import KINDS
from tests.support.scripted_nse import NOON


def test_a_second_environment_asks_nothing_that_the_first_one_knows(scene_at: SceneAt) -> None:
    symbols = ("NIFTY", "BANKNIFTY", "M&M", "IDEA")
    with scene_at(NOON, nse_symbols=symbols) as here:
        with here.recorder() as first:
            assert {entry["outcome"] for entry in first.work(2)} == {"stored"}
        assert (here.asked(CONTRACTS), here.asked(KINDS)) == (4, 1)
        chains = here.asked(CHAIN)
        with here.recorder() as second:
            assert {entry["outcome"] for entry in second.work(2)} == {"stored"}
        assert (here.asked(CONTRACTS), here.asked(KINDS)) == (4, 1)
        assert here.asked(CHAIN) == 2 * chains
        assert set(ListingRegister(here.database).newest()) == set(symbols)
