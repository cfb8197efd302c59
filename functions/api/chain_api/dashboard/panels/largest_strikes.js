/** In words: at which strikes the largest numbers are. */

import { formatStrike, isNumber } from "../words/format.js";

const NAMED_STRIKES = 3;

/**
 * @param {number[]} strikes @param {(number | null)[]} numbers at these strikes
 * @param {(value: number) => string} format
 * @returns {string} "" where no number is known
 */
export function largestText(strikes, numbers, format) {
    const known = strikes.flatMap((strike, rank) => {
        const value = numbers[rank];
        return isNumber(value) ? [{ strike, value }] : [];
    });
    known.sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
    return known
        .slice(0, NAMED_STRIKES)
        .map(({ strike, value }) => `${formatStrike(strike)} (${format(value)})`)
        .join(", ");
}
