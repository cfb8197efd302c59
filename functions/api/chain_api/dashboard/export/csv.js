/** A table as CSV: numbers as they are, instants with the offset of India. */

import { INDIA_OFFSET_MS } from "../words/format.js";

/** @import { TableData, ExportedValue } from "./table_data.js" */

/** @param {TableData} table @returns {string} */
export function csvOf({ columns, rows }) {
    const lines = [columns, ...rows].map((values) => values.map(fieldOf).join(","));
    return `${lines.join("\r\n")}\r\n`;
}

/** @param {ExportedValue} value */
function fieldOf(value) {
    if (value === null) return "";
    const text = value instanceof Date ? indianTime(value) : String(value);
    // A text that a spreadsheet would take for a formula stays a text.
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {Date} instant @returns {string} 2026-06-19T15:02:30+05:30 */
function indianTime(instant) {
    const shifted = new Date(instant.getTime() + INDIA_OFFSET_MS);
    return `${shifted.toISOString().slice(0, 19)}+05:30`;
}
