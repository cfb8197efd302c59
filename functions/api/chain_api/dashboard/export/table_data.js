/** The tables and charts of the page as plain data, with exact numbers. */

import { chartIn } from "../charts/chart.js";
import { INDIA_OFFSET_SECONDS } from "../charts/day_chart.js";
import { isScaled } from "../figures/position_unit.js";
import { DASH } from "../words/format.js";
import { buttonColumns, cellText, columnsWithout } from "./cell_text.js";
import { exportedOf } from "./exported.js";

/**
 * A value is a number, a text, an instant as a Date, or the date of an expiry like 30-Dec-2026; null
 * where there is none.
 * @typedef {number | string | Date | {expiry: string} | null} ExportedValue
 */
/**
 * `decimals`: whether the numbers of a column have decimals, even where all of these are whole.
 * `total` has the sums, which would be taken for one more row. `texts` are the rows as the page
 * writes them, where they stand in no table of it.
 * @typedef {{title: string, columns: string[], rows: ExportedValue[][], decimals?: boolean[],
 *     total?: TableData, texts?: string[][]}} TableData
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
    const found = [...section.querySelectorAll("table, dl, .plot")];
    return found.flatMap((element) => {
        const isApart = apart !== "" && element.closest(apart);
        if (!(element instanceof HTMLElement) || isApart) return [];
        // What is hidden is of before, or of nothing.
        if (element.closest("[hidden]")) return [];
        const data = dataOf(element);
        return data?.rows.length ? [{ element, data }] : [];
    });
}

/** @param {HTMLElement} element @returns {TableData | null} null where it has none */
function dataOf(element) {
    const own = exportedOf(element);
    const name = element instanceof HTMLTableElement ? element.caption : null;
    if (own) return { title: titleOf(element, name), ...own };
    if (element instanceof HTMLTableElement) return dataOfTable(element);
    return element instanceof HTMLDListElement ? null : dataOfChart(element);
}

/** @param {HTMLTableElement} table @returns {TableData} */
function dataOfTable(table) {
    const title = titleOf(table, table.caption);
    const columns = columnsOf(table);
    const isKept = columnsWithout(buttonColumns(table));
    /** @param {Iterable<HTMLTableRowElement>} rows */
    const valuesIn = (rows) =>
        [...rows].map((row) => [...row.cells].flatMap(valuesOf).filter(isKept));
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const { tFoot } = table;
    const hasTotal = tFoot && !tFoot.hidden && tFoot.rows.length > 0;
    const total = hasTotal
        ? {
              total: withReasons(tFoot, {
                  title: `${title}, total`,
                  columns,
                  rows: valuesIn(tFoot.rows),
              }),
          }
        : {};
    return {
        title,
        columns,
        rows: valuesIn(rows),
        decimals: decimalColumns(rows, isKept),
        ...total,
    };
}

/**
 * Sums with a column that says why some of them are left out, where some are: the note of a cell says
 * of how many contracts the sum is that the page shows.
 * @param {HTMLTableSectionElement} tFoot @param {TableData} sums @returns {TableData}
 */
function withReasons(tFoot, { columns, rows, ...rest }) {
    const notes = rows.map((values, row) =>
        [...tFoot.rows[row].cells].flatMap(({ title }, column) =>
            title && values[column] === null
                ? [`${columns[column]}: ${title.replaceAll("\n", " ")}`]
                : [],
        ),
    );
    if (!notes.flat().length) return { ...rest, columns, rows };
    return {
        ...rest,
        columns: [...columns, "Note"],
        rows: rows.map((values, row) => [...values, notes[row].join("; ")]),
    };
}

/**
 * The columns in which the page writes numbers with decimals.
 * @param {HTMLTableRowElement[]} rows @param {(value: unknown, index: number) => boolean} isKept
 */
function decimalColumns(rows, isKept) {
    const parts = rows.map((row) =>
        [...row.cells].flatMap((cell) => {
            const isDecimal = /\d\.\d+$/.test(cell.textContent?.trim() ?? "");
            return [isDecimal, ...Array(cell.colSpan - 1).fill(false)];
        }),
    );
    return [...(parts[0] ?? []).keys()]
        .map((column) => parts.some((each) => each[column]))
        .filter(isKept);
}

/** What stands above the columns of a table, with their side. @param {HTMLTableElement} table @returns {string[]} */
export function columnsOf(table) {
    const heads = table.tHead
        ? [...(table.tHead.rows[table.tHead.rows.length - 1]?.cells ?? [])]
        : [];
    const first = table.tBodies[0]?.rows[0]?.cells ?? [];
    const columns = heads.map((head, index) => {
        const side = SIDE_NAMES.get(first[index]?.dataset.side ?? "");
        const words = wordsOf(head) || wordsOf(table.caption);
        const unit = isScaled(head.dataset.name ?? "") ? (table.dataset.unit ?? "") : "";
        const name = unit ? `${words} (${unit})` : words;
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
    if (kind === "words") return wordsIn(cell);
    const exact = value ?? cell.parentElement?.dataset.strike;
    const isHead = cell.tagName === "TH";
    if (isHead && value === undefined && cell.cellIndex === 0) return cellText(cell);
    if (exact === undefined) return wordsIn(cell);
    if (exact === "") return null;
    if (kind === "expiry") return { expiry: exact };
    if (kind === "time") return new Date(exact);
    const number = Number(exact);
    return Number.isFinite(number) ? number : exact;
}

/** @param {HTMLTableCellElement} cell */
function wordsIn(cell) {
    const text = cellText(cell);
    return text === DASH ? null : text || null;
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
    // The heading above it may say of what it is, and not what it is.
    if (element instanceof HTMLElement && element.dataset.title) return element.dataset.title;
    if (name?.className !== "unseen" && wordsOf(name)) return wordsOf(name);
    const heading = element.closest("section")?.querySelector("h2, h3");
    return wordsOf(heading ?? null) || "Table";
}

/** @param {Element | null} element */
function wordsOf(element) {
    return element?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
}
