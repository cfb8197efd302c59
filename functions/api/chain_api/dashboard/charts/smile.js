/** The volatilities of which the smile is drawn. */

import { isNumber } from "../words/format.js";

/** @import { Chain, IvChoice, StrikeRow } from "../api_types.d.ts" */

/**
 * Leave out what would be a kink: a volatility of the other kind, as a last resort, and that of an
 * old last price in the money, where a rupee is several points of volatility.
 * @param {StrikeRow[]} rows @param {IvChoice} choice @param {number | null} reference
 * @returns {StrikeRow[]}
 */
export function withSmoothVolatilities(rows, choice, reference) {
    /** @param {StrikeRow["call"]} leg @param {number} intrinsic rupees, below 0 out of the money */
    const kept = (leg, intrinsic) => {
        const isSent = leg?.iv_source === "exchange" || leg?.iv_source === "vendor";
        const isOfChoice = isSent === (choice === "exchange");
        return isOfChoice && !(leg?.iv_source === "last" && intrinsic > 0) ? leg : null;
    };
    return rows.map(({ strike_price, call, put }) => {
        const above = isNumber(reference) ? reference - strike_price : 0;
        return { strike_price, call: kept(call, above), put: kept(put, -above) };
    });
}

/**
 * The smile of an earlier chain, at the strikes of the one that is shown.
 * @param {Chain | null} earlier @param {number[]} strikes @param {IvChoice} choice
 * @returns {(number | null)[][]} of calls and of puts; null where there was none
 */
export function earlierSmile(earlier, strikes, choice) {
    const rows = withSmoothVolatilities(
        earlier?.rows ?? [],
        choice,
        earlier?.underlying_value ?? null,
    );
    const byStrike = new Map(rows.map((row) => [row.strike_price, row]));
    return /** @type {const} */ (["call", "put"]).map((side) =>
        strikes.map((strike) => {
            const iv = byStrike.get(strike)?.[side]?.iv;
            return isNumber(iv) ? iv : null;
        }),
    );
}
