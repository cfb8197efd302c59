/**
 * The cell that the user points at by keyboard or touch, and its note in words: a title needs a
 * mouse.
 */

import { setText } from "../browser/dom.js";
import { COLUMNS } from "./columns.js";

/** How an arrow key moves: rows down, cells to the right. @type {Record<string, [number, number]>} */
const MOVES = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
};

export class CellCursor {
    /**
     * @param {HTMLTableElement} table
     * @param {HTMLElement} scroller around it; Enter leads from there to the strike at the money
     * @param {HTMLElement} note
     */
    constructor(table, scroller, note) {
        this.table = table;
        this.scroller = scroller;
        this.note = note;
        scroller.addEventListener("keydown", (event) => this.onKey(event));
        table.addEventListener("click", (event) => pointAt(cellOf(event.target)));
        table.addEventListener("focusin", () => this.showNote());
        table.addEventListener("focusout", () => setText(this.note, ""));
    }

    /** Write the note of the cell as it is now. */
    showNote() {
        const cell = cellOf(document.activeElement);
        setText(this.note, cell ? noteOfCell(cell) : "");
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        const cell = cellOf(event.target);
        const move = MOVES[event.key];
        if (cell && move) pointAt(cellFrom(cell, ...move));
        // What a click on the cell opens.
        else if (cell && event.key === "Enter") cell.click();
        else if (cell && event.key === "Escape") this.scroller.focus();
        else if (!cell && event.key === "Enter") pointAt(this.firstCell());
        else return;
        event.preventDefault();
    }

    /** The call's cell beside the strike at the money. */
    firstCell() {
        const row = this.table.querySelector("tr.atm") ?? this.table.tBodies[0].rows[0];
        return cellOf(row?.querySelector("th")?.previousElementSibling ?? null);
    }
}

/** @param {EventTarget | null} target @returns {HTMLTableCellElement | null} */
function cellOf(target) {
    return target instanceof HTMLTableCellElement && target.dataset.column ? target : null;
}

/** @param {HTMLTableCellElement | null} cell */
function pointAt(cell) {
    if (!cell) return;
    cell.tabIndex = -1;
    cell.focus();
}

/** @param {HTMLTableCellElement} cell @param {number} rows @param {number} cells */
function cellFrom(cell, rows, cells) {
    const row = cell.parentElement;
    const body = row?.parentElement;
    if (!(row instanceof HTMLTableRowElement && body instanceof HTMLTableSectionElement))
        return null;
    const { cells: found } = body.rows[row.sectionRowIndex + rows] ?? { cells: [] };
    let next = found[cell.cellIndex + cells];
    // The strike has no note, so a step to it goes past it.
    while (cells && next && !cellOf(next)) next = found[next.cellIndex + cells];
    return cellOf(next ?? null);
}

/** @param {HTMLTableCellElement} cell */
function noteOfCell({ dataset, textContent, title, parentElement }) {
    const strike = parentElement?.querySelector("th")?.firstChild?.textContent;
    const label = COLUMNS.find((column) => column.name === dataset.column)?.label;
    const meaning = title ? ` (${title.replaceAll("\n", "; ")})` : "";
    const contract = [strike, dataset.side].filter(Boolean).join(" ");
    return `${contract}, ${label}: ${textContent}${meaning}`;
}
