/** The tables and charts of the page as plain data, with exact numbers. */

import { exportedOf } from "../browser/exported.js";
import { chartIn } from "../charts/chart.js";
import { INDIA_OFFSET_SECONDS } from "../charts/day_chart.js";
import { buttonColumns, cellText, columnsWithout } from "./cell_text.js";

/**
 * A value is a number, a text, or an instant as a Date; null where there is none.
 * @typedef {number | string | Date | null} ExportedValue
 * @typedef {{title: string, columns: string[], rows: ExportedValue[][]}} TableData
 */

/** What the places of an axis are, by what charts share. @type {Record<string, string>} */
const PLACE_NAMES = {
    day: "Time (IST)",
    strikes: "Strike",
    gamma: "Strike",
    "gamma-profile": "Price",
    payoff: "Price",
    terms: "Days to expiry",
};
const SIDE_NAMES = new Map([
    ["call", "Call"],
    ["put", "Put"],
]);

/**
 * What a section shows: its tables, then its charts.
 * @param {Element} section
 * @param {string} [apart] what inside of it is not its own, as a selector
 * @returns {{element: HTMLElement, data: TableData}[]} those with rows
 */
export function tablesIn(section, apart = "") {
    const found = [...section.querySelectorAll("table, .plot")];
    return found.flatMap((element) => {
        const isApart = apart !== "" && element.closest(apart);
        if (!(element instanceof HTMLElement) || isApart) return [];
        const data =
            element instanceof HTMLTableElement ? dataOfTable(element) : dataOfChart(element);
        return data?.rows.length ? [{ element, data }] : [];
    });
}

/** @param {HTMLTableElement} table @returns {TableData} */
function dataOfTable(table) {
    const own = exportedOf(table);
    if (own) return { title: titleOf(table, table.caption), ...own };
    const { tFoot } = table;
    const bodies = [...table.tBodies, ...(tFoot && !tFoot.hidden ? [tFoot] : [])];
    const rows = bodies.flatMap((body) => [...body.rows]);
    const isKept = columnsWithout(buttonColumns(table));
    return {
        title: titleOf(table, table.caption),
        columns: columnsOf(table),
        rows: rows.map((row) => [...row.cells].flatMap(valuesOf).filter(isKept)),
    };
}

/** What stands above the columns of a table, with their side. @param {HTMLTableElement} table @returns {string[]} */
export function columnsOf(table) {
    const heads = table.tHead
        ? [...(table.tHead.rows[table.tHead.rows.length - 1]?.cells ?? [])]
        : [];
    const first = table.tBodies[0]?.rows[0]?.cells ?? [];
    const columns = heads.map((head, index) => {
        const side = SIDE_NAMES.get(first[index]?.dataset.side ?? "");
        const name = wordsOf(head) || wordsOf(table.caption);
        return side ? `${side} ${name}` : name;
    });
    return columns.filter(columnsWithout(buttonColumns(table)));
}

/** A cell that spans several columns has its value in the first. @param {HTMLTableCellElement} cell */
function valuesOf(cell) {
    return [exportedValue(cell), ...Array(cell.colSpan - 1).fill(null)];
}

/** @param {HTMLTableCellElement} cell @returns {ExportedValue} */
function exportedValue(cell) {
    const { value, kind, total, mark } = cell.dataset;
    // A sum of a part of the contracts would be taken for one of all.
    if (total && mark === "aside") return null;
    const exact = value ?? cell.parentElement?.dataset.strike;
    const isHead = cell.tagName === "TH";
    if (isHead && value === undefined && cell.cellIndex === 0) return cellText(cell);
    if (exact === undefined) return cellText(cell) || null;
    if (exact === "") return null;
    if (kind === "time") return new Date(exact);
    const number = Number(exact);
    return Number.isFinite(number) ? number : exact;
}

/** @param {HTMLElement} container @returns {TableData | null} null where there is no chart */
function dataOfChart(container) {
    const chart = chartIn(container);
    if (!chart) return null;
    const title = titleOf(container, container.closest("figure")?.querySelector("h3") ?? null);
    if (chart.exported) return { title, ...chart.exported() };
    const { plot, sync, data } = chart;
    const [places, ...lines] = data;
    const isDay = sync === "day";
    const shown = lines.map((_, index) => index).filter((index) => plot.series[index + 1].label);
    return {
        title,
        columns: [
            PLACE_NAMES[sync] ?? "Place",
            ...shown.map((index) => String(plot.series[index + 1].label)),
        ],
        rows: [...places].map((place, row) => [
            isDay ? new Date((place - INDIA_OFFSET_SECONDS) * 1000) : place,
            ...shown.map((index) => lines[index][row] ?? null),
        ]),
    };
}

/** @param {Element} element @param {Element | null} name */
function titleOf(element, name) {
    if (name?.className !== "unseen" && wordsOf(name)) return wordsOf(name);
    const heading = element.closest("section")?.querySelector("h2, h3");
    return wordsOf(heading ?? null) || "Table";
}

/** @param {Element | null} element */
function wordsOf(element) {
    return element?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
}
