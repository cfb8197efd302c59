/** All figures of the panel: those of the contracts, and the underlying below, on one time axis. */

import { SPOT_LINES } from "../../charts/day_lines.js";
import { LinesFigure } from "../../charts/lines_figure.js";
import { TimeSpan } from "../../charts/time_span.js";
import { knownBy } from "../../requests/known_by.js";
import { CandleFigure } from "./candle_figure.js";
import { OpenInterestFigure, PairFigure } from "./comparison_figure.js";
import { heldRecords, NOT_RECORDED, timesOfLines } from "./held_values.js";

/** @import { Unit } from "../../figures/position_unit.js" */
/** @import { DayRecord } from "../../requests/day_history.js" */
/** @import { Break } from "../../requests/record_breaks.js" */
/** @import { TimedRecord } from "../../requests/contract_days.js" */
/** @import { LotScale } from "./contract_unit.js" */
/** @import { ContractsChoice } from "./contracts_choice.js" */
/** @import { ShownContract } from "./shown_contract.js" */

/**
 * What is known of the day of one contract: its records by time, in lots, where its lines break,
 * and what a lot is in the unit.
 * @typedef {{records: TimedRecord[], breaks: Break[], scale: LotScale}} KnownContract
 */

/**
 * `records` are of the underlying, `tick` is the time between two ticks in milliseconds, `at` the
 * time that is replayed.
 * @typedef {{contracts: KnownContract[], records: DayRecord[], breaks: Break[], tick: number,
 *     at: string | null}} KnownDay
 */

const UNDERLYING_LINES = SPOT_LINES.filter(({ label }) => label !== "ATM IV");

export class ContractFigures {
    /** @param {HTMLElement} parent @param {(time: number) => void} onTime a time was clicked */
    constructor(parent, onTime) {
        this.onTime = onTime;
        this.span = new TimeSpan();
        this.place = parent.appendChild(document.createElement("div"));
        this.place.className = "contract-figures";
        /** By contract, or one of all. @type {(CandleFigure | OpenInterestFigure | PairFigure)[]} */
        this.figures = [];
        /** @type {LinesFigure | null} */
        this.underlying = null;
        this.candleSeconds = 0;
    }

    /**
     * Make the figures of a choice.
     * @param {ContractsChoice} choice
     * @param {ShownContract[]} contracts those that its view is of
     * @param {{interval: string, unit: Unit}} options the length of candles, and the unit of
     *     open interest and volume
     */
    build({ view, price }, contracts, { interval, unit }) {
        const before = this.tables.map(({ open }) => open);
        this.remove();
        const { place, span, onTime } = this;
        const [first, second] = contracts;
        if (!first) return;
        this.candleSeconds = view === "candles" ? Number.parseInt(interval, 10) * 60 : 0;
        if (view === "candles") {
            this.figures = contracts.map(
                ({ label }) => new CandleFigure(place, { label, interval, unit }, span, onTime),
            );
        } else if (view === "oi") {
            this.figures = [new OpenInterestFigure(place, { contracts, unit }, span, onTime)];
        } else {
            const content = { view, price, pair: /** @type {const} */ ([first, second]) };
            this.figures = [new PairFigure(place, content, span, onTime)];
        }
        const points = "points; dashed: the forward, while the spot stands still";
        const keepsRight = view === "candles";
        const content = { title: "Underlying", unit: points, lines: UNDERLYING_LINES, keepsRight };
        this.underlying = new LinesFigure(place, content, span, onTime);
        this.underlying.place.figure.classList.add("underlying");
        // Another unit or interval leaves the tables open that were.
        if (this.tables.length !== before.length) return;
        for (const [index, table] of this.tables.entries()) table.open = before[index];
    }

    get tables() {
        return [...this.place.querySelectorAll("details")];
    }

    /** What is replayed ends at its moment, on the time axis of the whole day. @param {KnownDay} day */
    show(day) {
        this.coverDay(day);
        const { contracts, records, breaks, tick, at } = dayBy(day);
        const timed = records.map((record) => ({ record, time: Date.parse(record.timestamp) }));
        const own = timed.map(({ time }) => time);
        for (const [index, figure] of this.figures.entries()) {
            if (figure instanceof CandleFigure) figure.show(contracts[index], tick, at);
            else figure.show(contracts, tick, at);
        }
        const times = timesOfLines([own], breaks, tick);
        const held = heldRecords(times, timed, breaks);
        const values = UNDERLYING_LINES.map(({ read }) =>
            held.map((each) => each && read(each.record)),
        );
        this.underlying?.show(times, values, at, (index) => (held[index] ? "" : NOT_RECORDED));
    }

    /** @param {KnownDay} day */
    coverDay({ contracts, records }) {
        const own = [...records.slice(0, 1), ...records.slice(-1)];
        const times = own.map(({ timestamp }) => Date.parse(timestamp));
        const lists = contracts.map((each) => each.records.map(({ time }) => time));
        const ends = contracts.map((each) => each.records.slice(-1).map(endOf));
        // Half a candle stands before its time.
        this.span.cover([times, ...lists, ...ends], this.candleSeconds * 500);
    }

    redraw() {
        for (const figure of this.figures) figure.redraw();
        this.underlying?.redraw();
    }

    remove() {
        for (const figure of this.figures) figure.remove();
        this.underlying?.remove();
        this.figures = [];
        this.underlying = null;
    }
}

/** What of a day is known by the moment that is replayed. @param {KnownDay} day @returns {KnownDay} */
function dayBy(day) {
    const { at } = day;
    return {
        ...day,
        contracts: day.contracts.map((each) => ({ ...each, records: knownBy(each.records, at) })),
        records: knownBy(day.records, at),
    };
}

/** When the last document of a record was. @param {TimedRecord} record */
function endOf({ time, snapshot_timestamp: end }) {
    return end ? Date.parse(end) : time;
}
