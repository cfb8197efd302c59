"""Which lists of contracts are read: those of the market that is recorded, and of no other one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import pytest

from chain_fetch.contract_wiring import list_readers
from chain_fetch.source import Source
from optionchain.contract_terms import ContractTerms
from optionchain.market import Market
from optionchain.settings import Settings

HERE = "http://127.0.0.1:1"
TODAY = date(2026, 9, 21)
TERMS = {"NIFTY": {date(2026, 9, 29): ContractTerms(65)}}


class WithFile:
    """A source that offers a file; nothing else of it is asked."""

    def read_master(
        self, symbols: Sequence[str], deadline: float
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        assert (symbols, deadline) == (["NIFTY"], 1.0)
        return TERMS


SOURCES = cast("Mapping[str, Source]", {"nse": object(), "upstox": WithFile(), "dhan": WithFile()})


@pytest.mark.parametrize(("changes", "simulated", "names"), [
    ({}, False, ["upstox-files", "dhan-files", "bhavcopy"]),
    # The market is simulated in memory.
    ({}, True, []),
    ({"source_urls": {"upstox-files": HERE, "nse-files": HERE}}, True,
     ["upstox-files", "bhavcopy"]),
    # The exchange or a vendor is simulated over HTTP.
    ({"nse_base_url": HERE}, False, ["upstox-files", "dhan-files"]),
    ({"source_urls": {"upstox": HERE}}, False, ["dhan-files", "bhavcopy"]),
    ({"source_urls": {"upstox": HERE, "upstox-files": HERE}}, False,
     ["upstox-files", "dhan-files", "bhavcopy"]),
    ({"nse_base_url": HERE, "source_urls": {"nse-files": HERE}}, False,
     ["upstox-files", "dhan-files", "bhavcopy"]),
])  # fmt: skip
def test_the_lists_are_those_of_the_recorded_market(
    changes: dict[str, Any], simulated: bool, names: list[str]
) -> None:
    readers = list_readers(Settings(**changes), SOURCES, simulated=simulated)
    assert [reader.name for reader in readers] == names


def test_a_source_without_a_file_has_no_list() -> None:
    alone = {"nse": SOURCES["nse"]}
    assert [each.name for each in list_readers(Settings(), alone, simulated=False)] == ["bhavcopy"]


def test_the_file_of_a_source_is_of_today() -> None:
    (reader,) = list_readers(
        Settings(nse_base_url=HERE), {"upstox": SOURCES["upstox"]}, simulated=False
    )
    assert reader.day(TODAY, Market()) == TODAY
    assert reader.read(["NIFTY"], TODAY, 1.0) == TERMS
