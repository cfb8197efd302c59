/** The tables of the panel of volatility: the expiries, and where volatility stands. */

import {
    formatDayOfMonth,
    formatNumber,
    formatSigned,
    formatStrike,
    formatTime,
    isNumber,
} from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";

/** @import { NumberRow } from "../number_table.js" */
/** @import { IvRank, TermRecord } from "../structure.d.ts" */

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
        isExpiry: true,
        cells: TERM_COLUMNS.map(({ name, format }) => ({
            text: format(record[name]),
            value: record[name],
            title: record[name] === null ? reasonText(record.reasons[name]) : "",
        })),
    }));
}

const STANDINGS = /** @type {const} */ ([
    ["iv_30d", "IV in 30 days", 2, "% a year"],
    ["iv_rank", "IV rank", 0, "of 100"],
    ["iv_percentile", "IV percentile", 0, "of 100"],
]);

/** @param {IvRank | null} found null before it has come @returns {NumberRow[]} */
export function rowsOfStanding(found) {
    return STANDINGS.map(([name, label, digits, unit]) => {
        const value = found?.[name] ?? null;
        const note = found ? standingNote(found, name, unit) : "";
        const days = name === "iv_30d" ? null : (found?.iv_days ?? null);
        return {
            name: label,
            cells: [
                { text: formatNumber(value, digits), value },
                { text: note, value: days, isOfWords: true },
            ],
        };
    });
}

/** @param {IvRank} found @param {typeof STANDINGS[number][0]} name @param {string} unit */
function standingNote({ timestamp, iv_days: days, reasons, ...numbers }, name, unit) {
    if (!isNumber(numbers[name])) return reasonText(reasons[name]);
    if (name === "iv_30d") return `${unit}, ${formatTime(timestamp)} IST`;
    const basis = `${formatNumber(days)} recorded ${days === 1 ? "day" : "days"}`;
    return `${unit}, of ${basis} before ${formatDayOfMonth(timestamp)}`;
}
