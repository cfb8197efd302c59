/**
 * The head of the chain's table: the calls' columns, the strike, and the puts' columns mirrored.
 */

/** @import { Column } from "./columns.js" */

const STRIKE_COLUMN_PX = 66;
const QUOTE_FIELDS = new Set(["bid_qty", "bid_price", "ask_price", "ask_qty"]);

/**
 * @param {HTMLTableElement} table
 * @param {HTMLTableSectionElement} head
 * @param {Column[]} columns of the calls
 */
export function renderHead(table, head, columns) {
    const { sides: calls, middle } = apart(columns);
    const puts = mirrored(calls);
    const parts = [...calls, { width: STRIKE_COLUMN_PX }, ...middle, ...puts];
    const widths = parts.map(({ width }) => width);
    table.querySelector("colgroup")?.replaceChildren(...widths.map(tableColumn));
    table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
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
        heading("Strike", "col", "strike"),
        ...middle.map(columnHeading),
        ...puts.map(columnHeading),
    );
    head.replaceChildren(sides, names);
}

/**
 * The columns of each side, and those that stand once, beside the strike.
 * @param {Column[]} columns
 */
export function apart(columns) {
    return {
        sides: columns.filter(({ ofStrike }) => !ofStrike),
        middle: columns.filter(({ ofStrike }) => ofStrike),
    };
}

/**
 * The puts' columns, from the strike outwards; on both sides the bid stands left of the ask.
 * @param {Column[]} columns
 */
export function mirrored(columns) {
    const quotes = columns.filter((column) => QUOTE_FIELDS.has(column.name));
    return [...quotes, ...columns.filter((column) => !QUOTE_FIELDS.has(column.name)).reverse()];
}

/** @param {number} width in pixels */
function tableColumn(width) {
    const column = document.createElement("col");
    column.style.width = `${width}px`;
    return column;
}

/**
 * @param {string} text
 * @param {string} className
 * @param {number} span how many columns it stands above
 */
function sideHeading(text, className, span) {
    const cell = heading(text, "colgroup", className);
    cell.colSpan = span;
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
