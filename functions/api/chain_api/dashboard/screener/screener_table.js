/** The table: one row a symbol, written anew only where something has changed. */

import { elementById, setText } from "../browser/dom.js";
import { sparklineOf } from "../charts/sparkline.js";
import { exportAs } from "../export/exported.js";
import { serverNow } from "../requests/server_clock.js";
import {
    DASH,
    formatDayOfMonth,
    formatNumber,
    formatTime,
    isNumber,
    isoDay,
    signShown,
} from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { exportedRows } from "./exported_rows.js";
import { isSortable, LINE, SYMBOL } from "./screener_columns.js";

/** @import { ScreenerRow } from "../api_types.d.ts" */
/** @import { ScreenerColumn } from "./screener_columns.js" */

/** @typedef {{element: HTMLTableRowElement, shown: string}} ShownRow */

export class ScreenerTable {
    /** @param {(name: string) => void} onSort a column was chosen to sort by */
    constructor(onSort) {
        this.onSort = onSort;
        const table = elementById("screener", HTMLTableElement);
        this.head = /** @type {HTMLTableSectionElement} */ (table.tHead);
        this.body = table.tBodies[0];
        /** @type {ScreenerColumn[]} */
        this.columns = [];
        /** @type {Map<string, ShownRow>} by symbol */
        this.rows = new Map();
        /** @type {ScreenerRow[]} those shown, in order */
        this.shown = [];
        exportAs(table, () => exportedRows(this.shown, this.columns));
    }

    /** @param {ScreenerColumn[]} columns @param {string} sort */
    showHead(columns, sort) {
        const heads = columns.map(({ name, label }) => name + label).join();
        if (heads !== this.columns.map(({ name, label }) => name + label).join()) {
            this.columns = columns;
            this.rows.clear();
            this.head.replaceChildren(this.headRow(columns));
            this.body.replaceChildren();
        }
        const cells = this.head.rows[0].cells;
        columns.forEach(({ name }, index) => {
            if (sort.replace(/^-/, "") !== name) cells[index].removeAttribute("aria-sort");
            else cells[index].ariaSort = sort.startsWith("-") ? "descending" : "ascending";
        });
    }

    /** @param {ScreenerColumn[]} columns */
    headRow(columns) {
        const row = document.createElement("tr");
        for (const column of columns) {
            const cell = row.appendChild(document.createElement("th"));
            cell.scope = "col";
            cell.title = column.title;
            cell.classList.toggle("text", column.text === true);
            const label = cell.appendChild(
                document.createElement(isSortable(column) ? "button" : "span"),
            );
            label.textContent = column.label;
            if (label instanceof HTMLButtonElement) {
                label.type = "button";
                label.addEventListener("click", () => this.onSort(column.name));
            }
        }
        return row;
    }

    /** @param {ScreenerRow[]} rows in order @param {string} spark what the lines are of */
    showRows(rows, spark) {
        this.shown = rows;
        const elements = rows.map((row) => this.rowOf(row, spark));
        const shown = this.body.rows;
        const same =
            shown.length === elements.length &&
            elements.every((element, index) => shown[index] === element);
        if (!same) this.body.replaceChildren(...elements);
    }

    /** @param {ScreenerRow} row @param {string} spark @returns {HTMLTableRowElement} */
    rowOf(row, spark) {
        // Without the ages, which move on while nothing else does.
        const { age_seconds: _, last_seen_at: seen, ...rest } = row;
        const shown = JSON.stringify([rest, row.gap && seen, spark]);
        const known = this.rows.get(row.symbol);
        if (known?.shown === shown) return known.element;
        const element = known?.element ?? document.createElement("tr");
        element.dataset.symbol = row.symbol;
        element.classList.toggle("old", row.gap);
        element.replaceChildren(...this.columns.map((column) => cellOf(row, column, spark)));
        this.rows.set(row.symbol, { element, shown });
        return element;
    }
}

/** @param {ScreenerRow} row @param {ScreenerColumn} column @param {string} spark */
function cellOf(row, column, spark) {
    if (column.name === SYMBOL) return symbolCell(row);
    const cell = document.createElement("td");
    cell.dataset.column = column.name;
    cell.classList.toggle("text", column.text === true);
    if (column.name === LINE) return withLine(cell, row, spark);
    const value = row[column.name];
    const text = column.write(value);
    setText(cell, text);
    if (column.sign && isNumber(value)) cell.dataset.sign = String(signShown(value, text));
    if (column.counts && isNumber(value)) cell.title = `${formatNumber(value)} ${column.counts}`;
    if (value === null || value === undefined) {
        cell.title = reasonText(row.reasons?.[column.name] ?? row.reasons?.timestamp);
    }
    return cell;
}

/** @param {ScreenerRow} row @returns {HTMLTableCellElement} */
function symbolCell(row) {
    const cell = document.createElement("th");
    cell.scope = "row";
    cell.className = "text";
    const link = cell.appendChild(document.createElement("a"));
    link.href = `../dashboard?${new URLSearchParams({ symbol: row.symbol })}`;
    link.textContent = row.symbol;
    if (row.gap) {
        const since = document.createElement("small");
        since.textContent = sinceWhen(row);
        cell.append(" ", since);
    }
    return cell;
}

/** Say since when the numbers of a row are old. @param {ScreenerRow} row */
function sinceWhen({ last_seen_at: seen }) {
    if (!seen) return "nothing recorded";
    const today = isoDay(seen) === isoDay(serverNow());
    return `old: ${today ? `${formatTime(seen)} IST` : formatDayOfMonth(seen)}`;
}

/** @param {HTMLTableCellElement} cell @param {ScreenerRow} row @param {string} spark */
function withLine(cell, row, spark) {
    const format = spark === "underlying_value" ? 2 : 3;
    const line = sparklineOf(row.sparkline, (value) => Number(value).toFixed(format));
    if (line) {
        cell.append(line);
    } else {
        cell.textContent = DASH;
        cell.title = "fewer than two quarters of an hour of this day have ended";
    }
    return cell;
}
