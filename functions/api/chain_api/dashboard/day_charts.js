/** The charts of the day: PCR with the straddle, spot with the implied volatility at the money. */

import { axis, Chart, line } from "./chart.js";
import { paddedRange, timeRange } from "./chart_ranges.js";
import { formatNumber, formatTime, isNumber, lossText } from "./format.js";

/** @import { DayRecord } from "./day_history.js" */
/** @import { Marker } from "./chart_markers.js" */

/**
 * A line of a chart: a field of the day's records.
 * @typedef {{field: "underlying_value" | "pcr_oi" | "straddle_price" | "atm_iv", label: string,
 *     digits: number}} DayLine
 */

/** @type {DayLine[]} */
const PCR_LINES = [
    { field: "pcr_oi", label: "PCR", digits: 3 },
    { field: "straddle_price", label: "Straddle", digits: 2 },
];
/** @type {DayLine[]} */
const SPOT_LINES = [
    { field: "underlying_value", label: "Spot", digits: 2 },
    { field: "atm_iv", label: "ATM IV", digits: 2 },
];

/**
 * India's offset from UTC. Added to a time, it puts the axis' whole hours at India's whole hours.
 */
const INDIA_OFFSET_SECONDS = 19800;
/** Between the last reading of a session and the evening's. */
const LONGEST_PAUSE_SECONDS = 3600;
const TIME_STEPS = [5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

export class DayCharts {
    /** @param {(timestamp: string) => void} onTime a time was clicked */
    constructor(onTime) {
        this.onTime = onTime;
        /** @type {DayRecord[]} */
        this.records = [];
        this.charts = [
            { lines: PCR_LINES, chart: this.makeChart("chart-pcr", PCR_LINES) },
            { lines: SPOT_LINES, chart: this.makeChart("chart-underlying", SPOT_LINES) },
        ];
    }

    /** @param {string} id @param {DayLine[]} lines the first has its axis left, the second right */
    makeChart(id, lines) {
        const valueAxis = { values: valueTexts, size: 48, space: 30 };
        const chart = new Chart(id, {
            series: [line("first"), line("second", { scale: "right" })],
            sync: "day",
            axes: [
                axis({ values: timeTexts, size: 24, space: 58, incrs: TIME_STEPS }),
                axis({ ...valueAxis, side: 3 }),
                axis({ ...valueAxis, side: 1, scale: "right", grid: { show: false } }),
            ],
            scales: {
                x: { time: false, range: timeRange },
                y: { range: paddedRange },
                right: { range: paddedRange },
            },
            readout: (index) => readoutOf(this.records[index], lines),
        });
        chart.plot.over.addEventListener("click", () => {
            const record = this.records[chart.plot.cursor.idx ?? -1];
            if (record) this.onTime(record.timestamp);
        });
        return chart;
    }

    /**
     * @param {DayRecord[]} all the records of the day
     * @param {string | null} at the time that is replayed, null when live
     */
    show(all, at) {
        const records = ofTheSession(all);
        this.records = records;
        const times = records.map((record) => placeOf(record.timestamp));
        /** @type {Marker[]} */
        const markers = at ? [{ at: placeOf(at), label: formatTime(at), colourName: "text" }] : [];
        for (const { lines, chart } of this.charts) {
            const values = lines.map(({ field }) => records.map((record) => record[field] ?? null));
            const description = lines.map((each) => describe(each, records)).join(" ");
            chart.show([times, ...values], markers, description);
        }
    }

    redraw() {
        for (const { chart } of this.charts) chart.redraw();
    }
}

/**
 * The records without the evening's reading: nothing is traded then, and it would leave a third of
 * the charts empty.
 * @param {DayRecord[]} records
 * @returns {DayRecord[]}
 */
function ofTheSession(records) {
    let end = records.length;
    if (!records.at(-1)?.settled) return [...records];
    while (end > 1 && pauseBefore(records, end - 1) > LONGEST_PAUSE_SECONDS) end -= 1;
    return records.slice(0, end);
}

/** @param {DayRecord[]} records @param {number} index @returns {number} seconds */
function pauseBefore(records, index) {
    return placeOf(records[index].timestamp) - placeOf(records[index - 1].timestamp);
}

/** @param {string} timestamp @returns {number} its place on the time axis */
function placeOf(timestamp) {
    return Date.parse(timestamp) / 1000 + INDIA_OFFSET_SECONDS;
}

/** @param {DayRecord | undefined} record @param {DayLine[]} lines */
function readoutOf(record, lines) {
    if (!record) return "";
    const values = lines.map(
        ({ field, label, digits }) => `${label} ${formatNumber(record[field], digits)}`,
    );
    const parts = [formatTime(record.timestamp), ...values, lossText(record.legs_missing)];
    return parts.filter(Boolean).join("   ");
}

/** Say in words what a line shows. @param {DayLine} line @param {DayRecord[]} records */
function describe({ field, label, digits }, records) {
    const known = records.filter((record) => isNumber(record[field]));
    if (!known.length) return `${label}: not known.`;
    /** @param {number} value */
    const format = (value) => formatNumber(value, digits);
    const [first, last] = [known[0], known[known.length - 1]].map(
        (record) => `${format(Number(record[field]))} at ${formatTime(record.timestamp)}`,
    );
    const values = known.map((record) => Number(record[field]));
    const lowest = values.reduce((one, other) => Math.min(one, other));
    const highest = values.reduce((one, other) => Math.max(one, other));
    const range = `lowest ${format(lowest)}, highest ${format(highest)}`;
    return `${label}: from ${first} to ${last}; ${range}.`;
}

/**
 * The times at the axis, with seconds where it has steps of less than a minute.
 * @type {uPlot.Axis.DynamicValues}
 */
function timeTexts(_plot, places, _axis, _space, step) {
    return places.map((place) =>
        new Date(place * 1000).toISOString().slice(11, step < 60 ? 19 : 16),
    );
}

/**
 * The values at the axis, with as many decimals as its steps have.
 * @type {uPlot.Axis.DynamicValues}
 */
function valueTexts(_plot, values, _axis, _space, step) {
    const digits = Math.min(4, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
    return values.map((value) => formatNumber(value, digits));
}
