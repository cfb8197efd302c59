/** Sums over a side of the chain, and the ratio of both sides. */

import { isNumber } from "../words/format.js";

/** @import { Leg, StrikeRow } from "../api_types.d.ts" */

/**
 * `sum` is null where no contract has a number. `missing`: how many of `count` contracts have none.
 * @typedef {{sum: number | null, count: number, missing: number}} SideTotal
 */

/** @param {StrikeRow[]} rows @param {"call" | "put"} side @param {string} field @returns {SideTotal} */
export function totalOf(rows, side, field) {
    let sum = 0;
    let [count, missing] = [0, 0];
    for (const { [side]: leg } of rows) {
        if (!leg) continue;
        const value = leg[field];
        count += 1;
        if (isNumber(value)) sum += value;
        else missing += 1;
    }
    // Open interest has thirds of a lot at times: what doubles add to a sum is cut off.
    const total = Number(sum.toFixed(4));
    return { sum: count > missing ? total : null, count, missing };
}

/** What of a sum is missing, in words. @param {SideTotal} total */
export function missingPartText({ count, missing }) {
    if (!missing) return "";
    if (missing === count) return "no contract has a number";
    return `of ${count - missing} of ${count} contracts: the others have no number`;
}

/**
 * The put/call ratio of open interest at one strike.
 * @param {Leg | null} call @param {Leg | null} put
 * @returns {{value: number | null, reason: string}} the reason is words, where there is none
 */
export function strikeRatio(call, put) {
    const [calls, puts] = [call?.open_interest, put?.open_interest];
    if (!call || !put) return { value: null, reason: "only one side is listed, or was sent" };
    if (!isNumber(calls) || !isNumber(puts)) {
        return { value: null, reason: "the source left out an open interest" };
    }
    if (calls === 0) return { value: null, reason: "nobody holds the call" };
    return { value: puts / calls, reason: "" };
}
