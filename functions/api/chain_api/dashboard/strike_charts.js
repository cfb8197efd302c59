/** The charts by strike: open interest, its change, and the smile of the implied volatilities. */

import { axis, bars, Chart, line } from "./chart.js";
import { rangeFromZero, rangeOfSmile, rangeOfStrikes } from "./chart_ranges.js";
import { formatCompact, formatNumber, formatSigned, formatStrike, isNumber } from "./format.js";
import { describeLargest, describeSmile } from "./strike_descriptions.js";

/** @import { Analytics, Chain, StrikeRow } from "./api_types.d.ts" */
/** @import { Marker } from "./chart_markers.js" */
/** @import { Format } from "./strike_descriptions.js" */

/**
 * The strikes that the charts show: so many on each side of the strike at the money, or "all".
 * @typedef {{atmStrike: number | null, size: string}} StrikeWindow
 */

export class StrikeCharts {
    constructor() {
        const barsOfBoth = () => [bars("call", -1), bars("put", 1)];
        const dots = { points: { show: true, size: 4 }, spanGaps: true };
        const smiles = [line("call", dots), line("put", dots)];
        this.oi = strikeChart("chart-oi", barsOfBoth(), rangeFromZero, formatCompact, formatNumber);
        this.oiChange = strikeChart(
            "chart-oi-change",
            barsOfBoth(),
            rangeFromZero,
            formatCompact,
            formatSigned,
        );
        this.smile = strikeChart(
            "chart-smile",
            smiles,
            rangeOfSmile,
            (value) => formatNumber(value, value % 1 ? 1 : 0),
            (value) => formatNumber(value, 2),
        );
    }

    /**
     * @param {Chain | null} chain
     * @param {Analytics | null} analytics
     * @param {StrikeWindow} strikeWindow
     */
    show(chain, analytics, strikeWindow) {
        const rows = chain?.rows ?? [];
        const shown = within(rows, strikeWindow);
        const strikes = shown.map((row) => row.strike_price);
        /** @param {string} field @returns {uPlot.AlignedData} */
        const dataOf = (field) => [
            strikes,
            valuesOf(shown, "call", field),
            valuesOf(shown, "put", field),
        ];
        const markers = markersOf(chain?.underlying_value ?? null, analytics?.max_pain ?? null);
        const known = markers.filter((marker) => isNumber(marker.at));
        const places = known.map((marker) => ` ${marker.label}.`).join("");
        this.oi.show(
            dataOf("open_interest"),
            markers,
            describeLargest(rows, "open_interest", formatNumber) + places,
        );
        this.oiChange.show(
            dataOf("change_in_oi"),
            markers,
            describeLargest(rows, "change_in_oi", formatSigned) + places,
        );
        this.smile.show(
            dataOf("iv"),
            markers.slice(0, 1),
            describeSmile(rows, strikeWindow.atmStrike),
        );
    }

    redraw() {
        for (const chart of [this.oi, this.oiChange, this.smile]) chart.redraw();
    }
}

/**
 * @param {string} id @param {uPlot.Series[]} series @param {uPlot.Range.Function} range
 * @param {(value: number) => string} formatTick @param {Format} format
 */
function strikeChart(id, series, range, formatTick, format) {
    /** @type {Chart} */
    const chart = new Chart(id, {
        series,
        sync: "strikes",
        axes: [
            axis({ values: (_plot, strikes) => strikes.map(formatStrike), size: 24, space: 54 }),
            axis({ values: (_plot, values) => values.map(formatTick), size: 46, space: 34 }),
        ],
        scales: { x: { time: false, range: rangeOfStrikes }, y: { range } },
        readout: (index) => {
            const [strikes, calls, puts] = chart.plot.data;
            const values = [`C ${format(calls[index])}`, `P ${format(puts[index])}`];
            return [formatStrike(strikes[index]), ...values].join("   ");
        },
    });
    return chart;
}

/**
 * @param {number | null} spot
 * @param {number | null} maxPain
 * @returns {Marker[]} spot, then max pain
 */
function markersOf(spot, maxPain) {
    return [
        { at: spot, label: `Spot ${formatNumber(spot, 2)}`, colourName: "text" },
        { at: maxPain, label: `Max pain ${formatStrike(maxPain)}`, colourName: "first" },
    ];
}

/** @param {StrikeRow[]} rows @param {StrikeWindow} strikeWindow */
function within(rows, { atmStrike, size }) {
    const centre = rows.findIndex((row) => row.strike_price === atmStrike);
    if (size === "all" || centre < 0) return rows;
    return rows.slice(Math.max(0, centre - Number(size)), centre + Number(size) + 1);
}

/** @param {StrikeRow[]} rows @param {"call" | "put"} side @param {string} field */
function valuesOf(rows, side, field) {
    return rows.map((row) => {
        const value = row[side]?.[field];
        return isNumber(value) ? value : null;
    });
}
