#!/usr/bin/env bash
# volg 0.1.6 (with numpy 2.5.5, pandas 3.1.1, scipy 1.18.1 and setuptools 80.9.0), seen 29 November 2026.
#
# volg.greek solves volatilities and Greeks of options; the time is given as days to the expiry, and its contract has 75
# units unless told otherwise, as NIFTY's had in 2025. It has a version for one option (iv, greeks) and one for a table
# (iv_vectorized, compute_greeks_vectorized).
#
# Likely guess: with 0 days left, as on every expiry date where days are counted from date to date, it raises, answers
# NaN, or counts the hours until the close; and both versions agree.
# Behaviour: for 0 days the one counts a whole year, and the other 0.001 years (8 hours and 46 minutes), all day long.
# An option at the money that has 3 hours left and costs what 12 % is worth has 0.22 % by the one and 7.03 % by the
# other. Vega is then 96.54 instead of 1.79 by the one; by the other it is 0, and so is every Greek, delta too.
# Nothing is raised and no warning is given. With 0.125 days both answer 12 %, as they should.
#
# Why it matters: the expiry date is the day with the largest volume. A volatility of 0.22 % looks like a calm market.
# Count the time to the moment at which the payoff is known, and have no volatility after it.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/volg-counts-a-year-on-the-expiry-date.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  volg==0.1.6 numpy==2.5.5 pandas==3.1.1 scipy==1.18.1 setuptools==80.9.0
cd "$folder"
venv/bin/python - <<'PYTHON'
from math import isclose, sqrt
from statistics import NormalDist

from pandas import DataFrame
from volg import greek

FORWARD, SIGMA = 24_200.0, 0.12


def price_of(hours):
    """Return the price of the call at the money (Black, no interest), in ticks of 0.05."""
    deviation = SIGMA * sqrt(hours / 8_760)
    return round(FORWARD * (2 * NormalDist().cdf(deviation / 2) - 1) * 20) / 20


def vega_of(hours):
    """Return what that call gains by one point of volatility, by the formula."""
    years = hours / 8_760
    return FORWARD * NormalDist().pdf(SIGMA * sqrt(years) / 2) * sqrt(years) / 100


def answers(days, price):
    """Return volatility, delta and vega by the version for one option and by the one for a table."""
    one = greek.greeks(FORWARD, FORWARD, 0.0, days, price, "C")
    row = {"sfut_price": FORWARD, "strike_price": FORWARD, "dte": days, "count": 1, "ce_ltp": price, "pe_ltp": price}
    table = greek.compute_greeks_vectorized(DataFrame([row])).iloc[0]
    return [tuple(float(each[name]) for name in ("iv", "delta_ce", "vega")) for each in (one, table)]


print("hours    days   one option: iv, delta, vega      table: iv, delta, vega       vega by the formula")
found = {}
for hours in (6, 3, 1):
    for days in (hours / 24, 0):
        one, table = found[hours, days] = answers(days, price_of(hours))
        shown = "   ".join("{:8.2f} %{:8.2f}{:9.2f}".format(*each) for each in (one, table))
        print(f"{hours:5} {days:7.3f}  {shown}   {vega_of(hours):12.2f}")

for hours in (6, 3, 1):
    for volatility, delta, vega in found[hours, hours / 24]:
        assert isclose(volatility, 12, abs_tol=0.05), "its volatility of a part of a day is wrong too"
        assert isclose(delta, 0.5, abs_tol=0.01) and isclose(vega, vega_of(hours), abs_tol=0.01)
    one, table = found[hours, 0]
    assert isclose(one[0], 12 * sqrt(hours / 8_760), abs_tol=0.01), "0 days are no longer a year"
    assert isclose(one[2], vega_of(8_760), abs_tol=0.2), "its vega is no longer that of a year"
    assert isclose(table[0], 12 * sqrt(hours / 8.76), abs_tol=0.05), "0 days are no longer 0.001 years in a table"
    assert table[1:] == (0.0, 0.0), "the Greeks in a table are no longer 0"
PYTHON
echo "As described: 0 days are a year for one option, and 8.76 hours without any Greek in a table."
