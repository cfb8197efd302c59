/** What the user has chosen, kept in the page's address: a link shows what its sender saw. */

import { writeQuery } from "../browser/address.js";
import { boundsIn, isBound, rowsWithin, writeBounds } from "./number_bounds.js";
import { SCREENER_COLUMNS } from "./screener_columns.js";

/** @import { ScreenerRow } from "../api_types.d.ts" */
/** @import { NumberBound } from "./number_bounds.js" */

/**
 * `sort` is the name of a column, with - in front in descending order; `columns` null for the usual
 * ones. `strange` is what the address asked for and the page does not know, as it was written.
 * @typedef {{q: string, kind: string, tier: string, spark: string, sort: string,
 *     columns: string[] | null, bounds: NumberBound[], strange: string[]}} ScreenerState
 */

const FIRST_SORT = "symbol";
const FIRST_SPARK = "underlying_value";
const SPARKS = new Set([FIRST_SPARK, "pcr_oi", "atm_iv"]);
const KINDS = new Set(["index", "stock"]);
const NAMES = new Set(SCREENER_COLUMNS.map(({ name }) => name));

/** @returns {ScreenerState} */
export function stateInUrl() {
    const parameters = new URLSearchParams(location.search);
    /** @param {string} name */
    const text = (name) => parameters.get(name)?.trim() ?? "";
    const [kind, spark, sort] = [text("kind"), text("spark"), text("sort")];
    const columns = text("columns").split(",").filter(isColumn);
    const bounds = boundsIn(parameters);
    return {
        q: text("q"),
        kind: KINDS.has(kind) ? kind : "",
        tier: text("tier"),
        spark: SPARKS.has(spark) ? spark : FIRST_SPARK,
        sort: isSort(sort) ? sort : FIRST_SORT,
        columns: columns.length ? columns : null,
        bounds,
        strange: [...parameters]
            .filter(([name, value]) => value.trim() && isStrange(name, value.trim(), bounds))
            .map(([name, value]) => `${name}=${value}`),
    };
}

/** @param {string} name */
function isColumn(name) {
    return NAMES.has(name);
}

/** @param {string} name */
function isSort(name) {
    return NAMES.has(name.replace(/^-/, ""));
}

/** Whether the address asks for what would be left out. @param {string} name @param {string} value @param {NumberBound[]} bounds */
function isStrange(name, value, bounds) {
    if (name === "kind") return !KINDS.has(value);
    if (name === "spark") return !SPARKS.has(value);
    if (name === "sort") return !isSort(value);
    if (name === "columns") return !value.split(",").every(isColumn);
    return /^(min|max)_/.test(name) && !isBound(name, bounds);
}

/**
 * @param {ScreenerState} state
 * @param {boolean} isChoice whether Back leads to the one before
 */
export function writeState({ q, kind, tier, spark, sort, columns, bounds }, isChoice) {
    const parameters = new URLSearchParams();
    /** @param {string} name @param {string} value @param {string} [usual] */
    const put = (name, value, usual = "") => value === usual || parameters.set(name, value);
    put("q", q);
    put("kind", kind);
    put("tier", tier);
    put("spark", spark, FIRST_SPARK);
    put("sort", sort, FIRST_SORT);
    put("columns", columns?.join(",") ?? "");
    writeBounds(parameters, bounds);
    writeQuery(parameters, isChoice);
}

/**
 * The rows that the user wants, and how many are left out as a number is not known.
 * @param {ScreenerRow[]} rows in lots
 * @param {ScreenerState} state
 */
export function wantedRows(rows, { q, kind, tier, bounds }) {
    const text = q.toUpperCase();
    const found = rows.filter(
        (row) =>
            row.symbol.includes(text) &&
            (!kind || row.kind === kind) &&
            (!tier || row.tier === tier),
    );
    return rowsWithin(found, bounds);
}

/** Rows in order; those without a value come last either way. @param {ScreenerRow[]} rows @param {string} sort */
export function sortedRows(rows, sort) {
    const name = sort.replace(/^-/, "");
    const direction = sort.startsWith("-") ? -1 : 1;
    return rows.toSorted((one, other) => {
        const order = compared(sortValue(one, name), sortValue(other, name), direction);
        return order || compared(one.symbol, other.symbol, 1);
    });
}

/** Dates of expiries are in order of time, not of letters. @param {ScreenerRow} row @param {string} name */
function sortValue(row, name) {
    const value = row[name];
    const isDate = name === "expiry_date" && typeof value === "string";
    return isDate ? Date.parse(value.replaceAll("-", " ")) : value;
}

/** @param {unknown} one @param {unknown} other @param {number} direction 1 or -1 */
function compared(one, other, direction) {
    if (one === other) return 0;
    if (one === null || one === undefined) return 1;
    if (other === null || other === undefined) return -1;
    return (one < other ? -1 : 1) * direction;
}
