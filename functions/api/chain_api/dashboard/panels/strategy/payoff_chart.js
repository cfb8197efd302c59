/** The chart of the payoff: profit by price, at the first expiry and on the supposed day. */

import { setText } from "../../browser/dom.js";
import { axis, Chart, line, sizeForTexts } from "../../charts/chart.js";
import { colour } from "../../charts/colours.js";
import { addFigure } from "../../charts/figure.js";
import {
    formatCrore,
    formatNumber,
    formatSigned,
    formatStrike,
    isNumber,
} from "../../words/format.js";
import { profitAt, profitAtExpiry } from "./payoff.js";
import { priceAtDeviation } from "./probability.js";
import { addChild } from "./strategy_elements.js";
import { dayText } from "./strategy_figures.js";

/** @import { Marker } from "../../charts/chart_markers.js" */
/** @import { StrategyNumbers } from "./strategy_numbers.js" */

const DRAWN_STEPS = 120;
const BAND_DEVIATIONS = [2, 1];
const LEGEND = [
    { label: "At expiry", colourName: "text" },
    { label: "Before expiry", colourName: "first" },
];

/** The drawn prices, with each kink and each break-even. @param {StrategyNumbers} numbers */
export function pricesOfPayoff({ position, breakEvens, range: [low, high] }) {
    const step = (high - low) / DRAWN_STEPS;
    const even = Array.from({ length: DRAWN_STEPS + 1 }, (_, index) => low + index * step);
    const exact = [...position.legs.map((leg) => leg.strike), ...(breakEvens ?? [])];
    const inside = exact.filter((price) => price > low && price < high);
    return [...new Set([...even, ...inside])].sort((one, other) => one - other);
}

export class PayoffChart {
    /** @param {HTMLElement} place */
    constructor(place) {
        const figure = addFigure(place, { title: "Payoff", unit: " ", legend: LEGEND });
        this.unit = figure.figure.querySelector(".unit");
        /** @type {StrategyNumbers | null} */
        this.numbers = null;
        const filled = { label: "At expiry", fill: fillOfProfit, pxAlign: 0 };
        this.chart = new Chart(figure, {
            series: [line("text", filled), line("first", { label: "Before expiry", pxAlign: 0 })],
            sync: "payoff",
            axes: [
                axis({ values: (_plot, prices) => prices.map(formatStrike), size: 24, space: 64 }),
                axis({
                    values: (_plot, values) => values.map(formatCrore),
                    size: sizeForTexts(50),
                    space: 30,
                }),
            ],
            scales: { x: { time: false, range: rangeOfPrices }, y: { range: rangeAroundZero } },
            readout: (index) => this.readoutAt(index),
        });
        this.chart.plot.hooks.drawClear = [(plot) => this.drawBands(plot)];
        this.figure = figure.figure;
        this.figure.classList.add("strategy-payoff");
        this.note = addChild(this.figure, "p", { className: "strategy-note" });
    }

    /**
     * @param {StrategyNumbers} numbers
     * @param {Marker[]} places prices to mark
     * @param {string} unitText
     */
    show(numbers, places, unitText) {
        const { position, scenario } = numbers;
        this.numbers = numbers;
        const prices = pricesOfPayoff(numbers);
        const none = prices.map(() => null);
        const atExpiry = position.atExpiry
            ? none
            : prices.map((price) => profitAtExpiry(position, price, scenario.shift));
        const before = position.before
            ? none
            : prices.map((price) => profitAt(position, price, scenario));
        this.figure.hidden = position.atExpiry !== "" && position.before !== "";
        if (this.unit) setText(this.unit, unitText);
        setText(this.note, noteOfPayoff(numbers));
        this.chart.show(() => ({
            data: [prices, atExpiry, before],
            markers: places,
            description: this.describe(atExpiry, before),
        }));
    }

