#!/usr/bin/env bash
# gamma-wall 0.1.1 with nubra-sdk 0.5.4 (and pandas 3.1.1 and numpy 2.5.5), seen 29 November 2026.
#
# nubra-sdk is the library of the broker Nubra, whose prices are whole numbers of paise, a hundredth of a rupee.
# gamma-wall takes the option chain of that library and sums up gamma × open interest × spot² per strike.
#
# Likely guess: all prices of a chain are divided by 100, because the SDK says that they are paise.
# Behaviour: each number is judged for itself. From 100,000 on it is taken for paise and divided; below it is taken for
# rupees. An index of 24,200 and a share of 1,400 rupees come out right. A share of 600 rupees has a spot and strikes
# of 60,000, and 10,000 times its exposure. A share of 1,005 rupees has strikes of 1,005 and 99,500 in one table, so the
# strikes below the spot stand far above it and the put wall at 995 is at 99,500. No premium below 1,000 rupees is ever
# divided. A chain in rupees with strikes from 100,000 on, as an index may have, is divided though it should not.
#
# Why it matters: a list of shares by exposure is led by those below 1,000 rupees, by a factor of 10,000. The README
# shows NIFTY, where all is right. The unit belongs to a source; it cannot be told from the size of a number.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/gamma-wall-takes-paise-below-1000-rupees-for-rupees.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  gamma-wall==0.1.1 nubra-sdk==0.5.4 pandas==3.1.1 numpy==2.5.5
cd "$folder"
venv/bin/python - <<'PYTHON'
from gamma_wall import aggregate_by_strike, calculate_gex, infer_spot_price, summarize_gex
from nubra_python_sdk.marketdata.validation import OptionChainWrapper

GAMMA, CALLS, PUTS, WALL = 0.002, 1_000, 1_500, 9_000


def legs(spot, step, interest):
    """Return seven options as the broker sends them, in paise; the third strike below has a wall of puts."""
    strikes = [spot + number * step for number in range(-3, 4)]
    return [
        {
            "ref_id": number,
            "sp": strike * 100,
            "ltp": 2_050,
            "gamma": GAMMA,
            "oi": WALL if number == 2 and interest == PUTS else interest,
        }
        for number, strike in enumerate(strikes)
    ]


def table(spot, step):
    """Return the spot and the table by strike that gamma-wall makes of a chain of the SDK."""
    chain = OptionChainWrapper.model_validate(
        {
            "chain": {
                "asset": "EXAMPLE",
                "expiry": "20261229",
                "ce": legs(spot, step, CALLS),
                "pe": legs(spot, step, PUTS),
                "cp": spot * 100,
                "all_expiries": ["20261229"],
            },
            "message": "ok",
        }
    )
    found = infer_spot_price(chain)
    return found, calculate_gex(chain, found)


answers = {}
for spot, step in ((24_200, 50), (1_400, 10), (1_005, 10), (600, 10)):
    found, contracts = table(spot, step)
    by_strike = aggregate_by_strike(contracts)
    factor = by_strike["call_gex"].max() / (GAMMA * CALLS * spot**2)
    wall = summarize_gex(by_strike, found)["strongest_negative_wall"]
    answers[spot] = (found, sorted(by_strike["strike"]), round(factor, 6), wall, set(contracts["ltp"]))
    print(
        f"spot {spot:,} rupees: taken as {found:,.0f}, put wall {spot - step:,} at {wall:,.0f}, "
        f"exposure × {factor:,.0f}, premium of 20.50 at {max(contracts['ltp']):,.2f}\n"
        f"  strikes {[int(strike) for strike in answers[spot][1]]}"
    )

assert answers[24_200][:4] == (24_200, [24_050 + 50 * n for n in range(7)], 1, 24_150)
assert answers[1_400][:4] == (1_400, [1_370 + 10 * n for n in range(7)], 1, 1_390)
assert answers[1_005][:4] == (1_005, [1_005, 1_015, 1_025, 1_035, 97_500, 98_500, 99_500], 1, 99_500)
assert answers[600][:4] == (60_000, [57_000 + 1_000 * n for n in range(7)], 10_000, 59_000)
assert all(answer[4] == {2_050.0} for answer in answers.values())

call = {"option_type": "CE", "gamma": GAMMA, "oi": CALLS, "ltp": 20.5, "iv": 0.2}
rupees = [call | {"strike": strike} for strike in (99_900, 100_000)]
strikes = list(calculate_gex(rupees, 99_950)["strike"])
print(f"strikes of 99,900 and 100,000 rupees: {strikes}")
assert strikes == [99_900, 1_000]
PYTHON
echo "As described: below 1,000 rupees paise are taken for rupees."
