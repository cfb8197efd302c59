/** The charts of the day: PCR with the straddle, spot with the implied volatility at the money. */

import { axis, Chart, line } from "./chart.js";
import { paddedRange, timeRange } from "./chart_ranges.js";
import { formatNumber, formatTime, isNumber, lossText } from "./format.js";

/** @import { DayRecord } from "./day_history.js" */
/** @import { Marker } from "./chart_markers.js" */

/**
 * A line of a chart, of a value of each record. One that is `occasional` is not spoken of without
 * values.
 * @typedef {{read: (record: DayRecord) => number | null, label: string, digits: number,
 *     occasional?: boolean}} DayLine
 */

/** @type {DayLine[]} */
const PCR_LINES = [
    { read: (record) => record.pcr_oi, label: "PCR", digits: 3 },
    { read: (record) => record.straddle_price, label: "Straddle", digits: 2 },
];
/**
 * The spot, which is left out while it stands still, and the forward, which takes its place.
 * @type {DayLine[]}
 */
const SPOT_LINES = [
    {
        read: (record) => (usesForward(record) ? null : record.underlying_value),
        label: "Spot",
        digits: 2,
    },
    { read: (record) => record.atm_iv, label: "ATM IV", digits: 2 },
    {
        read: (record) => (usesForward(record) ? record.reference_price : null),
        label: "Forward",
        digits: 2,
        occasional: true,
    },
];
/** The settled chain comes hours after the session: with it the lines would be a corner. */
const LONGEST_PAUSE_MS = 3600000;

/**
 * India's offset from UTC. Added to a time, it puts the axis' whole hours at India's whole hours.
 */
const INDIA_OFFSET_SECONDS = 19800;
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
            series: [
                line("first"),
                line("second", { scale: "right" }),
                line("first", { dash: [5, 4] }),
            ].slice(0, lines.length),
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
     * @param {DayRecord[]} records
     * @param {string | null} at the time that is replayed, null when live
     */
    show(records, at) {
        this.records = records.filter((record, index) => !isApart(record, records[index - 1]));
        const times = this.records.map((record) => placeOf(record.timestamp));
        /** @type {Marker[]} */
        const markers = at ? [{ at: placeOf(at), label: formatTime(at), colourName: "text" }] : [];
        for (const { lines, chart } of this.charts) {
            const values = lines.map(({ read }) =>
                this.records.map((record) => read(record) ?? null),
            );
            const description = lines
                .map((each) => describe(each, this.records))
                .join(" ")
                .trim();
            chart.show([times, ...values], markers, description);
        }
    }

    redraw() {
        for (const { chart } of this.charts) chart.redraw();
    }
}

/** Whether the spot stands still, or is not sent. @param {DayRecord} record */
function usesForward({ reference_price: reference, underlying_value: spot }) {
    return isNumber(reference) && reference !== spot;
}

/**
 * Whether a record is the settled chain, read long after the session.
 * @param {DayRecord} record @param {DayRecord | undefined} before
 */
function isApart({ settled, timestamp }, before) {
    if (!settled || !before) return false;
    return Date.parse(timestamp) - Date.parse(before.timestamp) > LONGEST_PAUSE_MS;
}

/** @param {string} timestamp @returns {number} its place on the time axis */
function placeOf(timestamp) {
    return Date.parse(timestamp) / 1000 + INDIA_OFFSET_SECONDS;
}

/** @param {DayRecord | undefined} record @param {DayLine[]} lines */
function readoutOf(record, lines) {
    if (!record) return "";
    const values = lines.map(({ read, label, digits, occasional }) => {
        const value = read(record);
        return occasional && !isNumber(value) ? "" : `${label} ${formatNumber(value, digits)}`;
    });
    const parts = [formatTime(record.timestamp), ...values, lossText(record.legs_missing)];
    return parts.filter(Boolean).join("   ");
}

/** Say in words what a line shows. @param {DayLine} line @param {DayRecord[]} records */
function describe({ read, label, digits, occasional }, records) {
    const known = records.filter((record) => isNumber(read(record)));
    if (!known.length) return occasional ? "" : `${label}: not known.`;
    /** @param {number} value */
    const format = (value) => formatNumber(value, digits);
    const [first, last] = [known[0], known[known.length - 1]].map(
        (record) => `${format(Number(read(record)))} at ${formatTime(record.timestamp)}`,
    );
    const values = known.map((record) => Number(read(record)));
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
