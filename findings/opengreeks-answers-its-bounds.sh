#!/usr/bin/env bash
# opengreeks 0.2.0 (with numpy 2.3.5): an implied volatility that does not exist is answered with a bound of the search.
# Date: 2026-11-28.
#
# Behaviour: black76.implied_volatility raises ValueError for a price below intrinsic value or above the maximum. But
# for a price whose volatility is above 500 % it returns 5.0, and for NaN it returns 0.000001. At expiry (t = 0) it
# returns one or the other. In all these cases it raises nothing, warns of nothing and returns no NaN.
# Likely guess: a solver that raises for impossible prices raises, or returns NaN, wherever it finds no volatility.
# Why it matters: 0.0001 % and 500 % look like numbers of the market. Stored or averaged, they are invented volatilities.
# A caller must price the answer again and compare it with the price that was given.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/opengreeks-answers-its-bounds.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check opengreeks==0.2.0 numpy==2.3.5
cd "$folder"
venv/bin/python - <<'PYTHON'
from math import exp, isclose, nan

from opengreeks import black76

FORWARD, STRIKE, YEARS, RATE = 25_000.0, 24_000.0, 7 / 365, 0.055


def solved(price: float, years: float = YEARS) -> float | str:
    """Return the implied volatility of a call, or the name of the error."""
    try:
        return black76.implied_volatility(price, FORWARD, STRIKE, RATE, years, "c")
    except ValueError as error:
        return f"ValueError: {error}"


intrinsic = exp(-RATE * YEARS) * (FORWARD - STRIKE)
at_600_percent = black76.black("c", FORWARD, STRIKE, YEARS, RATE, 6.0)
answers = {
    "a price at 12 %": solved(black76.black("c", FORWARD, STRIKE, YEARS, RATE, 0.12)),
    "below intrinsic value": solved(intrinsic - 50),
    "above the maximum": solved(2 * FORWARD),
    "a price at 600 %": solved(at_600_percent),
    "NaN": solved(nan),
    "at expiry, 1,500": solved(1_500.0, years=0.0),
    "at expiry, 1,000": solved(1_000.0, years=0.0),
}
for case, answer in answers.items():
    print(f"{case:24} {answer}")
again = black76.black("c", FORWARD, STRIKE, YEARS, RATE, answers["a price at 600 %"])
print(f"{'priced again':24} {again:.2f} instead of {at_600_percent:.2f}")

assert isclose(answers["a price at 12 %"], 0.12, abs_tol=1e-9)
assert str(answers["below intrinsic value"]).startswith("ValueError")
assert str(answers["above the maximum"]).startswith("ValueError")
assert isclose(answers["a price at 600 %"], 5.0, rel_tol=1e-9), "it does not answer its upper bound any more"
assert isclose(answers["NaN"], 1e-6, rel_tol=1e-6), "it does not answer its lower bound for NaN any more"
assert isclose(answers["at expiry, 1,500"], 5.0, rel_tol=1e-9), "it does not answer its upper bound at expiry any more"
assert isclose(answers["at expiry, 1,000"], 1e-6, rel_tol=1e-6), "it does not answer its lower bound at expiry any more"
print("as described")
PYTHON
