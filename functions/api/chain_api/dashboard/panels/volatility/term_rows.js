/** The tables of the panel of volatility: the expiries, and where volatility stands. */

import { formatNumber, formatSigned, formatStrike, isNumber } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";

/** @import { ScreenerRow } from "../../api_types.d.ts" */
/** @import { NumberRow } from "../number_table.js" */
/** @import { TermRecord } from "../structure.d.ts" */

/** @type {{name: string, head: string, format: (value: unknown) => string}[]} */
const TERM_COLUMNS = [
    { name: "days_to_expiry", head: "Days", format: (value) => formatNumber(value, 1) },
    { name: "forward", head: "Forward", format: (value) => formatNumber(value, 2) },
    { name: "atm_iv", head: "ATM IV %", format: (value) => formatNumber(value, 2) },
    { name: "straddle_price", head: "Straddle", format: (value) => formatNumber(value, 2) },
    { name: "implied_move_percent", head: "Move %", format: (value) => formatNumber(value, 2) },
    { name: "skew_25_delta", head: "Skew 25Δ", format: (value) => formatSigned(value, 2) },
    { name: "pcr_oi", head: "PCR", format: (value) => formatNumber(value, 3) },
    { name: "max_pain", head: "Max pain", format: formatStrike },
];
export const TERM_HEADS = ["Expiry", ...TERM_COLUMNS.map(({ head }) => head)];

/** @param {TermRecord[]} records @returns {NumberRow[]} */
export function rowsOfTerms(records) {
    return records.map((record) => ({
        name: record.expiry_date,
        cells: TERM_COLUMNS.map(({ name, format }) => ({
            text: format(record[name]),
            value: record[name],
            title: record[name] === null ? reasonText(record.reasons[name]) : "",
        })),
    }));
}

/** The columns of the screener that say where the volatility of a symbol stands. */
export const STANDING_COLUMNS = ["iv_30d", "iv_rank", "iv_percentile", "iv_days"];

const STANDINGS = /** @type {const} */ ([
    ["iv_30d", "IV in 30 days", 2, "% a year"],
    ["iv_rank", "IV rank", 0, "of 100"],
    ["iv_percentile", "IV percentile", 0, "of 100"],
]);

/** Without a row there are dashes: ranks are known of the latest data alone. */
const NOT_OF_THE_PAST = "of the latest data alone";

/** @param {ScreenerRow | null} row @returns {NumberRow[]} */
export function rowsOfStanding(row) {
    if (!row) {
        const nothing = { text: formatNumber(null), value: null };
        const note = { text: NOT_OF_THE_PAST, value: null };
        return STANDINGS.map(([, label]) => ({ name: label, cells: [nothing, note] }));
    }
    const days = Number(row.iv_days);
    const basis = `of ${formatNumber(days)} recorded ${days === 1 ? "day" : "days"}`;
    return STANDINGS.map(([name, label, digits, unit]) => {
        const value = row[name];
        const why = reasonText(row.reasons[name]);
        const note = isNumber(value) ? (name === "iv_30d" ? unit : `${unit}, ${basis}`) : why;
        return {
            name: label,
            cells: [
                { text: formatNumber(value, digits), value },
                { text: note, value: name === "iv_30d" ? null : row.iv_days },
            ],
        };
    });
}
