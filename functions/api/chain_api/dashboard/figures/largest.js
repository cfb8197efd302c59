/** The largest numbers of a side of the chain. */

import { isNumber } from "../words/format.js";

/** @import { StrikeRow } from "../api_types.d.ts" */

const MOST_LARGEST = 3;

/**
 * The strikes with the largest numbers, up or down, the largest first; of equal ones the lower
 * strike. 0 is none of them.
 * @param {StrikeRow[]} rows by strike
 * @param {"call" | "put"} side
 * @param {string} field
 * @returns {{strike_price: number, value: number}[]} three at most
 */
export function largestOf(rows, side, field) {
    /** @type {{strike_price: number, value: number}[]} */
    const largest = [];
    for (const { strike_price, [side]: leg } of rows) {
        const value = leg?.[field];
        if (!isNumber(value) || value === 0) continue;
        const size = Math.abs(value);
        const place = largest.findIndex((each) => Math.abs(each.value) < size);
        if (place >= 0) largest.splice(place, 0, { strike_price, value });
        else largest.push({ strike_price, value });
        if (largest.length > MOST_LARGEST) largest.pop();
    }
    return largest;
}
