/** The table of all symbols as it is exported: the rows that are shown, with exact numbers. */

import { LINE, SYMBOL } from "./screener_columns.js";

/** @import { ScreenerRow } from "../api_types.d.ts" */
/** @import { ExportedTable, ExportedCell } from "../export/exported.js" */
/** @import { ScreenerColumn } from "./screener_columns.js" */

/**
 * Each row says of when it is, as old ones are among them.
 * @param {ScreenerRow[]} rows in the shown unit and order
 * @param {ScreenerColumn[]} columns
 * @returns {ExportedTable}
 */
export function exportedRows(rows, columns) {
    const numbers = columns.filter(({ name }) => name !== SYMBOL && name !== LINE);
    return {
        title: "Screener",
        columns: ["Symbol", "Confirmed (IST)", ...numbers.map(({ label }) => label)],
        rows: rows.map((row) => [
            row.symbol,
            row.last_seen_at === null ? null : new Date(row.last_seen_at),
            ...numbers.map((column) => exportedValueOf(row, column)),
        ]),
    };
}

/** @param {ScreenerRow} row @param {ScreenerColumn} column @returns {ExportedCell} */
function exportedValueOf(row, { name, write }) {
    const value = row[name];
    if (typeof value === "number") return value;
    if (typeof value !== "string") return null;
    return name === "expiry_date" ? { expiry: value } : write(value);
}
