/** The least and the most that a number of a row may be: in the address, in words, and judged. */

import { factorsOfRow } from "../figures/position_unit.js";
import { formatExact, isNumber } from "../words/format.js";
import { SCREENER_COLUMNS } from "./screener_columns.js";

/** @import { ScreenerRow } from "../api_types.d.ts" */
/** @import { Unit } from "../figures/position_unit.js" */
/** @import { ScreenerColumn } from "./screener_columns.js" */

/** @typedef {"min" | "max"} BoundSide */
/**
 * `unit` is that of the value where it is counted, else null: a bound stays what it is where rows are
 * shown in another unit.
 * @typedef {{name: string, side: BoundSide, value: number, unit: Unit | null}} NumberBound
 */

/** @type {readonly BoundSide[]} */
export const BOUND_SIDES = ["min", "max"];
/** The columns that have bounds: all numbers. */
export const BOUNDED_COLUMNS = SCREENER_COLUMNS.filter(({ text }) => !text);
/** @type {readonly Unit[]} */
const BOUND_UNITS = ["lots", "quantity", "rupees"];

/**
 * Those that an address names, like the API: min_iv_rank=80. A unit other than lots follows the number.
 * @param {URLSearchParams} parameters
 * @returns {NumberBound[]}
 */
export function boundsIn(parameters) {
    return BOUNDED_COLUMNS.flatMap((column) =>
        BOUND_SIDES.flatMap((side) => {
            const text = parameters.get(`${side}_${column.name}`)?.trim();
            return (text && boundOf(column, side, text)) || [];
        }),
    );
}

/** Whether a parameter of an address is one of these bounds. @param {string} name @param {NumberBound[]} bounds */
export function isBound(name, bounds) {
    return bounds.some((bound) => name === `${bound.side}_${bound.name}`);
}

/** @param {ScreenerColumn} column @param {BoundSide} side @param {string} text @returns {NumberBound | null} */
function boundOf({ name, isCounted }, side, text) {
    const [number, named, ...rest] = text.split(":");
    const unit = BOUND_UNITS.find((each) => each === (named ?? "lots"));
    const value = number ? Number(number) : Number.NaN;
    const isKnown = unit && (isCounted || named === undefined) && rest.length === 0;
    return isKnown && isNumber(value) ? { name, side, value, unit: isCounted ? unit : null } : null;
}

/** In the order of the columns. @param {NumberBound[]} bounds */
export function inOrder(bounds) {
    return BOUNDED_COLUMNS.flatMap(({ name }) =>
        BOUND_SIDES.flatMap((side) =>
            bounds.filter((bound) => bound.name === name && bound.side === side),
        ),
    );
}

/** @param {URLSearchParams} parameters @param {NumberBound[]} bounds */
export function writeBounds(parameters, bounds) {
    for (const { name, side, value, unit } of bounds) {
        const suffix = unit && unit !== "lots" ? `:${unit}` : "";
        parameters.set(`${side}_${name}`, value + suffix);
    }
}

/** @param {NumberBound} bound @returns {string} IV pctl ≥ 80 */
export function boundText({ name, side, value, unit }) {
    const sign = side === "min" ? "≥" : "≤";
    const number = formatExact(value);
    const label = labelOfBounded(name);
    if (unit === "rupees") return `${label} ${sign} ₹${number}`;
    return `${label} ${sign} ${number}${unit ? ` ${unit}` : ""}`;
}

/** @param {string} name */
export function labelOfBounded(name) {
    return BOUNDED_COLUMNS.find((column) => column.name === name)?.label ?? name;
}

/**
 * The rows within all bounds. A number that is not known is within none: `unknown` counts the rows
 * that are left out for that alone, and `names` what they lack.
 * @param {ScreenerRow[]} rows in lots
 * @param {NumberBound[]} bounds
 * @returns {{within: ScreenerRow[], unknown: number, names: string[]}}
 */
export function rowsWithin(rows, bounds) {
    /** @type {Set<string>} */
    const names = new Set();
    let unknown = 0;
    const within = rows.filter((row) => {
        const values = bounds.map((bound) => valueOfBound(row, bound));
        if (!bounds.every((bound, index) => isWithin(values[index], bound))) return false;
        const lacking = bounds.filter((_, index) => values[index] === null);
        for (const { name } of lacking) names.add(name);
        unknown += lacking.length ? 1 : 0;
        return lacking.length === 0;
    });
    return { within, unknown, names: [...names] };
}

/** @param {number | null} value null where nobody knows @param {NumberBound} bound */
function isWithin(value, { side, value: limit }) {
    if (value === null) return true;
    return side === "min" ? value >= limit : value <= limit;
}

/** @param {ScreenerRow} row in lots @param {NumberBound} bound @returns {number | null} in its unit */
function valueOfBound(row, { name, unit }) {
    const value = row[name];
    const factor = unit ? factorsOfRow(row).factors[unit] : 1;
    return isNumber(value) && factor !== null ? value * factor : null;
}
