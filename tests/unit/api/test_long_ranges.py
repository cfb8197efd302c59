"""How long a range may be: a month, and with an archive a year of one series."""

from pathlib import Path

import pytest
from httpx2 import Response

from optionchain.settings import Settings
from tests.support.api import NOW, client, database_with, problem
from tests.support.mongomock_database import uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

CHAIN = "/option-chain/NIFTY"
CONTRACT = "identifier=NIFTY_CE_24000_23-Jun-2026"
ONE_SERIES = (
    f"history?{CONTRACT}",
    f"history?{CONTRACT}&interval=1d",
    "history?strike=24000&option_type=CE",
    "analytics/history?metric=pcr_oi",
    "analytics/history?interval=1d",
)
SEVERAL = (
    "history?strike=24000",
    "history?strikes_around_atm=1",
    "snapshots?expiry=nearest",
    "disagreements?expiry=all",
)


def asked(address: str, start: str, archive: Path | None) -> Response:
    """Return the answer about a range that ends now, on 19 June 2026."""
    settings = Settings(archive_url=str(archive) if archive else None)
    api = client(database_with(snapshot()), NOW, settings)
    return api.get(f"{CHAIN}/{address}&from={start}")


@pytest.mark.parametrize("address", ONE_SERIES)
def test_with_an_archive_one_series_is_a_year_long(address: str, tmp_path: Path) -> None:
    answer = asked(address, "2025-06-19", tmp_path)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["records"]) == 1
    refused = problem(asked(address, "2025-06-18", tmp_path), 422, "invalid-request")
    assert "must be at most 366 days before to" in refused["detail"]


@pytest.mark.parametrize("address", SEVERAL)
def test_with_an_archive_other_lists_are_a_month_long(address: str, tmp_path: Path) -> None:
    assert asked(address, "2026-05-20", tmp_path).status_code == 200
    refused = problem(asked(address, "2026-05-18", tmp_path), 422, "invalid-request")
    assert "must be at most 31 days before to" in refused["detail"]
    assert refused["detail"].endswith("one contract and analytics have up to 366 days")


@pytest.mark.parametrize("address", [*ONE_SERIES, *SEVERAL])
def test_without_an_archive_every_list_is_a_month_long(address: str) -> None:
    assert asked(address, "2026-05-20", None).status_code == 200
    refused = problem(asked(address, "2026-05-18", None), 422, "invalid-request")
    assert refused["detail"].endswith("before to (2026-06-19 15:02:32 IST)")
