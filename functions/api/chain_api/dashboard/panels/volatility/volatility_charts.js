/** The charts of the panel of volatility. */

import { axis, Chart, line, sizeForTexts } from "../../charts/chart.js";
import { paddedRange, rangeOfSmile } from "../../charts/chart_ranges.js";
import { valueTexts } from "../../charts/day_chart.js";
import { formatNumber, formatStrike } from "../../words/format.js";
import { MOST_SMILES } from "./smile_lines.js";

/** @import { ChartPlace } from "../../charts/chart.js" */
/** @import { SmileAxis } from "./smile_lines.js" */
/** @import { TermRecord } from "../structure.d.ts" */

/** Of the lines of the expiries, the nearest first; every second one is dashed. */
export const SMILE_COLOURS = ["first", "second", "call", "put", "rise", "fall"];

/** @type {Record<SmileAxis, (place: number) => string>} */
const PLACE_TEXTS = {
    strike: formatStrike,
    moneyness: (place) => `${formatNumber(place, 1)} %`,
    delta: (place) => formatNumber(place, 2),
};

/**
 * @param {ChartPlace} place
 * @param {() => SmileAxis} axisName
 * @param {() => string[]} names of the lines
 */
export function smilesChart(place, axisName, names) {
    const series = SMILE_COLOURS.slice(0, MOST_SMILES).map((colourName, rank) =>
        line(colourName, { spanGaps: true, ...(rank % 2 ? { dash: [6, 3] } : {}) }),
    );
    /** @param {number} value */
    const textOf = (value) => PLACE_TEXTS[axisName()](value);
    /** @type {Chart} */
    const chart = new Chart(place, {
        series,
        sync: "smiles",
        axes: [
            axis({ values: (_plot, places) => places.map(textOf), size: 24, space: 58 }),
            axis({ values: (_plot, values) => values.map((value) => formatNumber(value, 1)) }),
        ],
        scales: { x: { time: false }, y: { range: rangeOfSmile } },
        readout: (index) => {
            const [places, ...lines] = chart.plot.data;
            const values = names().flatMap((name, rank) => {
                const value = lines[rank]?.[index];
                return value === null || value === undefined
                    ? []
                    : [`${name} ${formatNumber(value, 2)}`];
            });
            return [textOf(places[index]), ...values].join("   ");
        },
    });
    return chart;
}

/**
 * A chart of one or two numbers by days to the expiry; the second has the right axis.
 * @param {ChartPlace} place
 * @param {{name: keyof TermRecord & string, label: string, colourName: string}[]} lines
 * @param {() => TermRecord[]} records
 */
export function termChart(place, lines, records) {
    const valueAxis = { values: valueTexts, size: sizeForTexts(52), space: 30 };
    const rightAxis = axis({ ...valueAxis, side: 1, scale: "right", grid: { show: false } });
    const dots = { points: { show: true, size: 5 }, spanGaps: true };
    return new Chart(place, {
        series: lines.map(({ label, colourName }, rank) =>
            line(colourName, { label, ...dots, ...(rank ? { scale: "right" } : {}) }),
        ),
        sync: "terms",
        axes: [
            axis({
                values: (_plot, days) => days.map((each) => `${formatNumber(each)} d`),
                size: 24,
                space: 50,
            }),
            axis({ ...valueAxis, side: 3 }),
            ...(lines.length > 1 ? [rightAxis] : []),
        ],
        scales: {
            x: { time: false, range: daysRange },
            y: { range: paddedRange },
            right: { range: paddedRange },
        },
        readout: (index) => {
            const record = records()[index];
            if (!record) return "";
            const values = lines.map(
                ({ name, label }) => `${label} ${formatNumber(record[name], 2)}`,
            );
            return [record.expiry_date, ...values].join("   ");
        },
    });
}

/** From today on. @type {uPlot.Range.Function} */
function daysRange(_plot, first, last) {
    return first === null ? [0, 1] : [0, Math.max(last * 1.03, first + 1)];
}
