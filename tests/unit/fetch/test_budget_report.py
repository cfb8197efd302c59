"""What the recorder says of its request budget at the start, and what it refuses."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chain_fetch.recording.budget.budget_report import BudgetReport
from chain_fetch.recording.budget.budget_sharing import BudgetSharing
from chain_fetch.recording.budget.known_symbols import KnownSymbols
from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.source import SourceTerms
from optionchain.errors import SettingInvalid
from optionchain.mongo.request_counts import RequestCounts
from optionchain.mongo.shift_register import NOBODY, ShiftRegister
from optionchain.settings import Settings
from optionchain.symbol_plan import make_plan
from tests.support.budgets import FEW, MANY
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.settings import changed
from tests.support.snapshots import TICK

pytestmark = uses_mongomock
OWN = ("NIFTY", "BANKNIFTY")


class Start:
    """A recorder of some sources at its start."""

    def __init__(self, terms: dict[str, SourceTerms], telemetry: Telemetry, **changes: Any) -> None:  # noqa: ANN401
        self.database = ShakyDatabase(memory_database())
        self.shifts = ShiftRegister(self.database)
        self.counts = RequestCounts(self.database)
        settings = changed(Settings(), **changes)
        known = KnownSymbols(self.shifts, lambda: TICK)
        self.sharing = BudgetSharing(lambda: make_plan(settings), known, settings)
        self.report = BudgetReport(
            terms, settings, self.counts, self.sharing, telemetry.logger, lambda: TICK
        )


def logged(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(line["level"], line.get("plan") or line["detail"]) for line in lines]


def test_the_plan_is_logged_and_stored_once_an_environment(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Start({"upstox": MANY}, telemetry)
    for _ in range(3):
        here.report.publish(OWN)
    text = "2 symbols x 2 nearest expiries each 5 s, and 1.27 further in rotation; 5.27 fit"
    assert logged(capsys) == [("INFO", text)]
    assert here.counts.plans(TICK)["upstox"]["text"] == text


@pytest.mark.parametrize(
    ("terms", "symbols", "changes", "named"),
    [
        ({"dhan": FEW}, OWN, {}, "source dhan does not carry 2 symbols"),
        ({"upstox": MANY, "dhan": FEW}, OWN, {}, "source dhan does not carry 2 symbols"),
        # The second group comes with its event, and shares the account of the first.
        ({"upstox": MANY}, ("SBIN", "TCS"), {}, "source upstox does not carry 4 symbols"),
        ({"dhan": FEW}, OWN, {"nse_fetch_interval": 6, "nse_expiries": 2}, "NSE_EXPIRIES=1 and"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_the_nearest_that_can(
    terms: dict[str, SourceTerms],
    symbols: tuple[str, ...],
    changes: dict[str, object],
    named: str,
    telemetry: Telemetry,
) -> None:
    with pytest.raises(SettingInvalid, match="NSE_SYMBOLS") as caught:
        Start(terms, telemetry, **changes).report.check(symbols)
    assert named in str(caught.value)
    assert str(caught.value).startswith("NSE_FETCH_INTERVAL=")


def test_a_setting_that_works_is_not_refused(telemetry: Telemetry) -> None:
    Start({"upstox": MANY}, telemetry).report.check(OWN)
    six = Start({"dhan": FEW}, telemetry, nse_fetch_interval=6, nse_expiries=1)
    six.report.check(OWN)
    assert six.report.settings.nse_fetch_interval == 6


def test_a_symbol_that_the_source_lists_anew_does_not_end_the_record(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five indices fit; with the sixth one they take turns, and it is said."""
    six = [f"I{number}" for number in range(6)]
    here = Start({"upstox": MANY}, telemetry, nse_symbols=("INDICES",), nse_fetch_interval=10)
    here.report.check(six)
    here.report.publish(six[:5])
    here.report.publish(six)
    assert [level for level, _ in logged(capsys)] == ["INFO", "WARNING"]


def test_symbols_of_other_recorders_on_duty_count_too(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Start({"upstox": MANY}, telemetry)
    here.shifts.take_over(["SBIN", *OWN], "other", TICK - timedelta(minutes=2))
    here.shifts.take_over(["TCS"], "gone", TICK - timedelta(minutes=4))
    here.shifts.take_over(["INFY"], NOBODY, TICK)
    here.report.publish(OWN)
    assert logged(capsys) == [
        ("WARNING", "3 symbols x 2 nearest expiries each 5 s, and 0 further in rotation; 5.27 fit")
    ]


def test_without_the_database_the_plan_is_stored_later(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Start({"upstox": MANY}, telemetry)
    here.database.away = True
    here.report.publish(OWN)
    here.database.away = False
    here.report.publish(OWN)
    assert [level for level, _ in logged(capsys)] == ["INFO", "WARNING"]
    assert here.counts.plans(TICK).keys() == {"upstox"}
