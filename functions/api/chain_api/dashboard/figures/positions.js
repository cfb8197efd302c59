/**
 * The table of positions: where the open interest is, where it changes, and the kinds of build-up.
 */

import { elementById, setText } from "../browser/dom.js";
import { againstLabel } from "../words/against.js";
import {
    BUILDUPS,
    DASH,
    formatCrore,
    formatNumber,
    formatStrike,
    isNumber,
} from "../words/format.js";
import { largestOf } from "./largest.js";

/** @import { Analytics, BySide, StrikeRow } from "../api_types.d.ts" */
/** @import { Compared } from "../requests/comparison.js" */
/** @import { Scale } from "./position_unit.js" */

const RANKS = [0, 1, 2];

/**
 * @param {Analytics | null} analytics
 * @param {Scale} scale of open interest
 * @param {StrikeRow[]} strikeRows in this scale
 * @param {Compared | null} compared the fastest count from there, else from the close before
 */
export function showPositions(analytics, { factor }, strikeRows, compared) {
    const rows = [
        ...rankedRows("Largest OI", analytics?.largest_oi, ({ open_interest: interest }) =>
            formatCrore(interest * factor),
        ),
        ...(compared ? fastestRows(strikeRows, compared) : fastestOfDay(analytics, factor)),
        ...buildupRows(analytics?.buildup),
    ];
    const [body] = elementById("positions", HTMLTableElement).tBodies;
    if (body.rows.length !== rows.length) body.replaceChildren(...rows.map(emptyRow));
    for (const [index, texts] of rows.entries()) {
        const { cells } = body.rows[index];
        for (const [column, text] of texts.entries()) setText(cells[column], text);
    }
}

/** @param {Analytics | null} analytics @param {number} factor */
function fastestOfDay(analytics, factor) {
    return rankedRows("Fastest OI", analytics?.fastest_oi, ({ change_in_oi: change }) =>
        signedCrore(change * factor),
    );
}

/** @param {StrikeRow[]} rows @param {Compared} compared */
function fastestRows(rows, { against }) {
    const fastest = {
        calls: largestOf(rows, "call", "open_interest_change"),
        puts: largestOf(rows, "put", "open_interest_change"),
    };
    return rankedRows(`Fastest OI ${againstLabel(against)}`, fastest, ({ value }) =>
        signedCrore(value),
    );
}

/** @param {number} change */
function signedCrore(change) {
    return (change > 0 ? "+" : "") + formatCrore(change);
}

/**
 * @template {{strike_price: number}} T
 * @param {string} label
 * @param {BySide<T[]> | undefined} strikes the first ones of each side, by rank
 * @param {(strike: T) => string} amount
 */
function rankedRows(label, strikes, amount) {
    /** @param {T | undefined} strike */
    const textOf = (strike) =>
        strike ? `${formatStrike(strike.strike_price)}  (${amount(strike)})` : DASH;
    return RANKS.map((rank) => [
        `${label} ${rank + 1}`,
        textOf(strikes?.calls[rank]),
        textOf(strikes?.puts[rank]),
    ]);
}

/** @param {BySide<Record<string, number>> | undefined} counts of contracts */
function buildupRows(counts) {
    /** @param {number | undefined} count */
    const textOf = (count) =>
        isNumber(count) ? `${formatNumber(count)} ${count === 1 ? "contract" : "contracts"}` : DASH;
    return Object.entries(BUILDUPS).map(([name, label]) => [
        label,
        textOf(counts?.calls[name]),
        textOf(counts?.puts[name]),
    ]);
}

function emptyRow() {
    const row = document.createElement("tr");
    const head = row.appendChild(document.createElement("th"));
    head.scope = "row";
    row.append(document.createElement("td"), document.createElement("td"));
    return row;
}
