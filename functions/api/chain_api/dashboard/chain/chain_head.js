/**
 * The head of the chain's table: the calls' columns, the strike, and the puts' columns mirrored.
 */

import { apart, STRIKE_COLUMN } from "./columns.js";

/** @import { Column } from "./columns.js" */
/** @import { ColumnWidths } from "./column_widths.js" */

const QUOTE_FIELDS = new Set(["bid_qty", "bid_price", "ask_price", "ask_qty"]);

/**
 * @param {HTMLTableElement} table
 * @param {HTMLTableSectionElement} head
 * @param {Column[]} columns of the calls
 */
export function renderHead(table, head, columns) {
    const { sides: calls, middle } = apart(columns);
    const puts = mirrored(calls);
    const count = 2 * calls.length + 1 + middle.length;
    const parts = Array.from({ length: count }, () => document.createElement("col"));
    table.querySelector("colgroup")?.replaceChildren(...parts);
    const empty = document.createElement("td");
    empty.className = "strike";
    empty.colSpan = 1 + middle.length;
    const sides = document.createElement("tr");
    sides.append(
        sideHeading("Calls", "call", calls.length),
        empty,
        sideHeading("Puts", "put", calls.length),
    );
    const names = document.createElement("tr");
    names.append(
        ...calls.map(columnHeading),
        heading(STRIKE_COLUMN.label, "col", "strike"),
        ...middle.map(columnHeading),
        ...puts.map(columnHeading),
    );
    head.replaceChildren(sides, names);
}

/**
 * The puts' columns, from the strike outwards; on both sides the bid stands left of the ask.
 * @param {Column[]} columns
 */
export function mirrored(columns) {
    const quotes = columns.filter((column) => QUOTE_FIELDS.has(column.name));
    return [...quotes, ...columns.filter((column) => !QUOTE_FIELDS.has(column.name)).reverse()];
}

/**
 * Give the columns their widths. They are shares of the table, which fills its box.
 * @param {HTMLTableElement} table
 * @param {Column[]} columns of the calls
 * @param {ColumnWidths} widths
 */
export function setWidths(table, columns, widths) {
    const { sides, middle } = apart(columns);
    const shown = [...sides, STRIKE_COLUMN, ...middle, ...mirrored(sides)];
    const needed = shown.map((each) => widths.of(each));
    for (const [index, part] of [...table.querySelectorAll("col")].entries()) {
        part.style.width = `${needed[index]}px`;
    }
    table.style.minWidth = `${widths.ofTable(columns)}px`;
    table.style.setProperty("--strike-column", `${widths.of(STRIKE_COLUMN)}px`);
}

/**
 * @param {string} text
 * @param {string} className
 * @param {number} span how many columns it stands above
 */
function sideHeading(text, className, span) {
    const cell = heading("", "colgroup", className);
    cell.colSpan = span;
    // It stays in sight while the columns below it scroll sideways.
    cell.appendChild(document.createElement("span")).textContent = text;
    return cell;
}

/** @param {Column} column */
function columnHeading({ name, label, kind, title }) {
    const cell = heading(label, "col", kind, title);
    cell.dataset.name = name;
    return cell;
}

/** @param {string} text @param {string} scope */
export function heading(text, scope, className = "", title = "") {
    const cell = document.createElement("th");
    cell.textContent = text;
    cell.scope = scope;
    if (className) cell.className = className;
    if (title) cell.title = title;
    return cell;
}
