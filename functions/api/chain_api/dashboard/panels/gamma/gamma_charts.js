/** The charts of gamma exposure. */

import { axis, bars, Chart, line } from "../../charts/chart.js";
import { rangeOfStrikes } from "../../charts/chart_ranges.js";
import { DASH, formatCrore, formatNumber, formatStrike, isNumber } from "../../words/format.js";

/** @import { ChartPlace } from "../../charts/chart.js" */

/** Room for the labels of the markers, in parts of the range. */
const GAMMA_ROOM = 0.2;

/** A number in crores, or a dash. @param {unknown} value */
export function crorePart(value) {
    return isNumber(value) ? formatCrore(value) : DASH;
}

/** @param {ChartPlace} place */
export function gammaChart(place) {
    const series = [
        bars("call", -1, "Calls"),
        bars("put", 1, "Puts"),
        line("first", { label: "Net" }),
    ];
    /** @type {Chart} */
    const chart = new Chart(place, {
        series,
        sync: "gamma",
        axes: [
            axis({ values: (_plot, strikes) => strikes.map(formatStrike), size: 24, space: 54 }),
            croreAxis(),
        ],
        scales: { x: { time: false, range: rangeOfStrikes }, y: { range: rangeOfExposure } },
        readout: (index) => {
            const [strikes, calls, puts, net] = chart.plot.data;
            const put = puts[index];
            const values = [
                `C ${crorePart(calls[index])}`,
                `P ${crorePart(isNumber(put) ? -put : null)}`,
                `net ${crorePart(net[index])}`,
            ];
            return [formatStrike(strikes[index]), ...values].join("   ");
        },
    });
    return chart;
}

/** @param {ChartPlace} place */
export function profileChart(place) {
    /** @type {Chart} */
    const chart = new Chart(place, {
        series: [line("first", { label: "Net exposure" })],
        sync: "gamma-profile",
        axes: [
            axis({
                values: (_plot, prices) => prices.map((price) => formatNumber(price)),
                size: 24,
                space: 58,
            }),
            croreAxis(),
        ],
        scales: { x: { time: false }, y: { range: rangeOfExposure } },
        readout: (index) => {
            const [prices, net] = chart.plot.data;
            return `${formatNumber(prices[index], 2)}   net ${crorePart(net[index])}`;
        },
    });
    return chart;
}

function croreAxis() {
    return axis({ values: (_plot, values) => values.map(formatCrore), size: 62, space: 34 });
}

/** With 0, and room for labels above. @type {uPlot.Range.Function} */
function rangeOfExposure(_plot, lowest, highest) {
    if (lowest === null) return [-1, 1];
    const low = Math.min(0, lowest);
    const high = Math.max(0, highest);
    const span = high - low || 1;
    return [low - span * 0.05, high + span * GAMMA_ROOM];
}
