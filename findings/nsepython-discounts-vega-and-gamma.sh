#!/usr/bin/env bash
# nsepython 2.101 (with pandas 3.1.1, scipy 1.18.1 and numpy 2.5.5), seen 28 November 2026.
#
# nsepython.black_scholes_dexter(S0, X, t, σ, r, q, td) returns the premium and the Greeks of a call and a put on a spot
# by the Black-Scholes formula; t is in days, σ, r and q are in percent.
#
# Likely guess: its Greeks are the derivatives of its own premium.
# Behaviour: premium, delta, theta and rho are right. Vega and gamma are multiplied by e^(-rt), which belongs to an
# option on a future, where the formula has e^(-qt). At 6.5 % they are 0.1 % too small a week before expiry, 6 % a year
# before it and 28 % five years before it; NIFTY options are listed for five years. With the function's own rate of
# 10 % they are 39 % too small there.
#
# Why it matters: a volatility that is solved by Newton's method with this vega goes too far at each step, and the gamma
# exposure of far series is too small. No test on the nearest weekly series shows it.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/nsepython-discounts-vega-and-gamma.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  nsepython==2.101 pandas==3.1.1 scipy==1.18.1 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
from math import exp, isclose

from nsepython import black_scholes_dexter

NAMES = (
    "call_theta put_theta call_premium put_premium call_delta put_delta gamma vega call_rho put_rho"
).split()
STRIKE, RATE = 24_200.0, 6.5


def option(days, spot=24_200.0, sigma=12.0, rate=RATE):
    """Return the answer by name. The volatility is given, so nothing is asked of the exchange."""
    return dict(zip(NAMES, black_scholes_dexter(spot, STRIKE, days, σ=sigma, r=rate), strict=True))


def slope(number, name, step, middle, days):
    """Return how a number of the answer grows with an argument, by differences."""
    up, down = (option(days, **{name: middle + move})[number] for move in (step, -step))
    return (up - down) / (2 * step)


for days in (7, 365, 1_825):
    told = option(days)
    own = {
        "call_delta": slope("call_premium", "spot", 1.0, 24_200.0, days),
        "call_theta": (option(days - 0.01)["call_premium"] - option(days + 0.01)["call_premium"])
        / 0.02,
        "call_rho": slope("call_premium", "rate", 0.01, RATE, days),
        "vega": slope("call_premium", "sigma", 0.01, 12.0, days),
        "gamma": slope("call_delta", "spot", 1.0, 24_200.0, days),
    }
    shares = {name: told[name] / own[name] for name in own}
    discount = exp(-RATE / 100 * days / 365)
    print(f"{days:5} days: " + ", ".join(f"{name} {share:.4f}" for name, share in shares.items())
          + f" of its own premium's; e^(-rt) is {discount:.4f}")
    for name in ("call_delta", "call_theta", "call_rho"):
        assert isclose(shares[name], 1, abs_tol=1e-3), f"{name} is wrong too"
    assert isclose(shares["vega"], discount, abs_tol=1e-4), "vega is no longer discounted"
    assert isclose(shares["gamma"], discount, abs_tol=1e-4), "gamma is no longer discounted"
PYTHON
echo "As described: vega and gamma are too small by e^(-rt)."
