/** The figures of a strategy: what it costs, what it can gain and lose, and its Greeks. */

import { setText } from "../../browser/dom.js";
import { exportAs } from "../../export/exported.js";
import { DASH, formatNumber, formatSigned, formatStrike, isNumber } from "../../words/format.js";
import { addChild, amountText } from "./strategy_elements.js";

/** @import { ExportedTable } from "../../export/exported.js" */
/** @import { Known } from "./priced_legs.js" */
/** @import { StrategyNumbers } from "./strategy_numbers.js" */

/** `value` as the data attribute carries it, "" where there is none. @typedef {{label: string, value: string, text: string, note: string}} FigureText */

/** Whose notes are their units. */
const GREEKS = new Set(["delta", "gamma", "theta", "vega"]);

/** What the supposed day is called. @param {number} daysAhead */
export function dayText(daysAhead) {
    return daysAhead ? `In ${formatNumber(daysAhead, 1)} days` : "Now";
}

/** @param {StrategyNumbers} numbers @returns {Record<string, FigureText>} by name, in order */
export function figureTexts(numbers) {
    const { scenario } = numbers;
    return {
        premium: premiumText(numbers),
        gain: extremeText(numbers, "gain", "Largest gain"),
        loss: extremeText(numbers, "loss", "Largest loss"),
        "break-evens": breakEvenText(numbers),
        probability: probabilityText(numbers),
        profit: {
            ...signedText(dayText(scenario.daysAhead), numbers.profit, digitsOf(numbers, 2, 0)),
            note: numbers.profit.reason || "at today's forward",
        },
        ...greekTexts(numbers),
    };
}

/**
 * The same as a table: an amount a row, in the unit that stands beside it, or why there is none.
 * @param {StrategyNumbers} numbers @returns {ExportedTable}
 */
export function tableOfFigures(numbers) {
    const figures = Object.entries(figureTexts(numbers));
    return {
        title: "Figures of the strategy",
        columns: ["Figure", "Number", "Unit", "Note"],
        rows: figures.flatMap(([name, figure]) => figureRows(name, figure, numbers)),
        texts: figures.map(([name, figure]) => {
            const [[, , unit]] = figureRows(name, figure, numbers);
            const { label, text, note } = figure;
            return [label, text, String(unit), unit === note ? "" : note];
        }),
    };
}

/**
 * @param {string} name @param {FigureText} figure @param {StrategyNumbers} numbers
 * @returns {ExportedTable["rows"]}
 */
function figureRows(name, figure, numbers) {
    if (name === "break-evens") return breakEvenRows(numbers, figure);
    const { label, value, text, note } = figure;
    const amount = numbers.unit === "points" ? "points" : "₹";
    const number = Number(value);
    if (value === "") return [[label, null, "", note]];
    if (!Number.isFinite(number)) return [[label, null, amount, `${text}, ${note}`]];
    if (name === "probability") return [[label, 100 * number, "%", note]];
    return GREEKS.has(name) ? [[label, number, note, ""]] : [[label, number, amount, note]];
}

/**
 * A row for each price.
 * @param {StrategyNumbers} numbers @param {FigureText} figure
 * @returns {ExportedTable["rows"]}
 */
function breakEvenRows({ breakEvens }, { label, text, note }) {
    if (!breakEvens?.length) return [[label, null, "", breakEvens ? text : note]];
    return breakEvens.map((price, index) => [`${label} ${index + 1}`, price, "points", note]);
}

/** @param {StrategyNumbers} numbers @param {number} points @param {number} rupees */
function digitsOf({ unit }, points, rupees) {
    return unit === "points" ? points : rupees;
}

/** @param {StrategyNumbers} numbers @returns {FigureText} */
function premiumText({ premium: { value, reason }, unit }) {
    if (value === null) return absent("Premium", reason);
    const text = amountText(Math.abs(value), unit);
    const note = value > 0 ? "paid" : value < 0 ? "received" : "neither paid nor received";
    return { label: "Premium", value: String(value), text, note };
}

