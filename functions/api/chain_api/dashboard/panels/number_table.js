/** A table of a panel: its cells carry the exact values beside what is written. */

import { setText } from "../browser/dom.js";
import { attributeValue } from "../words/format.js";
import { addTable } from "./panel_table.js";

/**
 * A cell: its text, its value as the API has it, and why there is none. Words may take several lines,
 * and are exported as they are.
 * @typedef {{text: string, value: unknown, title?: string, isOfWords?: boolean}} NumberCell
 * @typedef {{name: string, isExpiry?: boolean, cells: NumberCell[]}} NumberRow
 */

export class NumberTable {
    /** @param {HTMLElement} parent @param {string} caption @param {string[]} heads of the columns */
    constructor(parent, caption, heads) {
        const scroller = parent.appendChild(document.createElement("div"));
        scroller.className = "number-table";
        this.body = addTable(scroller, caption, heads);
    }

    /** @param {string} caption of what is shown from now on */
    nameAs(caption) {
        const table = this.body.parentElement;
        if (table instanceof HTMLTableElement) setText(table.createCaption(), caption);
    }

    /** @param {NumberRow[]} rows */
    show(rows) {
        while (this.body.rows.length > rows.length) this.body.deleteRow(-1);
        for (const [index, { name, isExpiry = false, cells }] of rows.entries()) {
            const row = this.body.rows[index] ?? newNumberRow(this.body, cells.length);
            const [head] = row.cells;
            setText(head, name);
            if (isExpiry) Object.assign(head.dataset, { kind: "expiry", value: name });
            for (const [
                column,
                { text, value, title = "", isOfWords = false },
            ] of cells.entries()) {
                const cell = row.cells[column + 1];
                setText(cell, text);
                cell.dataset.value = attributeValue(value);
                if (cell.title !== title) cell.title = title;
                cell.classList.toggle("words", isOfWords);
                if (isOfWords) cell.dataset.kind = "words";
                else delete cell.dataset.kind;
            }
        }
    }
}

/** @param {HTMLTableSectionElement} body @param {number} cells */
function newNumberRow(body, cells) {
    const row = body.insertRow();
    const head = row.appendChild(document.createElement("th"));
    head.scope = "row";
    for (let column = 0; column < cells; column += 1) row.insertCell();
    return row;
}
