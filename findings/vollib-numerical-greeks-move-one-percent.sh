#!/usr/bin/env bash
# vollib 1.0.11 (with numpy 2.5.5), seen 28 November 2026.
#
# vollib solves volatilities to the last digit, by Jäckel's method. It has each Greek twice: from the formula, in
# greeks.analytical, and from differences of prices, in greeks.numerical.
#
# Likely guess: a numerical delta moves the forward by a little and agrees with the formula to several digits.
# Behaviour: it moves the forward by 1 % up and down, whatever the time and the volatility: dS = .01 in
# vollib.helpers.numerical_greeks is a share and no price. A year before expiry the deltas agree to three digits. Six
# hours before it (forward 24,200, 12 %) 1 % is three standard deviations: the delta of the call at 24,300 is 0.30
# instead of 0.09, that of the call at 24,100 is 0.70 instead of 0.91, and gamma at the money is two fifths too small.
# An hour before, the deltas are 0.29 and 0.71 instead of 0.00 and 1.00. Nothing is raised, and no warning is given.
#
# Why it matters: the Greeks of a series are wrong on its last days, when they are looked at most, and a test that
# compares the two modules months before expiry is green. Use the formula.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/vollib-numerical-greeks-move-one-percent.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check vollib==1.0.11 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
from vollib.black import black
from vollib.black.greeks import analytical, numerical

FORWARD, SIGMA, RATE, HOURS = 24_200.0, 0.12, 0.0, {"a year": 8_760, "six hours": 6, "one hour": 1}


def both(greek, strike, hours):
    """Return a Greek of a call from the formula and from differences."""
    option = ("c", FORWARD, strike, hours / 8_760, RATE, SIGMA)
    return float(getattr(analytical, greek)(*option)), float(getattr(numerical, greek)(*option))


def small_step(strike, hours, step=0.01):
    """Return the delta by differences of a hundredth of a point."""
    up, down = (
        black("c", FORWARD + move, strike, hours / 8_760, RATE, SIGMA) for move in (step, -step)
    )
    return (up - down) / (2 * step)


for time, hours in HOURS.items():
    for strike in (24_100.0, 24_300.0):
        formula, differences = both("delta", strike, hours)
        print(
            f"{time:9} before expiry, call {strike:,.0f}: delta {formula:.4f}, numerical "
            f"{differences:.4f}, by a step of 0.01 points {small_step(strike, hours):.4f}"
        )
        assert abs(small_step(strike, hours) - formula) < 1e-3
formula, differences = both("gamma", FORWARD, 6)
print(f"six hours before expiry, call {FORWARD:,.0f}: gamma {formula:.6f}, numerical {differences:.6f}")

year, hours, hour = (both("delta", 24_300.0, time) for time in HOURS.values())
assert abs(year[0] - year[1]) < 0.001
assert abs(hours[0] - hours[1]) > 0.2, "the numerical delta agrees now"
assert abs(hour[0] - hour[1]) > 0.25, "the numerical delta agrees now"
assert differences < 0.8 * formula, "the numerical gamma agrees now"
PYTHON
echo "As described: the numerical Greeks are those of a move of 1 %."
