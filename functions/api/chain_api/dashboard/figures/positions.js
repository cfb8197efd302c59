/**
 * The table of positions: where the open interest is, where it changes, and the kinds of build-up.
 */

import { elementById, setText } from "../browser/dom.js";
import { exportAs } from "../export/exported.js";
import {
    BUILDUPS,
    DASH,
    formatCrore,
    formatNumber,
    formatSignedCrore,
    formatStrike,
    isNumber,
} from "../words/format.js";
import { whyNoAnalytics } from "../words/reasons.js";
import { largestOf } from "./largest.js";
import { UNIT_NAMES } from "./position_unit.js";

/** @import { BySide, StrikeRow } from "../api_types.d.ts" */
/** @import { Compared } from "../requests/comparison.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */
/** @import { Scale } from "./position_unit.js" */

/**
 * A strike with its open interest or its change, or a count of contracts.
 * @typedef {{strike: number | null, number: number}} Position
 */
/**
 * A row: `unit` is that of its numbers, `write` how they are written. A position is null where it
 * is not known.
 * @typedef {{label: string, unit: string, calls: Position | null, puts: Position | null,
 *     write: (number: number) => string}} PositionRow
 */

const RANKS = [0, 1, 2];
const EXPORTED_COLUMNS = ["Positions", "Call strike", "Calls", "Put strike", "Puts"];

/**
 * @param {Snapshot | null} snapshot
 * @param {Scale} scale of open interest
 * @param {StrikeRow[]} strikeRows in this scale
 * @param {Compared | null} compared the fastest count from there, else from the close before
 */
export function showPositions(snapshot, { unit, factor }, strikeRows, compared) {
    const analytics = snapshot?.analytics;
    const name = UNIT_NAMES[unit];
    const rows = [
        ...rankedRows(
            "Largest OI",
            name,
            formatCrore,
            analytics?.largest_oi,
            (strike) => factor * strike.open_interest,
        ),
        ...(compared
            ? fastestRows(strikeRows, compared, name)
            : rankedRows(
                  "Fastest OI",
                  name,
                  formatSignedCrore,
                  analytics?.fastest_oi,
                  (strike) => factor * strike.change_in_oi,
              )),
        ...buildupRows(analytics?.buildup, compared ? ", on the day" : ""),
    ];
    const table = elementById("positions", HTMLTableElement);
    table.title = snapshot ? whyNoAnalytics(snapshot) : "";
    const [body] = table.tBodies;
    if (body.rows.length !== rows.length) body.replaceChildren(...rows.map(emptyRow));
    for (const [index, row] of rows.entries()) {
        const texts = [row.label, textOf(row.calls, row), textOf(row.puts, row)];
        const { cells } = body.rows[index];
        for (const [column, text] of texts.entries()) setText(cells[column], text);
    }
    exportAs(table, () => ({ columns: EXPORTED_COLUMNS, rows: rows.map(numbersOf) }));
}

/** @param {StrikeRow[]} rows @param {Compared} compared @param {string} unit */
function fastestRows(rows, { label }, unit) {
    const fastest = {
        calls: largestOf(rows, "call", "open_interest_change"),
        puts: largestOf(rows, "put", "open_interest_change"),
    };
    return rankedRows(
        `Fastest OI ${label}`,
        unit,
        formatSignedCrore,
        fastest,
        ({ value }) => value,
    );
}

/**
 * @template {{strike_price: number}} T
 * @param {string} label @param {string} unit @param {(number: number) => string} write
 * @param {BySide<T[]> | undefined} strikes the first ones of each side, by rank
 * @param {(strike: T) => number} read
 * @returns {PositionRow[]}
 */
function rankedRows(label, unit, write, strikes, read) {
    /** @param {T | undefined} strike */
    const positionOf = (strike) =>
        strike ? { strike: strike.strike_price, number: read(strike) } : null;
    return RANKS.map((rank) => ({
        label: `${label} ${rank + 1}`,
        unit,
        write,
        calls: positionOf(strikes?.calls[rank]),
        puts: positionOf(strikes?.puts[rank]),
    }));
}

/**
 * @param {BySide<Record<string, number>> | undefined} counts of contracts
 * @param {string} since when they count, where the rows above count from another moment
 * @returns {PositionRow[]}
 */
function buildupRows(counts, since) {
    /** @param {number | undefined} count */
    const positionOf = (count) => (isNumber(count) ? { strike: null, number: count } : null);
    return Object.entries(BUILDUPS).map(([name, label]) => ({
        label: label + since,
        unit: "contracts",
        write: (count) => `${formatNumber(count)} ${count === 1 ? "contract" : "contracts"}`,
        calls: positionOf(counts?.calls[name]),
        puts: positionOf(counts?.puts[name]),
    }));
}

/** @param {Position | null} position @param {PositionRow} row */
function textOf(position, { write }) {
    if (!position) return DASH;
    const { strike, number } = position;
    return strike === null ? write(number) : `${formatStrike(strike)}  (${write(number)})`;
}

/** @param {PositionRow} row */
function numbersOf({ label, unit, calls, puts }) {
    const numbers = [calls, puts].flatMap((each) => [each?.strike ?? null, each?.number ?? null]);
    return [`${label} (${unit})`, ...numbers];
}

function emptyRow() {
    const row = document.createElement("tr");
    const head = row.appendChild(document.createElement("th"));
    head.scope = "row";
    row.append(document.createElement("td"), document.createElement("td"));
    return row;
}
