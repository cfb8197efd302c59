/**
 * The chain as a table. Rows are made once for the strikes of an expiry; after that only cells
 * change.
 */

import { UNIT_HEADS } from "../figures/position_unit.js";
import { attributeValue, formatStrike, isNumber } from "../words/format.js";
import { Cell } from "./cell.js";
import { heading, mirrored, renderHead, setWidths } from "./chain_head.js";
import { ColumnWidths } from "./column_widths.js";
import { apart } from "./columns.js";
import { MiddleStrike } from "./middle_strike.js";
import { showNewMark } from "./new_mark.js";
import { ranksIn } from "./rank_marks.js";
import { RatioCell } from "./ratio_cell.js";
import { RowWriter } from "./row_writer.js";
import { TotalRow } from "./total_row.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { Column } from "./columns.js" */
/** @import { SideRanks } from "./rank_marks.js" */
/** @import { Unit } from "../figures/position_unit.js" */

/**
 * The elements of a strike.
 * @typedef {{element: HTMLTableRowElement, head: HTMLElement, calls: Cell[], puts: Cell[],
 *     ratios: RatioCell[]}} ChainRow
 */

/**
 * What a row is written with, beside its own numbers: `reference` is the price below which calls are
 * in the money, `maxima` are the values whose bars fill a cell, by column.
 * @typedef {{reference: number | null, unit: Unit, maxima: Map<string, number>,
 *     ranks: Map<string, SideRanks>}} TableFacts
 */

export class ChainTable {
    /**
     * @param {HTMLTableElement} table
     * @param {HTMLElement} scroller the box in which it scrolls
     * @param {() => void} onWidths columns need more or less room than before
     * @param {() => void} [onWhole] all rows are written
     */
    constructor(table, scroller, onWidths, onWhole = () => {}) {
        this.table = table;
        this.scroller = scroller;
        this.onWidths = onWidths;
        this.widths = new ColumnWidths(elementAround(scroller), () => this.changeWidths());
        this.head = table.createTHead();
        this.body = table.tBodies[0];
        this.total = new TotalRow(table);
        this.writer = new RowWriter(table, onWhole);
        this.middle = new MiddleStrike(table, scroller);
        /** @type {Column[]} of the calls, from the outside to the strike */
        this.columns = [];
        /** @type {Map<number, ChainRow>} by strike */
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
        this.middle.keep();
        this.centreSideways();
    }

    /** Write other heads above the columns that there are. @param {Column[]} columns */
    setHeads(columns) {
        this.columns = columns;
        renderHead(this.table, this.head, columns);
        setWidths(this.table, columns, this.widths);
    }

    /**
     * @param {StrikeRow[]} strikeRows by strike
     * @param {number | null} reference the price below which calls are in the money
     * @param {number | null} atmStrike
     * @param {Unit} unit of open interest and volume
     */
    show(strikeRows, reference, atmStrike, unit) {
        const isOtherUnit = unit !== this.shown?.[3];
        this.table.dataset.unit = UNIT_HEADS[unit];
        this.shown = [strikeRows, reference, atmStrike, unit];
        const strikes = strikeRows.map((each) => each.strike_price);
        const isAnother = strikes.join() !== this.strikes;
        if (isAnother) {
            this.renderRows(strikes);
            this.strikes = strikes.join();
        }
        if (isAnother || isOtherUnit) {
            this.widths.forget();
            this.widths.fitStrikes(strikes);
        }
        const sums = this.total.show(strikeRows, unit);
        const hasGrown = [this.widths.fit(strikeRows, unit), this.widths.fitSums(sums)];
        if (hasGrown.includes(true)) this.changeWidths();
        const maxima = this.maximaOf(strikeRows);
        const ranks = ranksIn(strikeRows, this.columns);
        const facts = { reference, unit, maxima, ranks };
        const known = strikeRows.flatMap((each) => {
            const row = this.rows.get(each.strike_price);
            return row ? [{ row, each }] : [];
        });
        this.writer.write(
            known.map(({ row, each }) => [
                row.element,
                [() => writeRow(row, each, facts), () => noteRow(row, each, facts)],
            ]),
        );
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
        this.middle.show(row);
        this.centreSideways();
    }

    centreSideways() {
        const { scroller, table } = this;
        scroller.scrollLeft = (table.offsetWidth - scroller.clientWidth) / 2;
    }

    /** @param {number | null} strike */
    rowOf(strike) {
        return strike === null ? undefined : this.rows.get(strike)?.element;
    }

    /** The table is taken out of the page. */
    close() {
        this.writer.close();
        this.middle.close();
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
        return new Map(columns.map((column) => [column.name, maximum(column)]));
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
            const element = document.createElement("tr");
            element.dataset.strike = attributeValue(strike);
            const calls = sides.map((column) => new Cell("call", column));
            const puts = putColumns.map((column) => new Cell("put", column));
            const ratios = middle.map((column) => new RatioCell(column));
            const head = heading(formatStrike(strike), "row");
            element.append(
                ...calls.map((cell) => cell.element),
                head,
                ...ratios.map((cell) => cell.element),
                ...puts.map((cell) => cell.element),
            );
            this.rows.set(strike, { element, head, calls, puts, ratios });
        }
        const elements = [...this.rows.values()].map(({ element }) => element);
        this.body.replaceChildren(...elements);
        this.writer.setRows(elements);
    }
}

/** Write what is seen of a row. @param {ChainRow} row @param {StrikeRow} numbers @param {TableFacts} facts */
function writeRow({ head, calls, puts, ratios }, { strike_price: strike, call, put }, facts) {
    const { reference, unit, maxima, ranks } = facts;
    showNewMark(head, call, put);
    const callPays = isNumber(reference) && strike < reference;
    const putPays = isNumber(reference) && strike > reference;
    for (const cell of calls) {
        const rank = ranks.get(cell.column.name)?.call.get(strike);
        cell.show(call, maxima.get(cell.column.name) ?? 0, callPays, unit, rank);
    }
    for (const cell of puts) {
        const rank = ranks.get(cell.column.name)?.put.get(strike);
        cell.show(put, maxima.get(cell.column.name) ?? 0, putPays, unit, rank);
    }
    for (const cell of ratios) cell.show(call, put);
}

/** Write the notes of a row. @param {ChainRow} row @param {StrikeRow} numbers @param {TableFacts} facts */
function noteRow({ calls, puts }, { call, put }, { unit }) {
    for (const cell of calls) cell.note(call, unit);
    for (const cell of puts) cell.note(put, unit);
}

/** @param {HTMLElement} element */
function elementAround(element) {
    return element.parentElement ?? document.body;
}
