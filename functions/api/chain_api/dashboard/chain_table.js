/** The chain as a table: rows are built once for the strikes of an expiry, then cells follow the numbers. */

import { Cell } from "./cell.js";
import { isNumber, raw, strike } from "./format.js";

const STRIKE_WIDTH = 66;
const QUOTES = new Set(["bid_qty", "bid_price", "ask_price", "ask_qty"]);

export class ChainTable {
    /** @param {HTMLTableElement} table @param {HTMLElement} scroller */
    constructor(table, scroller) {
        this.table = table;
        this.scroller = scroller;
        /** @type {import("./columns.js").Column[]} */
        this.columns = [];
        /** @type {Map<number, {row: HTMLTableRowElement, call: Cell[], put: Cell[]}>} */
        this.rows = new Map();
        this.strikes = "";
        this.atm = null;
        this.last = null;
    }

    /** @param {import("./columns.js").Column[]} columns */
    setColumns(columns) {
        this.columns = columns;
        this.strikes = "";
        this.head();
        if (this.last) this.show(...this.last);
    }

    /** @param {any[]} rows of the API, by strike @param {number | null} spot @param {number | null} atm */
    show(rows, spot, atm) {
        this.last = [rows, spot, atm];
        const strikes = rows.map((row) => row.strike_price).join();
        if (strikes !== this.strikes) {
            this.build(rows.map((row) => row.strike_price));
            this.strikes = strikes;
        }
        const most = this.most(rows);
        for (const { strike_price: price, call, put } of rows) {
            const cells = this.rows.get(price);
            const callPays = isNumber(spot) && price < spot;
            const putPays = isNumber(spot) && price > spot;
            cells.call.forEach((cell) => cell.show(call, most.get(cell.column.name), callPays));
            cells.put.forEach((cell) => cell.show(put, most.get(cell.column.name), putPays));
        }
        this.mark(atm);
    }

    /** Bring the strike at the money into the middle of the table's own scroller. */
    centre() {
        const row = this.rows.get(this.atm)?.row;
        if (!row) return;
        const head = this.table.tHead.offsetHeight;
        const { scroller } = this;
        scroller.scrollTop = row.offsetTop + row.offsetHeight / 2 - head / 2 - scroller.clientHeight / 2;
        scroller.scrollLeft = (this.table.offsetWidth - scroller.clientWidth) / 2;
    }

    most(rows) {
        const legs = rows.flatMap((row) => [row.call, row.put]).filter(Boolean);
        const barred = this.columns.filter((column) => column.bar);
        return new Map(
            barred.map(({ name }) => [name, Math.max(0, ...legs.map((leg) => Math.abs(leg[name] ?? 0)))]),
        );
    }

    mark(atm) {
        if (atm === this.atm && this.rows.get(atm)?.row.classList.contains("atm")) return;
        const before = this.rows.get(this.atm)?.row;
        before?.classList.remove("atm");
        before?.removeAttribute("aria-current");
        const row = this.rows.get(atm)?.row;
        row?.classList.add("atm");
        row?.setAttribute("aria-current", "true");
        this.atm = atm;
    }

    head() {
        const puts = mirrored(this.columns);
        const widths = [
            ...this.columns.map((each) => each.width),
            STRIKE_WIDTH,
            ...puts.map((each) => each.width),
        ];
        const group = this.table.querySelector("colgroup");
        group.replaceChildren(
            ...widths.map((width) => element("col", (col) => (col.style.width = `${width}px`))),
        );
        this.table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
        const groups = element("tr");
        groups.append(
            heading("Calls", "colgroup", "call"),
            element("td", (td) => (td.className = "strike")),
            heading("Puts", "colgroup", "put"),
        );
        groups.firstElementChild.colSpan = groups.lastElementChild.colSpan = this.columns.length;
        const names = element("tr");
        const name = (column) => heading(column.label, "col", column.kind, column.title);
        names.append(...this.columns.map(name), heading("Strike", "col", "strike"), ...puts.map(name));
        this.table.tHead.replaceChildren(groups, names);
    }

    build(strikes) {
        const puts = mirrored(this.columns);
        this.rows = new Map();
        for (const price of strikes) {
            const row = element("tr", (tr) => (tr.dataset.strike = raw(price)));
            const call = this.columns.map((column) => new Cell("call", column));
            const put = puts.map((column) => new Cell("put", column));
            row.append(
                ...call.map((cell) => cell.node),
                heading(strike(price), "row"),
                ...put.map((cell) => cell.node),
            );
            this.rows.set(price, { row, call, put });
        }
        this.table.tBodies[0].replaceChildren(...[...this.rows.values()].map((each) => each.row));
    }
}

/** The puts' side: from the strike outwards, with the bid left of the ask on either side. */
function mirrored(columns) {
    const quotes = columns.filter((column) => QUOTES.has(column.name));
    return [...quotes, ...columns.filter((column) => !QUOTES.has(column.name)).reverse()];
}

function element(name, prepare = (_node) => {}) {
    const node = document.createElement(name);
    prepare(node);
    return node;
}

function heading(text, scope, className = "", title = "") {
    return element("th", (th) => {
        th.textContent = text;
        th.scope = scope;
        if (className) th.className = className;
        if (title) th.title = title;
    });
}
