#!/usr/bin/env bash
# indian-stock-market 0.6.0 (with polars 2.1.0), seen 29 November 2026.
#
# BhavcopyAnalyzer compares the exchange's daily files of two days and names what happened in a share's futures by the
# changes of price and open interest: long or short build-up, short covering or long unwinding.
#
# Likely guess: the changes are those of one contract, or of all of the share's contracts together. The exchange sends
# a contract's change in the row itself (ChngInOpnIntrst).
# Behaviour: of each day the contract that expires next is taken, and on the day after an expiry this is another one. A
# contract that ended with 500,000 shares is compared with the next month's 19,000,000: a "long_buildup" of 3,700 %,
# though open interest fell in that contract, and in all contracts together, and its price with it. The right words
# would be long unwinding. The price is compared in the same way, so the difference between two months counts as a move
# of the market; with a next month that is cheaper the answer is a short build-up. Nothing says that the contract
# changed.
#
# Why it matters: the build-up is the heaviest signal of the package's recommendation, and it is wrong for every share
# on the same day of each month. Tests with two days of one month are green. Join the days by contract, not by rank.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/indian-stock-market-takes-a-rollover-for-a-build-up.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check indian-stock-market==0.6.0 polars==2.1.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import polars
from indian_stock_market.analysis.bhavcopy_analysis import BhavcopyAnalyzer


def share(price):
    """Return the row of the share itself."""
    return polars.DataFrame(
        {
            "TckrSymb": ["EXAMPLE"],
            "FinInstrmNm": ["EXAMPLE LIMITED"],
            "SctySrs": ["EQ"],
            "ClsPric": [price],
            "TtlTradgVol": [1_000_000],
            "TtlTrfVal": [price * 1_000_000],
            "TtlNbOfTxsExctd": [1_000],
        }
    )


def futures(*rows):
    """Return the rows of the share's futures: expiry, price, open interest and its change."""
    columns = ("XpryDt", "ClsPric", "OpnIntrst", "ChngInOpnIntrst")
    frame = polars.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(FinInstrmTp=polars.lit("STF"), TckrSymb=polars.lit("EXAMPLE"))


def analysed(days):
    """Return what is said of the last of these days."""
    analyzer = BhavcopyAnalyzer()
    for date, price, rows in days:
        analyzer.load_data(date, share(price), futures(*rows))
    answer = analyzer.analyze_stock("EXAMPLE")
    return answer["fo_analysis"], answer["recommendation"]


MONDAY = (
    "20261026", 1_002.0,
    [("2026-10-27", 1_002.5, 4_000_000, -5_000_000), ("2026-11-24", 1_009.0, 17_000_000, 5_000_000)],
)
EXPIRY = (
    "20261027", 1_000.0,
    [("2026-10-27", 1_000.0, 500_000, -3_500_000), ("2026-11-24", 1_007.0, 20_000_000, 3_000_000)],
)
NEXT = (
    "20261028", 999.0,
    [("2026-11-24", 1_005.5, 19_000_000, -1_000_000), ("2026-12-29", 1_012.0, 400_000, 100_000)],
)
CHEAPER = ("20261028", 999.0, [("2026-11-24", 991.0, 19_000_000, -1_000_000)])

before, _ = analysed([MONDAY, EXPIRY])
after, advice = analysed([EXPIRY, NEXT])
below, warning = analysed([EXPIRY, CHEAPER])
(own,) = futures(*NEXT[2]).filter(polars.col("XpryDt") == "2026-11-24").to_dicts()
print(f"before the expiry: {before}")
print(f"the day after:     {after}\n                   {advice}")
print(f"a cheaper month:   {below}\n                   {warning}")
print(f"the row itself:    open interest {own['ChngInOpnIntrst']:+,}, price {1_005.5 - 1_007.0:+}")

assert before["buildup_type"] == "long_unwinding" and before["oi_change"] == -3_500_000
assert after["buildup_type"] == "long_buildup" and after["sentiment"] == "bullish"
assert after["oi_change"] == 18_500_000 and after["oi_change_pct"] == 3_700
assert advice["signals"] == ["F&O: Long buildup detected"]
assert below["buildup_type"] == "short_buildup" and below["sentiment"] == "bearish"
PYTHON
echo "As described: the day after an expiry is a build-up."