    /** @param {(number | null)[]} atExpiry @param {(number | null)[]} before */
    describe(atExpiry, before) {
        const { numbers } = this;
        if (!numbers) return "No leg is chosen.";
        const { position, scenario } = numbers;
        /** @param {string} name @param {(number | null)[]} values @param {string} reason */
        const described = (name, values, reason) => {
            if (reason) return `${name}: not known. ${reason}.`;
            const known = values.filter(isNumber);
            const low = formatSigned(Math.min(...known), 2);
            return `${name}: from ${low} to ${formatSigned(Math.max(...known), 2)}.`;
        };
        const [low, high] = numbers.range.map((price) => formatNumber(price));
        return [
            `Profit and loss at prices from ${low} to ${high}.`,
            described("At expiry", atExpiry, position.atExpiry),
            described(dayText(scenario.daysAhead), before, position.before),
        ].join(" ");
    }

    /** @param {number} index */
    readoutAt(index) {
        const [prices, atExpiry, before] = this.chart.plot.data;
        const day = this.numbers ? dayText(this.numbers.scenario.daysAhead) : "";
        return [
            formatNumber(prices[index], 2),
            `expiry ${formatSigned(atExpiry[index], 2)}`,
            `${day.toLowerCase()} ${formatSigned(before[index], 2)}`,
        ].join("   ");
    }

    /** Shade what is within one and two standard deviations. @param {uPlot} plot */
    drawBands(plot) {
        const distribution = this.numbers?.distribution;
        if (!distribution) return;
        const { ctx, bbox } = plot;
        const right = bbox.left + bbox.width;
        ctx.save();
        ctx.fillStyle = withOpacity("muted", 0.08);
        for (const deviations of BAND_DEVIATIONS) {
            const [low, high] = [-deviations, deviations].map((each) => {
                const place = plot.valToPos(priceAtDeviation(distribution, each), "x", true);
                return Math.min(right, Math.max(bbox.left, place));
            });
            ctx.fillRect(low, bbox.top, high - low, bbox.height);
        }
        ctx.strokeStyle = colour("edge");
        const zero = Math.round(plot.valToPos(0, "y", true));
        ctx.beginPath();
        ctx.moveTo(bbox.left, zero);
        ctx.lineTo(right, zero);
        ctx.stroke();
        ctx.restore();
    }

    clear() {
        this.numbers = null;
        const description = this.describe([], []);
        this.chart.show(() => ({ data: [[], [], []], markers: [], description }));
    }

    redraw() {
        this.chart.redraw();
    }

    remove() {
        this.chart.remove();
    }
}

/** @param {StrategyNumbers} numbers */
function noteOfPayoff({ position, distribution }) {
    const across = `Across: the forward of ${position.firstExpiry}.`;
    if (!distribution) return across;
    const [low, high] = [-1, 1].map((each) => formatNumber(priceAtDeviation(distribution, each)));
    return `${across} Shaded: one standard deviation, ${low} to ${high}, and two.`;
}

/** @type {uPlot.Range.Function} */
function rangeOfPrices(_plot, lowest, highest) {
    return lowest === null ? [0, 1] : [lowest, highest];
}

/** With 0, and room for the labels above. @type {uPlot.Range.Function} */
function rangeAroundZero(_plot, lowest, highest) {
    if (lowest === null) return [-1, 1];
    const [low, high] = [Math.min(0, lowest), Math.max(0, highest)];
    const span = high - low || 1;
    return [low - 0.08 * span, high + 0.24 * span];
}

/** Gains teal and losses red, on either side of 0. @param {uPlot} plot */
function fillOfProfit(plot) {
    const { ctx, bbox } = plot;
    const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
    const zero = (plot.valToPos(0, "y", true) - bbox.top) / bbox.height;
    const place = Number.isFinite(zero) ? Math.min(1, Math.max(0, zero)) : 1;
    gradient.addColorStop(0, withOpacity("rise", 0.16));
    gradient.addColorStop(place, withOpacity("rise", 0.16));
    gradient.addColorStop(place, withOpacity("fall", 0.16));
    gradient.addColorStop(1, withOpacity("fall", 0.16));
    return gradient;
}

/** @param {string} colourName @param {number} opacity */
function withOpacity(colourName, opacity) {
    return colour(colourName).replace(/^rgb\((.*)\)$/, `rgba($1, ${opacity})`);
}
