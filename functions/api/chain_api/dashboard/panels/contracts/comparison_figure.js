/** Several contracts in one figure: their open interest, or what the prices of two of them give. */

import { LinesFigure } from "../../charts/lines_figure.js";
import { DAY_UNIT_NAMES, UNIT_NAMES } from "../../figures/position_unit.js";
import { formatNumber, isNumber } from "../../words/format.js";
import { inUnit, writeAxisIn } from "./contract_unit.js";
import {
    heldRecords,
    NOT_RECORDED,
    pairValues,
    priceOfDocument,
    timesOfLines,
} from "./held_values.js";
import { ValueTable } from "./value_table.js";

/** @import { TimeSpan } from "../../charts/time_span.js" */
/** @import { Unit } from "../../figures/position_unit.js" */
/** @import { TimedDocument } from "../../requests/contract_days.js" */
/** @import { ContractsView, PairPrice } from "./contracts_choice.js" */
/** @import { ShownContract } from "./shown_contract.js" */
/** @import { KnownContract } from "./contract_figures.js" */

const PRICE_NAMES = { last: "last prices", mid: "mids of bid and ask" };
const NO_PRICE = { last: "no trade today", mid: "no bid with an ask" };
const RATIO_DIGITS = 4;

/** The open interest of each contract, a line each. */
export class OpenInterestFigure {
    /**
     * @param {HTMLElement} parent
     * @param {{contracts: ShownContract[], unit: Unit}} content
     * @param {TimeSpan} span
     * @param {(time: number) => void} onTime a time was clicked
     */
    constructor(parent, { contracts, unit }, span, onTime) {
        this.contracts = contracts;
        const suffix = UNIT_NAMES[unit];
        const lines = contracts.map(({ label, colourName, side }) => {
            return { label, colourName, digits: 0, suffix, isDashed: side === "PE" };
        });
        const title = "Open interest";
        const content = { title, unit: `${DAY_UNIT_NAMES[unit]}; puts are dashed`, lines };
        this.lines = new LinesFigure(parent, content, span, onTime);
        writeAxisIn(this.lines.chart, unit);
        this.table = new ValueTable(parent, `Open interest in ${suffix}`, lines);
    }

    /** @param {KnownContract[]} known @param {number} tick @param {string | null} at */
    show(known, tick, at) {
        const { times, held } = heldOf(known, tick);
        const values = held.map((records, place) =>
            records.map((each) => inUnit(each?.open_interest ?? null, known[place].scale)),
        );
        const reasons = known.map(({ scale }) => scale.reason);
        const unknown = this.contracts
            .map(({ label }, place) => reasons[place] && `${label}: ${reasons[place]}`)
            .filter(Boolean);
        this.lines.show(times, values, at, (index) =>
            held.every((each) => each[index] === null) ? NOT_RECORDED : unknown.join("   "),
        );
        this.table.show(() => rowsOfTimes(times, values, () => reasons));
    }

    redraw() {
        this.lines.redraw();
    }

    remove() {
        this.lines.remove();
        this.table.details.remove();
    }
}

/** Sum, difference or ratio of the prices of two contracts. */
export class PairFigure {
    /**
     * @param {HTMLElement} parent
     * @param {{view: Exclude<ContractsView, "candles" | "oi">, price: PairPrice,
     *     pair: readonly [ShownContract, ShownContract]}} content
     * @param {TimeSpan} span
     * @param {(time: number) => void} onTime a time was clicked
     */
    constructor(parent, { view, price, pair }, span, onTime) {
        this.view = view;
        this.price = price;
        this.pair = pair;
        const name = pairName(view, pair);
        const [first, second] = pair.map(({ label }) => label);
        const sign = { straddle: "+", spread: "−", ratio: "/" }[view];
        const digits = view === "ratio" ? RATIO_DIGITS : 2;
        const lines = [{ label: name, colourName: "first", digits }];
        const unit = `${view === "ratio" ? "" : "rupees, "}of ${PRICE_NAMES[price]}`;
        const title = `${name}: ${first} ${sign} ${second}`;
        this.lines = new LinesFigure(parent, { title, unit, lines }, span, onTime);
        const columns = pair.map(({ label }) => ({ label, digits: 2 }));
        this.table = new ValueTable(parent, `${title}, ${unit}`, [...columns, ...lines]);
    }

    /** @param {KnownContract[]} known of the pair @param {number} tick @param {string | null} at */
    show(known, tick, at) {
        const { times, held } = heldOf(known, tick);
        const prices = held.map((records) =>
            records.map((each) => each && priceOfDocument(each, this.price)),
        );
        const values = pairValues(this.view, prices[0], prices[1]);
        /** @param {number} index @param {number} place */
        const reason = (index, place) => {
            if (isNumber(prices[place][index])) return "";
            return held[place][index] ? NO_PRICE[this.price] : NOT_RECORDED;
        };
        this.lines.show(times, [values], at, (index) =>
            this.pair
                .map(({ label }, place) => {
                    const why = reason(index, place);
                    const text = formatNumber(prices[place][index], 2);
                    return `${label} ${text}${why ? ` (${why})` : ""}`;
                })
                .join("   "),
        );
        this.table.show(() =>
            rowsOfTimes(times, [...prices, values], (index) => [
                reason(index, 0),
                reason(index, 1),
            ]),
        );
    }

    redraw() {
        this.lines.redraw();
    }

    remove() {
        this.lines.remove();
        this.table.details.remove();
    }
}

/** The documents that hold at all times of any of them. @param {KnownContract[]} known @param {number} tick */
function heldOf(known, tick) {
    const lists = known.map(({ records }) => records.map((record) => record.time));
    const allBreaks = known.flatMap((each) => each.breaks);
    const times = timesOfLines(lists, allBreaks, tick);
    const held = known.map(({ records, breaks }) => {
        const documents = /** @type {TimedDocument[]} */ (records);
        return heldRecords(times, documents, breaks);
    });
    return { times, held };
}

/**
 * @param {number[]} times @param {(number | null)[][]} values by column
 * @param {(index: number) => string[]} [notesAt]
 */
function rowsOfTimes(times, values, notesAt = () => []) {
    return times.map((time, index) => ({
        time,
        values: values.map((column) => column[index]),
        notes: notesAt(index),
    }));
}

/** @param {ContractsView} view @param {readonly ShownContract[]} pair */
function pairName(view, [one, other]) {
    if (view === "spread") return "Spread";
    if (view === "ratio") return "Ratio";
    if (one.side === other.side || one.expiry !== other.expiry) return "Sum";
    return one.strike === other.strike ? "Straddle" : "Strangle";
}
