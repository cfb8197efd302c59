"""What the command prints on the captures, and where they are absent."""

from pathlib import Path

import pytest

from local.evidence.__main__ import main
from local.evidence.captures import Captures
from local.evidence.facts import FACTS, report
from tests.conftest import CAPTURED

# The counts on the captures; prices and levels of the index stay with them.
COUNTS = {
    "settled": [
        "1,384 contracts", "688 of 1,384 (50 %)", "-2.14 %", "213 of 1,384 (15 %)", "212 had none",
        "214 of 1,384 (15 %)", "volume changed in 2, bid or ask in 0",
        "1,338 contracts", "645 of 1,338 (48 %)", "-1.85 %", "157 of 1,338 (12 %)", "157 had none",
        "202 of 1,338 (15 %)", "volume changed in 0, bid or ask in 0",
    ],
    "base": [
        "17 Oct 2025 09:22:44", "equal in 495 of 495", "equal in 77 of 495",
        "17 Oct 2025 13:09:51", "equal in 781 of 781", "equal in 204 of 781",
        "17 Oct 2025 15:30:00", "equal in 824 of 824", "equal in 229 of 824",
    ],
    "volatility": [
        "of 287 minutes", "last price in 280", "volatility in 32", "are 25;", "is 20 minutes",
        "expiry 2026-08-25: calls -0.40, puts +0.47 points (medians of 6,912)",
        "expiry 2026-08-25: 7.11 days are left", "counts 6.96", "288 minutes",
        "expiry 2026-08-18: 0.11 days are left", "counts 0.98", "288 minutes",
        "47.9 points", "10.3 % a year (medians of 448)", "38.2 points",
    ],
    "formula": ["at 10 % a year: 145 of 145 (100 %)", "at 6.5 % a year: 0 of 145 (0 %)"],
    "closing-auction": ["from 15:16 to 15:29", "76.30 points"],
    "payoff": [
        "15:00 IST  55.5 points", "15:05 IST  48.8 points", "15:10 IST  48.8 points",
        "15:15 IST  51.4 points", "15:20 IST  48.5 points",
        "15:25 IST  41.4 points", "15:30 IST  35.2 points",
    ],
    "newly-listed": [
        "4; 4 of them", "hold 1,734 contracts", "15; 15 of them", "hold 9,164 contracts",
        "22; 20 of them", "hold 19,936 contracts",
    ],
    "no-trade": [
        "331 of 1,368 (24 %)", "change 0 in 284, a volatility in 0, no two-sided quote in 46",
        "212 of 1,384 (15 %)", "change 0 in 188, a volatility in 0, no two-sided quote in 58",
        "157 of 1,338 (12 %)", "change 0 in 140, a volatility in 0, no two-sided quote in 53",
        "31 of 149 (21 %)", "change 0 in 31, a volatility in 0, no two-sided quote in 4",
        "107 of 842 (13 %)", "change 0 in 106, a volatility in 0, no two-sided quote in 15",
        "32 of 223 (14 %)", "change 0 in 28, a volatility in 0, no two-sided quote in 3",
        "15 of 52 (29 %)", "change 0 in 15, a volatility in 0, no two-sided quote in 9",
        "12 of 85 (14 %)", "change 0 in 11, a volatility in 0, no two-sided quote in 1",
        "26 of 194 (13 %)", "change 0 in 26, a volatility in 0, no two-sided quote in 3",
        "none of 12,371 contracts in the other 9 bodies",
    ],
    "previous-close": ["equal in 28 of 586", "equal in 101 of 755", "equal in 132 of 799"],
    "quantities": ["all 2,476 quantities", "multiples of 75", "8 of 973 (1 %)", "62 are no whole"],
}  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
def test_fact_has_its_counts_on_the_captures(name: str) -> None:
    if not CAPTURED.is_dir():
        pytest.skip(f"the captured responses are not here: {CAPTURED}")
    text = "\n".join(report(name, Captures(CAPTURED)))
    place = 0
    for count in COUNTS[name]:
        assert count in text[place:], text
        place = text.index(count, place)


@pytest.mark.parametrize("name", FACTS)
def test_fact_says_which_capture_is_absent(name: str, tmp_path: Path) -> None:
    title, line = report(name, Captures(tmp_path))
    assert title.startswith(f"{name}: ")
    assert line.startswith("  NOT SHOWN: there is no ")
    assert line.endswith(f" in {tmp_path}")


def test_command_prints_the_facts_that_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["base", "payoff", "--captures", str(tmp_path)])
    titles = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [title.partition(":")[0] for title in titles] == ["base", "payoff"]


def test_command_without_a_name_prints_all_facts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--captures", str(tmp_path)])
    assert capsys.readouterr().out.count("NOT SHOWN") == len(FACTS)


def test_command_refuses_an_unknown_fact(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["luck"])
    assert "unknown: luck; there are settled," in capsys.readouterr().err
