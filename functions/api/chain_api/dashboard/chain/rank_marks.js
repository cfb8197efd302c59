/** Which cells of the chain hold the three largest numbers of their side. */

import { largestOf } from "../figures/largest.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { Column } from "./columns.js" */

/** The columns whose largest numbers are marked, in words. @type {Record<string, string>} */
const RANKED = {
    open_interest: "open interest",
    oi_since_previous_close: "change in open interest, up or down,",
    open_interest_change: "change in open interest in the window, up or down,",
    total_traded_volume: "volume",
    total_traded_volume_change: "volume in the window",
};
const PLACES = ["", "largest", "2nd largest", "3rd largest"];
/** @typedef {Record<"call" | "put", Map<number, number>>} SideRanks the ranks by strike */

/**
 * @param {StrikeRow[]} rows @param {Column[]} columns
 * @returns {Map<string, SideRanks>} by the name of the column
 */
export function ranksIn(rows, columns) {
    /** @param {string} name @param {"call" | "put"} side */
    const ranks = (name, side) =>
        new Map(largestOf(rows, side, name).map((each, index) => [each.strike_price, index + 1]));
    const names = columns.map(({ name }) => name).filter((name) => name in RANKED);
    return new Map(
        names.map((name) => [name, { call: ranks(name, "call"), put: ranks(name, "put") }]),
    );
}

/** @param {number} rank 0 for none @param {string} name of the column @param {"call" | "put"} side */
export function rankText(rank, name, side) {
    return rank ? `${PLACES[rank]} ${RANKED[name]} of the ${side}s` : "";
}
