/** The numbers of a chart as a table, which is written while it is open. */

import { attributeValue, formatNumber, formatTime } from "../../words/format.js";
import { addTable } from "../panel_table.js";

/**
 * `notes` say why a value is missing. A value of `kind` "time" is one in milliseconds since 1970.
 * @typedef {{label: string, digits?: number, kind?: "time"}} ValueColumn
 * @typedef {{time: number, values: (number | null)[], notes?: string[]}} ValueRow
 */

export class ValueTable {
    /** @param {HTMLElement} parent @param {string} caption @param {ValueColumn[]} columns */
    constructor(parent, caption, columns) {
        this.columns = columns;
        /** @type {() => ValueRow[]} */
        this.rowsOf = () => [];
        /** What is written, by row. @type {string[]} */
        this.written = [];
        this.details = parent.appendChild(document.createElement("details"));
        this.details.className = "value-table";
        this.details.appendChild(document.createElement("summary")).textContent = "Table";
        const box = this.details.appendChild(document.createElement("div"));
        const heads = ["Time (IST)", ...columns.map((column) => column.label)];
        this.body = addTable(box, caption, heads);
        this.details.addEventListener("toggle", () => this.write());
    }

    /** @param {() => ValueRow[]} rowsOf the rows by time; asked for while the table is open */
    show(rowsOf) {
        this.rowsOf = rowsOf;
        this.write();
    }

    /** Write the rows that have changed. */
    write() {
        if (!this.details.open) return;
        const rows = this.rowsOf();
        const texts = rows.map((row) => JSON.stringify(row));
        texts.forEach((text, index) => {
            if (text === this.written[index]) return;
            const row = this.rowOf(rows[index]);
            const old = this.body.rows[index];
            if (old) old.replaceWith(row);
            else this.body.append(row);
        });
        while (this.body.rows.length > rows.length) this.body.deleteRow(-1);
        this.written = texts;
    }

    /** @param {ValueRow} row */
    rowOf({ time, values, notes = [] }) {
        const row = document.createElement("tr");
        const head = row.appendChild(document.createElement("th"));
        head.scope = "row";
        writeTime(head, time);
        values.forEach((value, index) => {
            const cell = row.insertCell();
            const { digits, kind } = this.columns[index];
            if (kind === "time" && value !== null) writeTime(cell, value);
            else {
                cell.textContent = formatNumber(value, digits);
                cell.dataset.value = attributeValue(value);
            }
            if (notes[index]) cell.title = notes[index];
        });
        return row;
    }
}

/** @param {HTMLTableCellElement} cell @param {number} time milliseconds since 1970 */
function writeTime(cell, time) {
    cell.textContent = formatTime(time);
    cell.dataset.kind = "time";
    cell.dataset.value = new Date(time).toISOString().replace(".000Z", "Z");
}
