/** A figure of lines through a day that hold each value until the next one. */

import { formatNumber, formatTime, isNumber } from "../words/format.js";
import { Chart, line } from "./chart.js";
import { paddedRange } from "./chart_ranges.js";
import { placeOf, valueTexts } from "./day_chart.js";
import { addFigure } from "./figure.js";
import { nothingBy, replayMarker, TIMES_UNIT, timeOfDayAxis, valueAxis } from "./time_span.js";

/** @import { TimeSpan } from "./time_span.js" */

/**
 * `suffix` is the unit of its values. Its axis is left unless it `isRight`. One that is `occasional`
 * is not spoken of without values.
 * @typedef {{label: string, colourName: string, digits: number, suffix?: string,
 *     isRight?: boolean, isDashed?: boolean, occasional?: boolean}} HeldLine
 */

export class LinesFigure {
    /**
     * @param {HTMLElement} parent
     * @param {{title: string, unit?: string, lines: HeldLine[], keepsRight?: boolean}} content with
     *     `keepsRight` there is room at the right as for an axis, so that the times stand in one line
     *     with those of figures that have it
     * @param {TimeSpan} span
     * @param {(time: number) => void} onTime a time was clicked
     */
    constructor(parent, { title, unit, lines, keepsRight }, span, onTime) {
        this.lines = lines;
        /** @type {number[]} */
        this.times = [];
        /** @type {(number | null)[][]} by line */
        this.values = [];
        /** @type {(index: number) => string} what else is said of a time */
        this.noteAt = () => "";
        const legend = lines.filter(({ occasional }) => !occasional);
        const text = unit ? `${unit}, ${TIMES_UNIT}` : TIMES_UNIT;
        this.place = addFigure(parent, { title, unit: text, legend });
        const hasRight = lines.some(({ isRight }) => isRight);
        const suffix = lines.find(({ isRight }) => isRight)?.suffix ?? "";
        const right = {
            show: hasRight || keepsRight,
            values: hasRight ? textsWithUnit(suffix) : () => [],
        };
        this.chart = new Chart(this.place, {
            series: lines.map(heldSeries),
            sync: "day",
            axes: [
                timeOfDayAxis(),
                valueAxis({ side: 3 }),
                valueAxis({ side: 1, scale: "right", grid: { show: false }, ...right }),
            ],
            scales: { x: span.scale, y: { range: paddedRange }, right: { range: paddedRange } },
            readout: (index) => this.readoutAt(index),
        });
        const { plot } = this.chart;
        plot.over.addEventListener("click", () => {
            const time = this.times[plot.cursor.idx ?? -1];
            if (time) onTime(time);
        });
    }

    /**
     * @param {number[]} times ascending, none after the moment that is replayed
     * @param {(number | null)[][]} values of each line at these times
     * @param {string | null} at the time that is replayed
     * @param {(index: number) => string} [noteAt] what else is said of a time
     */
    show(times, values, at, noteAt = () => "") {
        this.times = times;
        this.values = values;
        this.noteAt = noteAt;
        this.chart.show(() => {
            const words = this.lines.map((each, index) => describeHeld(each, times, values[index]));
            return {
                data: [times.map(placeOf), ...values],
                markers: replayMarker(at),
                description: words.filter(Boolean).join(" "),
                missing: times.length ? "" : nothingBy(at),
            };
        });
    }

    /** @param {number} index */
    readoutAt(index) {
        const time = this.times[index];
        if (time === undefined) return "";
        const values = this.lines.map((each, line) => {
            const value = this.values[line][index];
            const isLeftOut = each.occasional && !isNumber(value);
            return isLeftOut ? "" : `${each.label} ${withUnit(each, value)}`;
        });
        const parts = [`${formatTime(time)} IST`, ...values, this.noteAt(index)];
        return parts.filter(Boolean).join("   ");
    }

    redraw() {
        this.chart.redraw();
    }

    remove() {
        this.chart.remove();
        this.place.figure.remove();
    }
}

/** @param {string} unit @returns {uPlot.Axis.DynamicValues} */
function textsWithUnit(unit) {
    return (...given) => valueTexts(...given).map((text) => (unit ? `${text} ${unit}` : text));
}

/** @param {HeldLine} line @returns {uPlot.Series} */
function heldSeries({ label, colourName, isRight, isDashed }) {
    return line(colourName, {
        label,
        paths: heldPaths,
        points: { show: true, size: 4, filter: lonelyPoints },
        ...(isRight ? { scale: "right" } : {}),
        ...(isDashed ? { dash: [5, 4] } : {}),
    });
}

/**
 * Each value until the next one; where the next one is null there is no line.
 * @type {uPlot.Series.PathBuilder}
 */
function heldPaths(plot, series, first, last) {
    const scale = plot.series[series].scale ?? "y";
    const stroke = new Path2D();
    let before = null;
    for (let index = first; index <= last; index++) {
        const value = plot.data[series][index];
        if (!isNumber(value)) {
            before = null;
            continue;
        }
        const x = plot.valToPos(plot.data[0][index], "x", true);
        const y = plot.valToPos(value, scale, true);
        if (before === null) stroke.moveTo(x, y);
        else {
            stroke.lineTo(x, before);
            stroke.lineTo(x, y);
        }
        before = y;
    }
    return { stroke };
}

/**
 * The values that have none beside them, or one: as a line they would hardly be seen.
 * @param {uPlot} plot @param {number} series @returns {number[]} indexes
 */
function lonelyPoints(plot, series) {
    const values = plot.data[series];
    /** @param {number} index */
    const isKnown = (index) => isNumber(values[index]);
    const found = [];
    for (let index = 0; index < values.length; index++) {
        if (!isKnown(index) || isKnown(index - 1)) continue;
        if (!isKnown(index + 1) || !isKnown(index + 2)) found.push(index);
    }
    return found;
}

/** @param {HeldLine} line @param {number | null} value */
function withUnit({ digits, suffix }, value) {
    const text = formatNumber(value, digits);
    return suffix && isNumber(value) ? `${text} ${suffix}` : text;
}

/** The same in words. @param {HeldLine} line @param {number[]} times @param {(number | null)[]} values */
function describeHeld(line, times, values) {
    const first = values.findIndex(isNumber);
    if (first < 0) return line.occasional ? "" : `${line.label}: not known.`;
    const last = values.findLastIndex(isNumber);
    const known = values.filter(isNumber);
    const lowest = known.reduce((one, other) => Math.min(one, other));
    const highest = known.reduce((one, other) => Math.max(one, other));
    const [from, to] = [first, last].map(
        (index) => `${withUnit(line, values[index])} at ${formatTime(times[index])}`,
    );
    const [low, high] = [lowest, highest].map((value) => withUnit(line, value));
    return `${line.label}: from ${from} to ${to} IST; lowest ${low}, highest ${high}.`;
}
