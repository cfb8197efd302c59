/** The last row of the chain: the sums of open interest and volume of each side, and their ratio. */

import { isScaled, UNIT_NAMES } from "../figures/position_unit.js";
import { missingPartText, totalOf } from "../figures/side_totals.js";
import {
    attributeValue,
    DASH,
    formatNumber,
    formatSigned,
    formatSignedSum,
    formatSum,
    isNumber,
} from "../words/format.js";
import { heading, mirrored } from "./chain_head.js";
import { apart } from "./columns.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { Column } from "./columns.js" */
/** @import { Unit } from "../figures/position_unit.js" */
/** @import { SideTotal } from "../figures/side_totals.js" */

/** More characters have no room in a column. */
const MOST_CHARACTERS = 9;
/** @typedef {{element: HTMLTableCellElement, column: Column, side: "call" | "put"}} TotalCell */

export class TotalRow {
    /** @param {HTMLTableElement} table */
    constructor(table) {
        this.foot = table.createTFoot();
        // Without rows it would stand below the head, and move when they come.
        this.foot.hidden = true;
        /** @type {TotalCell[]} those with a sum */
        this.sums = [];
        /** @type {HTMLTableCellElement | null} */
        this.ratio = null;
    }

    /** @param {Column[]} columns */
    setColumns(columns) {
        const { sides, middle } = apart(columns);
        this.sums = [];
        this.ratio = null;
        const row = document.createElement("tr");
        row.append(...sides.map((column) => this.cellOf(column, "call")));
        row.append(heading("Total", "row"));
        for (const _column of middle) this.ratio = row.insertCell();
        row.append(...mirrored(sides).map((column) => this.cellOf(column, "put")));
        this.foot.replaceChildren(row);
    }

    /** @param {Column} column @param {"call" | "put"} side */
    cellOf(column, side) {
        const element = document.createElement("td");
        element.dataset.side = side;
        // What is shown in the chosen unit counts contracts, and can be summed.
        if (isScaled(column.name)) {
            element.dataset.total = column.name;
            this.sums.push({ element, column, side });
        }
        return element;
    }

    /**
     * @param {StrikeRow[]} rows in the unit @param {Unit} unit
     * @returns {{name: string, text: string}[]} what is written below each column
     */
    show(rows, unit) {
        this.foot.hidden = rows.length === 0;
        if (this.ratio) writeRatio(this.ratio, rows);
        const ratio = { name: "pcr", text: this.ratio?.textContent ?? "" };
        const sums = this.sums.map(({ element, column, side }) => {
            const total = totalOf(rows, side, column.name);
            const text = totalText(total.sum, column, unit);
            writeSum(element, total, text, unit);
            return { name: column.name, text };
        });
        return [ratio, ...sums];
    }
}

/** @param {number | null} sum @param {Column} column @param {Unit} unit */
function totalText(sum, { kind }, unit) {
    if (sum === null) return DASH;
    const whole = kind === "signed" ? formatSigned(sum) : formatNumber(sum);
    if (unit === "lots" && whole.length <= MOST_CHARACTERS) return whole;
    return kind === "signed" ? formatSignedSum(sum) : formatSum(sum);
}

/** @param {HTMLTableCellElement} element @param {SideTotal} total @param {string} text @param {Unit} unit */
function writeSum(element, total, text, unit) {
    const value = attributeValue(total.sum);
    if (element.dataset.value !== value || element.textContent !== text) {
        element.dataset.value = value;
        element.classList.toggle("empty", value === "");
        element.textContent = text;
    }
    const exact = total.sum === null ? "" : `${formatNumber(total.sum)} ${UNIT_NAMES[unit]}`;
    const title = [exact, missingPartText(total)].filter(Boolean).join("\n");
    if (element.title !== title) element.title = title;
    // A sum of a part of the contracts is no number of the whole chain.
    element.dataset.mark = total.missing > 0 && total.sum !== null ? "aside" : "";
}

/** @param {HTMLTableCellElement} element @param {StrikeRow[]} rows */
function writeRatio(element, rows) {
    const [calls, puts] = [
        totalOf(rows, "call", "open_interest"),
        totalOf(rows, "put", "open_interest"),
    ];
    const isWhole = !calls.missing && !puts.missing && isNumber(puts.sum);
    const value = isWhole && calls.sum ? Number(puts.sum) / calls.sum : null;
    element.dataset.total = "pcr";
    element.dataset.value = attributeValue(value);
    element.textContent = formatNumber(value, 2);
    element.title = value === null ? "the sums of both sides are not known, or 0" : "";
}
