#!/usr/bin/env bash
# nse 5.1.0 (with httpx 0.28.1) and, beside it, indiaopt 0.1.1, seen 29 November 2026.
#
# NSE.compile_option_chain(symbol, expiry) of nse sums up an option chain: put-call ratio, max pain, and the strike at
# the money as `atm`. Its docstring says that the step between strikes is taken from the first two rows.
#
# Likely guess: `atm` is the listed strike that is nearest to the price of the underlying at this moment.
# Behaviour: the spot is rounded to a multiple of the distance between the two lowest strikes. The exchange lists few
# strikes far from the price and many near it: a monthly series of NIFTY may begin with 13,000 and 15,000. With a spot
# of 24,190 the answer is then 24,000, though 24,200 is listed. A step of 6,000 below a spot of 55,190 gives 54,000,
# and a step of 70 gives 24,220, which is no listed strike. indiaopt takes the nearest listed strike and is right here.
# In the closing auction (15:15 to 15:35 since 3 August 2026) neither is: `underlyingValue` stands still while options
# trade on, and so does the strike at the money. Calls and puts say where the underlying is.
#
# Why it matters: a straddle at `atm` is no straddle, and "n strikes around the money" shows the wrong part of the
# chain. The nearest weekly series of NIFTY has even steps, so a test on it is green.
#
# Run it with a Python from 3.12 on: PYTHON=python3.13 findings/nse-rounds-the-strike-at-the-money-to-the-lowest-step.sh
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nse==5.1.0 httpx==0.28.1 indiaopt==0.1.1
cd "$folder"
venv/bin/python - <<'PYTHON'
from datetime import date
from statistics import NormalDist

from indiaopt.parsers.nse import parse_option_chain
from nse import NSE

EXPIRY, SYMBOL, DEVIATION = date(2026, 12, 29), "NIFTY", 60.0


class Offline(NSE):
    """The library with a made-up body in place of the exchange's answer: nothing is asked of anyone."""

    def __init__(self, body):
        self.body = body

    def option_chain(self, symbol, expiry_date=None):
        return self.body


def leg(kind, strike, spot, forward):
    """Return a leg as the exchange sends it; its price is that of a normal distribution around the forward."""
    inside = (forward - strike) * (1 if kind == "CE" else -1)
    standard = NormalDist()
    price = inside * standard.cdf(inside / DEVIATION) + DEVIATION * standard.pdf(inside / DEVIATION)
    price = round(max(price, 0.05) * 20) / 20
    return {
        "expiryDate": EXPIRY.strftime("%d-%m-%Y"), "strikePrice": strike, "underlying": SYMBOL, "underlyingValue": spot,
        "identifier": f"OPTIDX{SYMBOL}{EXPIRY:%d-%m-%Y}{kind}{strike:.2f}", "openInterest": 1_000,
        "changeinOpenInterest": 10, "pchangeinOpenInterest": 1.01, "totalTradedVolume": 5_000,
        "impliedVolatility": 11.5, "lastPrice": price, "change": 0.5, "pChange": 0.4, "buyPrice1": price - 0.05, "buyQuantity1": 65,
        "sellPrice1": price + 0.05, "sellQuantity1": 65, "totalBuyQuantity": 6_500, "totalSellQuantity": 6_500,
    }


def body_of(strikes, spot, forward):
    """Return a body with one expiry, in the shape of option-chain-v3."""
    rows = [
        {"expiryDates": f"{EXPIRY:%d-%b-%Y}", "strikePrice": strike}
        | {kind: leg(kind, strike, spot, forward) for kind in ("CE", "PE")}
        for strike in strikes
    ]
    records = {
        "data": rows, "timestamp": "15-Dec-2026 15:25:00", "underlyingValue": spot,
        "expiryDates": [f"{EXPIRY:%d-%b-%Y}"], "strikePrices": [str(strike) for strike in strikes],
    }
    return {"records": records, "filtered": {"data": rows}}


def answers(strikes, spot, forward):
    """Return the strike at the money by nse, by indiaopt, and where call and put cost the same."""
    body = body_of(strikes, spot, forward)
    compiled, parsed = Offline(body).compile_option_chain("nifty", EXPIRY), parse_option_chain(body, SYMBOL)
    rows = body["records"]["data"]
    level = min(rows, key=lambda row: abs(row["CE"]["lastPrice"] - row["PE"]["lastPrice"]))
    return compiled["atm"], parsed.atm_strike, level["strikePrice"]


NEAR = [*range(22_000, 26_001, 50)]
BANK = [*range(50_000, 60_001, 100)]
CASES = {
    # name: (strikes, spot, forward), (nse, indiaopt, where call and put cost the same)
    "even steps of 50": ((NEAR, 24_190.0, 24_190.0), (24_200, 24_200, 24_200)),
    "lowest 13,000 and 15,000": (([13_000, 15_000, *NEAR], 24_190.0, 24_190.0), (24_000, 24_200, 24_200)),
    "lowest 40,000 and 46,000": (([40_000, 46_000, *BANK], 55_190.0, 55_190.0), (54_000, 55_200, 55_200)),
    "lowest 21,930 and 22,000": (([21_930, *NEAR], 24_190.0, 24_190.0), (24_220, 24_200, 24_200)),
    "closing auction, 15:16": ((NEAR, 24_190.0, 24_200.0), (24_200, 24_200, 24_200)),
    "closing auction, 15:22": ((NEAR, 24_190.0, 24_240.0), (24_200, 24_200, 24_250)),
    "closing auction, 15:29": ((NEAR, 24_190.0, 24_290.0), (24_200, 24_200, 24_300)),
}
print(f"{'case':26}{'spot':>8}{'nse':>8}{'indiaopt':>10}{'call = put':>12}")
for case, (chain, expected) in CASES.items():
    got = answers(*chain)
    print(f"{case:26}{chain[1]:8.0f}{got[0]:8.0f}{got[1]:10.0f}{got[2]:12.0f}")
    assert got == expected, f"{case}: {expected} is expected"
PYTHON
echo "As described: the step of the two lowest strikes decides, and a spot that stands still."
