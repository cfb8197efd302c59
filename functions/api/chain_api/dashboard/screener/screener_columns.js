/** The columns of the screener: their names in the API, their heads, and how values are written. */

import { UNIT_NAMES } from "../figures/position_unit.js";
import {
    BUILDUPS,
    DASH,
    formatCrore,
    formatNumber,
    formatSigned,
    formatStrike,
    isNumber,
} from "../words/format.js";

/** @import { ScreenerRow } from "../api_types.d.ts" */
/** @import { Unit } from "../figures/position_unit.js" */

/**
 * `sign` colours the value by its sign, `text` aligns it to the left. What `isCounted` is shown in
 * the chosen unit, and `counts` names it.
 * @typedef {object} ScreenerColumn
 * @property {string} name
 * @property {string} label
 * @property {string} title
 * @property {(value: unknown) => string} write
 * @property {boolean} [sign]
 * @property {boolean} [text]
 * @property {boolean} [isCounted]
 * @property {string} [counts]
 */

/** @param {unknown} value */
const plain = (value) => (typeof value === "string" && value ? value : DASH);
/** @param {unknown} value */
const compact = (value) => (isNumber(value) ? formatCrore(value) : DASH);
/** @param {number} digits @returns {(value: unknown) => string} */
const withDigits = (digits) => (value) => formatNumber(value, digits);
/** @param {number} digits @returns {(value: unknown) => string} */
const signed = (digits) => (value) => formatSigned(value, digits);
/** @param {unknown} value */
const buildupName = (value) => (typeof value === "string" ? (BUILDUPS[value] ?? value) : DASH);

/** The name of the column with a line of the day, which is no number. */
export const LINE = "line";
export const SYMBOL = "symbol";
const CLOSE = "since the close of the trading day before";

/** @type {ScreenerColumn[]} */
export const SCREENER_COLUMNS = [
    { name: SYMBOL, label: "Symbol", title: "opens its option chain", write: plain, text: true },
    {
        name: "underlying_value",
        label: "Spot",
        title: "price of the underlying",
        write: withDigits(2),
    },
    {
        name: "underlying_change_percent",
        label: "Chg %",
        title: `change of the spot in percent, ${CLOSE}`,
        write: signed(2),
        sign: true,
    },
    { name: LINE, label: "Day", title: "one point a quarter of an hour", write: plain, text: true },
    {
        name: "pcr_oi",
        label: "PCR",
        title: "put/call ratio of open interest",
        write: withDigits(2),
    },
    {
        name: "pcr_oi_change",
        label: "PCR chg",
        title: `change of the PCR ${CLOSE}`,
        write: signed(2),
        sign: true,
    },
    {
        name: "max_pain",
        label: "Max pain",
        title: "the strike at which all options together would be worth least",
        write: formatStrike,
    },
    {
        name: "atm_iv",
        label: "ATM IV",
        title: "implied volatility at the money, % a year",
        write: withDigits(2),
    },
    {
        name: "atm_iv_change",
        label: "IV chg",
        title: `change of the ATM IV ${CLOSE}, in points`,
        write: signed(2),
        sign: true,
    },
    {
        name: "iv_30d",
        label: "IV 30d",
        title: "implied volatility at the money in 30 days, % a year",
        write: withDigits(2),
    },
    {
        name: "iv_rank",
        label: "IV rank",
        title: "where IV 30d lies between its lowest and highest value of the recorded days, 0 to 100",
        write: withDigits(0),
    },
    {
        name: "iv_percentile",
        label: "IV pctl",
        title: "on which share of the recorded days IV 30d was lower, 0 to 100",
        write: withDigits(0),
    },
    {
        name: "iv_days",
        label: "IV days",
        title: "recorded days with an IV 30d",
        write: withDigits(0),
    },
    {
        name: "straddle_price",
        label: "Straddle",
        title: "call and put at the money together",
        write: withDigits(2),
    },
    {
        name: "implied_move_percent",
        label: "Move %",
        title: "straddle in percent of the price",
        write: withDigits(2),
    },
    {
        name: "open_interest",
        label: "OI",
        title: "open interest of calls and puts",
        write: compact,
        isCounted: true,
    },
    {
        name: "open_interest_change_percent",
        label: "OI chg %",
        title: `change of open interest in percent, ${CLOSE}`,
        write: signed(1),
        sign: true,
    },
    {
        name: "volume",
        label: "Volume",
        title: "volume of calls and puts, of the day",
        write: compact,
        isCounted: true,
    },
    {
        name: "pcr_volume",
        label: "PCR vol",
        title: "put/call ratio of volume",
        write: withDigits(2),
    },
    {
        name: "buildup",
        label: "Build-up",
        title: "by the changes of the spot and of open interest",
        write: buildupName,
        text: true,
    },
    {
        name: "skew_25_delta",
        label: "Skew 25Δ",
        title: "volatility of the put less that of the call, at delta 0.25",
        write: signed(2),
    },
    {
        name: "support",
        label: "Support",
        title: "the strike below with the most open interest of puts",
        write: formatStrike,
    },
    {
        name: "resistance",
        label: "Resistance",
        title: "the strike above with the most open interest of calls",
        write: formatStrike,
    },
    { name: "expiry_date", label: "Expiry", title: "the nearest one", write: plain, text: true },
    {
        name: "days_to_expiry",
        label: "Days",
        title: "calendar days to the expiry",
        write: withDigits(1),
    },
    { name: "kind", label: "Kind", title: "index or stock", write: plain, text: true },
    {
        name: "tier",
        label: "Tier",
        title: "by whose interval it is read",
        write: plain,
        text: true,
    },
];

const USUAL = new Set([
    SYMBOL,
    "underlying_value",
    "underlying_change_percent",
    LINE,
    "pcr_oi",
    "max_pain",
    "atm_iv",
    "iv_rank",
    "iv_percentile",
    "straddle_price",
    "open_interest",
    "open_interest_change_percent",
    "volume",
    "buildup",
]);

/** In the head of a column. @type {Record<Unit, string>} */
const SHORT_UNITS = { lots: "lots", quantity: "qty", rupees: "₹" };

/**
 * @param {string[] | null} names null for the usual ones
 * @param {Unit} [unit] of what is counted
 * @returns {ScreenerColumn[]}
 */
export function shownColumns(names, unit = "lots") {
    const wanted = names ? new Set([SYMBOL, ...names]) : USUAL;
    return SCREENER_COLUMNS.filter(({ name }) => wanted.has(name)).map((column) =>
        column.isCounted ? counted(column, unit) : column,
    );
}

/** @param {ScreenerColumn} column @param {Unit} unit @returns {ScreenerColumn} */
function counted(column, unit) {
    const counts = UNIT_NAMES[unit];
    const label = `${column.label} (${SHORT_UNITS[unit]})`;
    return { ...column, label, title: `${column.title}, ${counts}`, counts };
}

/** What can be counted in another unit. */
export const COUNTED = SCREENER_COLUMNS.filter(({ isCounted }) => isCounted).map(
    ({ name }) => name,
);

/** Whether a column can be sorted by. @param {ScreenerColumn} column */
export function isSortable({ name }) {
    return name !== LINE;
}

/** @param {ScreenerRow} row @param {string} name @returns {unknown} */
export function valueIn(row, name) {
    return row[name];
}