/** @param {StrategyNumbers} numbers @param {"gain" | "loss"} name @param {string} label @returns {FigureText} */
function extremeText({ extremes, position, unit }, name, label) {
    if (!extremes) return absent(label, position.atExpiry);
    const value = extremes[name];
    const [low, high] = (extremes.range ?? []).map((price) => formatNumber(price));
    const note = extremes.range ? `at prices from ${low} to ${high}` : "at expiry";
    return {
        label,
        value: isNumber(value) ? String(value) : "unlimited",
        text: amountText(value, unit),
        note,
    };
}

/** @param {StrategyNumbers} numbers @returns {FigureText} */
function breakEvenText({ breakEvens, position }) {
    if (!breakEvens) return absent("Break-even", position.atExpiry);
    const texts = breakEvens.map((price) => formatNumber(price, 2));
    const text = texts.join(" · ") || "none";
    return {
        label: "Break-even",
        value: breakEvens.join() || "none",
        text,
        note: `price on ${position.firstExpiry}`,
    };
}

/** @param {StrategyNumbers} numbers @returns {FigureText} */
function probabilityText({ probability: { value, reason }, distribution }) {
    if (value === null || !distribution) return absent("Chance of profit", reason);
    const note = `lognormal around ${formatStrike(distribution.forward)}`;
    const text = `${formatNumber(100 * value, 1)} %`;
    return { label: "Chance of profit", value: String(value), text, note };
}

/** @param {StrategyNumbers} numbers @returns {Record<string, FigureText>} */
function greekTexts(numbers) {
    const { delta, gamma, theta, vega, unit } = numbers;
    const of = unit === "points" ? "points" : "₹";
    /** @param {string} label @param {Known} greek @param {number} digits @param {string} note */
    const text = (label, greek, digits, note) => ({
        ...signedText(label, greek, digits),
        note: greek.reason || note,
    });
    return {
        delta: text("Delta", delta, digitsOf(numbers, 3, 1), `${of} a point`),
        gamma: text("Gamma", gamma, digitsOf(numbers, 5, 3), "delta a point"),
        theta: text("Theta", theta, digitsOf(numbers, 2, 0), `${of} a calendar day`),
        vega: text("Vega", vega, digitsOf(numbers, 2, 0), `${of} a point of volatility`),
    };
}

/** @param {string} label @param {Known} known @param {number} digits @returns {FigureText} */
function signedText(label, { value, reason }, digits) {
    if (value === null) return absent(label, reason);
    return { label, value: String(value), text: formatSigned(value, digits), note: "" };
}

/** @param {string} label @param {string} reason @returns {FigureText} */
function absent(label, reason) {
    return { label, value: "", text: DASH, note: reason };
}

export class StrategyFigures {
    /** @param {HTMLElement} place */
    constructor(place) {
        this.list = addChild(place, "dl", { className: "strategy-figures" });
        /** @type {Map<string, {box: HTMLElement, parts: HTMLElement[]}>} by name */
        this.figures = new Map();
    }

    /** @param {StrategyNumbers} numbers */
    show(numbers) {
        exportAs(this.list, () => tableOfFigures(numbers));
        const { atExpiry, before, model } = numbers.position;
        for (const [name, { label, value, text, note }] of Object.entries(figureTexts(numbers))) {
            const { box, parts } = this.figures.get(name) ?? this.add(name);
            box.dataset.value = value;
            // Reasons that concern several figures stand above all of them.
            const own = [atExpiry, before, model].includes(note) ? "" : note;
            for (const [index, part] of [label, text, own].entries()) setText(parts[index], part);
        }
    }

    /** @param {string} name */
    add(name) {
        const box = addChild(this.list, "div");
        box.dataset.figure = name;
        const parts = [
            addChild(box, "dt"),
            addChild(box, "dd", { className: "value" }),
            addChild(box, "dd", { className: "note" }),
        ];
        const figure = { box, parts };
        this.figures.set(name, figure);
        return figure;
    }
}
