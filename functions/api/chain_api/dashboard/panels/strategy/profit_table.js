/** The table of profits: at prices around the forward, today, halfway to the first expiry, and at it. */

import { setText } from "../../browser/dom.js";
import { attributeValue, formatNumber, formatStrike } from "../../words/format.js";
import { profitAt, profitAtExpiry } from "./payoff.js";
import { addChild, showSigned } from "./strategy_elements.js";

/** @import { StrategyNumbers } from "./strategy_numbers.js" */

const ROWS_EACH_SIDE = 4;
const DEVIATIONS = 2;
const COLUMNS = 3;

/**
 * Prices around the forward, multiples of the distance between strikes: two standard deviations to
 * each side or, if none is known, what is drawn.
 * @param {StrategyNumbers} numbers @param {number[]} strikes that are listed
 * @returns {number[]} in ascending order
 */
export function pricesOfTable({ position, distribution, range }, strikes) {
    const centre = Number.isFinite(position.forward) ? position.forward : (range[0] + range[1]) / 2;
    const unit = distanceNear(strikes, centre);
    const reach = distribution
        ? DEVIATIONS * distribution.deviation * distribution.forward
        : (range[1] - range[0]) / 2;
    const step = Math.max(1, Math.round(reach / ROWS_EACH_SIDE / unit)) * unit;
    const middle = Math.round(centre / unit) * unit;
    return Array.from(
        { length: 2 * ROWS_EACH_SIDE + 1 },
        (_, index) => middle + (index - ROWS_EACH_SIDE) * step,
    ).filter((price) => price > 0);
}

/** The smallest distance of the strikes next to a price. @param {number[]} strikes @param {number} price */
function distanceNear(strikes, price) {
    const place = strikes.findIndex((strike) => strike >= price);
    const near = strikes.slice(Math.max(0, place - 2), place + 2);
    const distances = near.slice(1).map((strike, index) => strike - near[index]);
    return distances.length ? Math.min(...distances) : price / 100;
}

/** @typedef {{label: string, profit: (price: number) => number, reason: string}} ProfitColumn */

/** @param {StrategyNumbers} numbers @returns {ProfitColumn[]} */
export function profitColumns({ position, scenario }) {
    const { before, atExpiry, days } = position;
    const { shift } = scenario;
    /** @param {number} daysAhead */
    const ahead = (daysAhead) => (/** @type {number} */ price) =>
        profitAt(position, price, { daysAhead, shift });
    return [
        { label: "Today", profit: ahead(0), reason: before },
        { label: `In ${formatNumber(days / 2, 1)} days`, profit: ahead(days / 2), reason: before },
        {
            label: `Expiry ${position.firstExpiry}`,
            profit: (price) => profitAtExpiry(position, price, shift),
            reason: atExpiry,
        },
    ];
}

export class ProfitTable {
    /** @param {HTMLElement} place */
    constructor(place) {
        this.table = addChild(place, "table", { className: "strategy-profits" });
        this.caption = this.table.createCaption();
        const head = addChild(this.table.createTHead(), "tr");
        this.heads = ["Price", "", "", ""].map((text) => addChild(head, "th", { text }));
        for (const cell of this.heads) cell.scope = "col";
        this.body = this.table.createTBody();
    }

    /** @param {StrategyNumbers} numbers @param {number[]} strikes @param {string} unitText */
    show(numbers, strikes, unitText) {
        const columns = profitColumns(numbers);
        this.table.hidden = columns.every(({ reason }) => reason !== "");
        const prices = pricesOfTable(numbers, strikes);
        const { shift } = numbers.scenario;
        const shiftText = shift ? `, volatilities ${shift > 0 ? "+" : "−"}${Math.abs(shift)}` : "";
        setText(this.caption, `Profit and loss by price, ${unitText}${shiftText}`);
        for (const [index, { label }] of columns.entries()) setText(this.heads[index + 1], label);
        while (this.body.rows.length > prices.length) this.body.deleteRow(-1);
        while (this.body.rows.length < prices.length) this.addRow();
        for (const [index, price] of prices.entries()) {
            const [head, ...cells] = this.body.rows[index].cells;
            setText(head, formatStrike(price));
            head.dataset.value = attributeValue(price);
            for (const [column, { profit, reason }] of columns.entries()) {
                const value = reason ? null : profit(price);
                showSigned(cells[column], value, numbers.unit, reason);
            }
        }
    }

    addRow() {
        const row = this.body.insertRow();
        addChild(row, "th").scope = "row";
        for (let column = 0; column < COLUMNS; column += 1) row.insertCell();
    }
}
