/**
 * A table as CSV: numbers as they are, instants with the offset of India. Readers guess the type of a
 * column from its first rows, so where one number has decimals all have a decimal point.
 */

import { INDIA_OFFSET_MS } from "../words/format.js";

/** @import { TableData, ExportedValue } from "./table_data.js" */

/** @param {TableData} table @returns {string} */
export function csvOf({ columns, rows, decimals = [] }) {
    const areDecimal = columns.map(
        (_, column) => decimals[column] || rows.some((values) => isFraction(values[column])),
    );
    const fields = rows.map((values) =>
        values.map((value, column) => fieldOf(value, areDecimal[column])),
    );
    const lines = [columns.map((name) => fieldOf(name, false)), ...fields];
    return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** @param {ExportedValue} value */
function isFraction(value) {
    return typeof value === "number" && !Number.isInteger(value);
}

/** @param {ExportedValue} value @param {boolean} isDecimal */
function fieldOf(value, isDecimal) {
    if (value === null) return "";
    const text = textOfValue(value, isDecimal);
    // A text that a spreadsheet would take for a formula stays a text.
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {NonNullable<ExportedValue>} value @param {boolean} isDecimal */
function textOfValue(value, isDecimal) {
    if (value instanceof Date) return indianTime(value);
    if (typeof value === "object") return value.expiry;
    const text = String(value);
    return isDecimal && typeof value === "number" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** @param {Date} instant @returns {string} 2026-06-19T15:02:30+05:30 */
function indianTime(instant) {
    const shifted = new Date(instant.getTime() + INDIA_OFFSET_MS);
    return `${shifted.toISOString().slice(0, 19)}+05:30`;
}
