/**
 * The chain as a table. Rows are made once for the strikes of an expiry; after that only cells
 * change.
 */

import { attributeValue, formatStrike, isNumber } from "../words/format.js";
import { Cell } from "./cell.js";
import { heading, mirrored, renderHead, setWidths } from "./chain_head.js";
import { ColumnWidths } from "./column_widths.js";
import { apart } from "./columns.js";
import { showNewMark } from "./new_mark.js";
import { ranksIn } from "./rank_marks.js";
import { RatioCell } from "./ratio_cell.js";
import { TotalRow } from "./total_row.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { Column } from "./columns.js" */
/** @import { Unit } from "../figures/position_unit.js" */

export class ChainTable {
    /**
     * @param {HTMLTableElement} table
     * @param {HTMLElement} scroller the box in which it scrolls
     * @param {() => void} onWidths columns need more or less room than before
     */
    constructor(table, scroller, onWidths) {
        this.table = table;
        this.scroller = scroller;
        this.onWidths = onWidths;
        this.widths = new ColumnWidths(elementAround(scroller), () => this.changeWidths());
        this.head = table.createTHead();
        this.body = table.tBodies[0];
        this.total = new TotalRow(table);
        /** @type {Column[]} of the calls, from the outside to the strike */
        this.columns = [];
        /**
         * @type {Map<number, {row: HTMLTableRowElement, head: HTMLElement, calls: Cell[],
         *     puts: Cell[], ratios: RatioCell[]}>} by strike
         */
        this.rows = new Map();
        /** The strikes for which there are rows. */
        this.strikes = "";
        /** @type {number | null} */
        this.atmStrike = null;
        /**
         * @type {[StrikeRow[], number | null, number | null, Unit] | null} what `show` was last
         * called with
         */
        this.shown = null;
    }

    /** @param {Column[]} columns */
    setColumns(columns) {
        this.columns = columns;
        this.strikes = "";
        renderHead(this.table, this.head, columns);
        this.total.setColumns(columns);
        setWidths(this.table, columns, this.widths);
        if (this.shown) this.show(...this.shown);
    }

    /**
     * @param {StrikeRow[]} strikeRows by strike
     * @param {number | null} reference the price below which calls are in the money
     * @param {number | null} atmStrike
     * @param {Unit} unit of open interest and volume
     */
    show(strikeRows, reference, atmStrike, unit) {
        const isOtherUnit = unit !== this.shown?.[3];
        this.shown = [strikeRows, reference, atmStrike, unit];
        const strikes = strikeRows.map((each) => each.strike_price);
        const isAnother = strikes.join() !== this.strikes;
        if (isAnother) {
            this.renderRows(strikes);
            this.strikes = strikes.join();
        }
        if (isAnother || isOtherUnit) this.widths.forget();
        const sums = this.total.show(strikeRows, unit);
        const hasGrown = [this.widths.fit(strikeRows, unit), this.widths.fitSums(sums)];
        if (hasGrown.includes(true)) this.changeWidths();
        const maxima = this.maximaOf(strikeRows);
        const ranks = ranksIn(strikeRows, this.columns);
        for (const { strike_price: strike, call, put } of strikeRows) {
            const row = this.rows.get(strike);
            const callPays = isNumber(reference) && strike < reference;
            const putPays = isNumber(reference) && strike > reference;
            if (row) showNewMark(row.head, call, put);
            for (const cell of row?.calls ?? []) {
                const rank = ranks.get(cell.column.name)?.call.get(strike);
                cell.show(call, maxima.get(cell.column) ?? 0, callPays, unit, rank);
            }
            for (const cell of row?.puts ?? []) {
                const rank = ranks.get(cell.column.name)?.put.get(strike);
                cell.show(put, maxima.get(cell.column) ?? 0, putPays, unit, rank);
            }
            for (const cell of row?.ratios ?? []) cell.show(call, put);
        }
        this.markAtm(atmStrike);
    }

    changeWidths() {
        setWidths(this.table, this.columns, this.widths);
        this.onWidths();
    }

    /** Scroll the strike at the money into the middle. */
    centre() {
        const row = this.rowOf(this.atmStrike);
        if (!row) return;
        const { scroller } = this;
        const middle = row.offsetTop + row.offsetHeight / 2 - this.head.offsetHeight / 2;
        scroller.scrollTop = middle - (scroller.clientHeight - this.total.foot.offsetHeight) / 2;
        scroller.scrollLeft = (this.table.offsetWidth - scroller.clientWidth) / 2;
    }

    /** @param {number | null} strike */
    rowOf(strike) {
        return strike === null ? undefined : this.rows.get(strike)?.row;
    }

    /** The largest value of each column that has bars. @param {StrikeRow[]} strikeRows */
    maximaOf(strikeRows) {
        const legs = strikeRows
            .flatMap(({ call, put }) => [call, put])
            .filter((leg) => leg !== null);
        const columns = this.columns.filter((column) => column.bar);
        /** @param {Column} column */
        const maximum = ({ name }) =>
            Math.max(0, ...legs.map((leg) => Math.abs(Number(leg[name] ?? 0))));
        return new Map(columns.map((column) => [column, maximum(column)]));
    }

    /** @param {number | null} strike */
    markAtm(strike) {
        if (strike === this.atmStrike && this.rowOf(strike)?.classList.contains("atm")) return;
        const before = this.rowOf(this.atmStrike);
        before?.classList.remove("atm");
        before?.removeAttribute("aria-current");
        const row = this.rowOf(strike);
        row?.classList.add("atm");
        row?.setAttribute("aria-current", "true");
        this.atmStrike = strike;
    }

    /** @param {number[]} strikes */
    renderRows(strikes) {
        const { sides, middle } = apart(this.columns);
        const putColumns = mirrored(sides);
        this.rows = new Map();
        for (const strike of strikes) {
            const row = document.createElement("tr");
            row.dataset.strike = attributeValue(strike);
            const calls = sides.map((column) => new Cell("call", column));
            const puts = putColumns.map((column) => new Cell("put", column));
            const ratios = middle.map((column) => new RatioCell(column));
            const head = heading(formatStrike(strike), "row");
            row.append(
                ...calls.map((cell) => cell.element),
                head,
                ...ratios.map((cell) => cell.element),
                ...puts.map((cell) => cell.element),
            );
            this.rows.set(strike, { row, head, calls, puts, ratios });
        }
        this.body.replaceChildren(...[...this.rows.values()].map(({ row }) => row));
    }
}

/** @param {HTMLElement} element */
function elementAround(element) {
    return element.parentElement ?? document.body;
}
