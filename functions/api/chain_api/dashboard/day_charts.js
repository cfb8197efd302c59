/** The charts of the day: PCR with the straddle, spot with the implied volatility at the money. */

import { axis, Chart, line } from "./chart.js";
import { paddedRange, timeRange } from "./chart_ranges.js";
import { describe, PCR_LINES, readoutOf, SPOT_LINES } from "./day_lines.js";
import { formatNumber, formatTime } from "./format.js";
import { sourceName } from "./provenance.js";

/** @import { DayRecord } from "./day_history.js" */
/** @import { DayLine } from "./day_lines.js" */
/** @import { Marker } from "./chart_markers.js" */

/** Between the last reading of a session and the evening's. */
const LONGEST_PAUSE_SECONDS = 3600;

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
     * @param {DayRecord[]} records all of the day
     * @param {string | null} at the time that is replayed, null when live
     */
    show(records, at) {
        this.records = ofTheSession(records);
        const times = this.records.map((record) => placeOf(record.timestamp));
        const switches = this.records.filter(isSwitch);
        /** @type {Marker[]} */
        const markers = switches.map((record) => ({
            at: placeOf(record.timestamp),
            label: sourceName(record),
            colourName: "muted",
        }));
        if (at) markers.push({ at: placeOf(at), label: formatTime(at), colourName: "text" });
        const switched = switches.map(
            (record) => `From ${formatTime(record.timestamp)} on from ${sourceName(record)}.`,
        );
        for (const { lines, chart } of this.charts) {
            const values = lines.map(({ read }) =>
                this.records.map((record) => read(record) ?? null),
            );
            const described = lines.map((each) => describe(each, this.records));
            const description = [...described, ...switched].filter(Boolean).join(" ");
            chart.show([times, ...values], markers, description);
        }
    }

    redraw() {
        for (const { chart } of this.charts) chart.redraw();
    }
}

/**
 * Whether a record is the first one from another source than the one before it.
 * @param {DayRecord} record @param {number} index @param {DayRecord[]} records
 */
function isSwitch(record, index, records) {
    return index > 0 && record.source !== records[index - 1].source;
}

/**
 * The records without the evening's readings: nothing is traded then, and they would leave a third
 * of the charts empty.
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
