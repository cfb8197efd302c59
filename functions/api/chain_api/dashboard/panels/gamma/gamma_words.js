/** What the charts of gamma exposure show, in words. */

import { formatCrore, formatNumber } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";
import { largestText } from "../largest_strikes.js";
import { gammaUnit } from "./gamma_unit.js";

/** @import { GammaAnswer } from "../structure.d.ts" */

/** @param {GammaAnswer | null} answer */
export function describeGamma(answer) {
    if (!answer) return "No gamma exposure is known.";
    const numbers = answer[`net_gamma_exposure${gammaUnit(answer).ending}`];
    const largest = largestText(answer.strike_prices, numbers, formatCrore);
    return `Largest net exposures: ${largest || "none known"}.`;
}

/** @param {GammaAnswer | null} answer */
export function describeProfile(answer) {
    if (!answer) return "No profile is known.";
    const { flip_level: flip, reasons, profile } = answer;
    if (!profile.prices.length) return `No profile: ${reasonText(reasons.gamma_exposure)}.`;
    const [low] = profile.prices;
    const high = profile.prices[profile.prices.length - 1];
    const range = `Prices from ${formatNumber(low, 2)} to ${formatNumber(high, 2)}.`;
    if (flip === null) return `${range} No flip level: ${reasonText(reasons.flip_level)}.`;
    return `${range} The flip level is ${formatNumber(flip, 2)}.`;
}
