/** A chart of values through a day, of records by time. */

import { knownBy } from "../requests/known_by.js";
import { formatNumber, formatTime, INDIA_OFFSET_MS } from "../words/format.js";
import { sourceName } from "../words/provenance.js";
import { axis, Chart, line, sizeForTexts } from "./chart.js";
import { paddedRange, timeRangeTo } from "./chart_ranges.js";
import { describe, readoutOf } from "./day_lines.js";

/** @import { RecordOfDay } from "../requests/day_records.js" */
/** @import { ChartPlace } from "./chart.js" */
/** @import { DayLine } from "./day_lines.js" */
/** @import { Marker } from "./chart_markers.js" */
/** @import { Instant } from "../words/format.js" */

/** Between the last reading of a session and the evening's. */
const LONGEST_PAUSE_SECONDS = 3600;
/** Steps are not shorter: values have at most so many decimals. */
const MOST_DECIMALS = 10;

/** Added to a time, it puts the axis' whole hours at India's whole hours. */
export const INDIA_OFFSET_SECONDS = INDIA_OFFSET_MS / 1000;
export const TIME_STEPS = [5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

/**
 * @template {RecordOfDay} T
 */
export class DayChart {
    /**
     * @param {ChartPlace} place
     * @param {DayLine<T>[]} lines each says its axis, left or right, and its colour
     * @param {(timestamp: string) => void} onTime a time was clicked
     */
    constructor(place, lines, onTime) {
        this.lines = lines;
        /** @type {T[]} those that are shown */
        this.records = [];
        /** Where the day's last record is on the time axis, shown or not. @type {number | null} */
        this.end = null;
        /** What is drawn: records, and null between two where nothing was recorded. @type {(T | null)[]} */
        this.points = [];
        const valueAxis = { values: valueTexts, size: sizeForTexts(48), space: 30 };
        const rightAxis = { ...valueAxis, side: 1, scale: "right", grid: { show: false } };
        /** @type {uPlot.Axis[]} */
        const rightAxes = lines.some(({ isRight }) => isRight) ? [rightAxis] : [];
        this.chart = new Chart(place, {
            series: lines.map(seriesOf),
            sync: "day",
            axes: [
                axis({ values: timeTexts, size: 24, space: 58, incrs: TIME_STEPS }),
                axis({ ...valueAxis, side: 3 }),
                ...rightAxes.map(axis),
            ],
            scales: {
                x: { time: false, range: timeRangeTo(() => this.end) },
                y: { range: paddedRange },
                right: { range: paddedRange },
            },
            readout: (index) => readoutOf(this.points[index], lines),
        });
        this.chart.exported = () => {
            this.chart.make();
            return this.table();
        };
        const { plot } = this.chart;
        plot.over.addEventListener("click", () => {
            const record = this.points[plot.cursor.idx ?? -1];
            if (record) onTime(record.timestamp);
        });
    }

    /**
     * A moment that is replayed is the end of what is shown; the time axis is that of the whole day.
     * @param {T[]} records all of the day
     * @param {string | null} at the time that is replayed, null when live
     */
    show(records, at) {
        this.chart.show(() => this.contentOf(records, at));
    }

    /** @param {T[]} records @param {string | null} at */
    contentOf(records, at) {
        const session = ofTheSession(records);
        const last = session.at(-1);
        this.end = last ? placeOfRecord(last) : null;
        this.records = knownBy(session, at);
        this.points = pointsOf(this.records);
        const times = this.points.map((record, index) =>
            record ? placeOfRecord(record) : placeOf(this.points[index + 1]?.brokenAt ?? 0),
        );
        const switches = this.records.filter(isSwitch);
        /** @type {Marker[]} */
        const markers = switches.map((record) => ({
            at: placeOf(record.timestamp),
            label: sourceName(record),
            colourName: "muted",
        }));
        if (at) markers.push({ at: placeOf(at), label: formatTime(at), colourName: "text" });
        const switched = switches.map(
            (record) => `From ${formatTime(record.timestamp)} IST on from ${sourceName(record)}.`,
        );
        const values = this.lines.map(({ read }) =>
            this.points.map((record) => record && (read(record) ?? null)),
        );
        const described = this.lines.map((each) => describe(each, this.records));
        const description = [...described, ...switched].filter(Boolean).join(" ");
        return {
            data: /** @type {uPlot.AlignedData} */ ([times, ...values]),
            markers,
            description,
        };
    }

    /** The records that are shown, as a table. */
    table() {
        return {
            columns: ["Time (IST)", ...this.lines.map(({ label }) => label)],
            rows: this.records.map((record) => [
                new Date(record.timestamp),
                ...this.lines.map(({ read }) => read(record) ?? null),
            ]),
            decimals: [false, ...this.lines.map(({ digits }) => digits > 0)],
        };
    }

    redraw() {
        this.chart.redraw();
    }

    remove() {
        this.chart.remove();
    }
}

/**
 * @template {RecordOfDay} T
 * @param {DayLine<T>} line
 */
function seriesOf({ colourName, isRight, dash, label }) {
    const scale = isRight ? { scale: "right" } : {};
    const points = { show: false, size: 5, filter: aloneIn };
    return line(colourName, { label, points, ...scale, ...(dash ? { dash } : {}) });
}

/**
 * The values with none before and none after, which no line leads to.
 * @param {uPlot} plot @param {number} series
 */
function aloneIn({ data }, series) {
    const values = data[series];
    return Array.from(values.keys()).filter(
        (place) => values[place] != null && values[place - 1] == null && values[place + 1] == null,
    );
}

/**
 * The records with null before each that follows a break of the record: no line leads over it.
 * @template {RecordOfDay} T
 * @param {T[]} records @returns {(T | null)[]}
 */
function pointsOf(records) {
    return records.flatMap((record, index) =>
        index > 0 && record.brokenAt ? [null, record] : [record],
    );
}

/**
 * Whether a record is the first one from another source than the one before it.
 * @param {RecordOfDay} record @param {number} index @param {RecordOfDay[]} records
 */
function isSwitch(record, index, records) {
    return index > 0 && record.source !== records[index - 1].source;
}

/**
 * The records without the evening's readings: nothing is traded then, and they would leave a third
 * of the charts empty.
 * @template {RecordOfDay} T
 * @param {T[]} records
 * @returns {T[]}
 */
function ofTheSession(records) {
    let end = records.length;
    if (!records.at(-1)?.settled) return [...records];
    while (end > 1 && pauseBefore(records, end - 1) > LONGEST_PAUSE_SECONDS) end -= 1;
    return records.slice(0, end);
}

/** @param {RecordOfDay[]} records @param {number} index @returns {number} seconds */
function pauseBefore(records, index) {
    return placeOf(records[index].timestamp) - placeOf(records[index - 1].timestamp);
}

/** @type {WeakMap<RecordOfDay, number>} a day has thousands, and reading a time is slow */
const places = new WeakMap();

/** @param {RecordOfDay} record */
function placeOfRecord(record) {
    const known = places.get(record);
    if (known !== undefined) return known;
    const place = placeOf(record.timestamp);
    places.set(record, place);
    return place;
}

/** @param {Instant} instant @returns {number} its place on the time axis */
export function placeOf(instant) {
    return new Date(instant).getTime() / 1000 + INDIA_OFFSET_SECONDS;
}

/**
 * The times at the axis, with seconds where it has steps of less than a minute.
 * @type {uPlot.Axis.DynamicValues}
 */
export function timeTexts(_plot, places, _axis, _space, step) {
    return places.map((place) =>
        new Date(place * 1000).toISOString().slice(11, step < 60 ? 19 : 16),
    );
}

/**
 * The values at the axis, with as many decimals as its steps have: no two are written alike.
 * @type {uPlot.Axis.DynamicValues}
 */
export function valueTexts(_plot, values, _axis, _space, step) {
    const digits = decimalsOf(step);
    return values.map((value) => formatNumber(value, digits));
}

/** @param {number} step @returns {number} 1 of 2.5, 5 of 0.00002 */
function decimalsOf(step) {
    let digits = 0;
    while (digits < MOST_DECIMALS && Math.abs(Number(step.toFixed(digits)) - step) > step / 1000) {
        digits += 1;
    }
    return digits;
}
