/** The charts by strike in words, for those who cannot see them. */

import { formatNumber, formatStrike, isNumber } from "../words/format.js";
import { cutOfSmile } from "./chart_ranges.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @typedef {(value: unknown) => string} Format */

/**
 * The strikes and values of a side, where the value is known.
 * @param {StrikeRow[]} rows
 * @param {"call" | "put"} side
 * @param {string} field
 */
function knownPairs(rows, side, field) {
    return rows.flatMap((row) => {
        const value = row[side]?.[field];
        return isNumber(value) ? [{ strike: row.strike_price, value }] : [];
    });
}

/**
 * Name the three largest values of each side.
 * @param {StrikeRow[]} rows
 * @param {string} field
 * @param {Format} format
 */
export function describeLargest(rows, field, format) {
    /** @param {"call" | "put"} side */
    const ofSide = (side) => {
        const known = knownPairs(rows, side, field);
        known.sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
        const names = known
            .slice(0, 3)
            .map(({ strike, value }) => `${formatStrike(strike)} (${format(value)})`);
        return `Largest of ${side}s: ${names.join(", ") || "none known"}.`;
    };
    return `${ofSide("call")} ${ofSide("put")}`;
}

/** @param {StrikeRow[]} rows @param {number | null} atmStrike */
export function describeSmile(rows, atmStrike) {
    /** @param {"call" | "put"} side */
    const ofSide = (side) => {
        const known = knownPairs(rows, side, "iv");
        if (!known.length) return `No volatility of ${side}s is known.`;
        const low = known.reduce((one, other) => (other.value < one.value ? other : one));
        const high = known.reduce((one, other) => (other.value > one.value ? other : one));
        const atm = known.find(({ strike }) => strike === atmStrike)?.value;
        /** @param {{strike: number, value: number}} pair */
        const place = ({ strike, value }) =>
            `${formatNumber(value, 2)} % at ${formatStrike(strike)}`;
        const name = side === "call" ? "Calls" : "Puts";
        const range = `lowest ${place(low)}, highest ${place(high)}`;
        return `${name}: at the money ${formatNumber(atm, 2)} %, ${range}.`;
    };
    return `${ofSide("call")} ${ofSide("put")}`;
}

/**
 * How much of a smile is not drawn, "" where all is.
 * @param {(number | null)[][]} lines all volatilities that are to be drawn
 */
export function describeCut(lines) {
    const cut = cutOfSmile(lines);
    if (!cut) return "";
    const points = cut.above === 1 ? "1 point" : `${cut.above} points`;
    return `cut at ${formatNumber(cut.end)} %, ${points} above`;
}
