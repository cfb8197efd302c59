/** Where the money is: at the spot or, while that stands still, at the forward. */

import { isNumber } from "./format.js";

/** @import { Snapshot } from "../requests/snapshot.js" */

/**
 * The price that says where the money is: the spot or, while that stands still, the forward.
 * @param {Snapshot} snapshot
 * @returns {number | null}
 */
export function referencePriceOf({ chain, analytics }) {
    if (analytics) return analytics.reference_price;
    return chain.frozen ? (chain.model?.forward ?? null) : chain.underlying_value;
}

/** "Spot" or "Forward": which of them the reference price is. @param {Snapshot | null} snapshot */
export function referenceName(snapshot) {
    const { chain, analytics } = snapshot ?? {};
    if (analytics?.reference_source)
        return analytics.reference_source === "spot" ? "Spot" : "Forward";
    return chain?.frozen ? "Forward" : "Spot";
}

/**
 * The API's strike at the money or, where it has none, the one nearest to the reference price.
 * @param {Snapshot} snapshot
 */
export function atmStrikeOf(snapshot) {
    const { chain, analytics } = snapshot;
    if (isNumber(analytics?.atm_strike)) return analytics.atm_strike;
    const reference = referencePriceOf(snapshot);
    const strikes = chain.rows.map((row) => row.strike_price);
    if (!isNumber(reference) || !strikes.length) return null;
    return strikes.reduce((best, strike) =>
        Math.abs(strike - reference) < Math.abs(best - reference) ? strike : best,
    );
}
