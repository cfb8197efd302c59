/** The heat map as a chart: a cell for each interval and strike, and the line of the price. */

import { axis, Chart, line } from "../../charts/chart.js";
import { colour } from "../../charts/colours.js";
import { placeOf, TIME_STEPS, timeTexts } from "../../charts/day_chart.js";
import { formatStrike, formatTime } from "../../words/format.js";
import { tableOfHeat } from "./heat_grid.js";

/** @import { ChartPlace } from "../../charts/chart.js" */
/** @import { InterestRecord } from "../structure.d.ts" */

/** A zero is seen beside a cell that has no number. */
const LEAST_TINT = 0.05;
/** An interval of one snapshot is seen, too. */
const LEAST_WIDTH_PX = 2;
const SHORTEST_AXIS_MS = 300000;

/**
 * What is drawn: values by record and strike, what they are, the colours of those above and below 0,
 * and from when to when each record was recorded, in milliseconds since 1970.
 * @typedef {{records: InterestRecord[], spans: [number, number][], strikes: number[],
 *     values: (number | null)[][], largest: number, above: string, below: string,
 *     name: string}} HeatMap
 */

/** @type {HeatMap} */
const EMPTY_HEAT = {
    records: [],
    spans: [],
    strikes: [],
    values: [],
    largest: 0,
    above: "call",
    below: "put",
    name: "",
};

export class HeatChart {
    /**
     * @param {ChartPlace} place
     * @param {(column: number, row: number) => string} readout of a cell, whose price is that of its
     *     end
     */
    constructor(place, readout) {
        this.map = EMPTY_HEAT;
        /** The end of the day, in milliseconds since 1970. */
        this.end = 0;
        this.chart = new Chart(place, {
            series: [line("text", { label: "Price", width: 1.5, spanGaps: true })],
            sync: "heat",
            axes: [
                axis({ values: timeTexts, size: 24, space: 58, incrs: TIME_STEPS }),
                axis({
                    values: (_plot, strikes) => strikes.map(formatStrike),
                    size: 54,
                    grid: { show: false },
                }),
            ],
            scales: {
                x: { time: false, range: () => this.rangeOfTimes() },
                y: { range: () => this.rangeOfHeat() },
            },
            readout: () => readout(this.columnUnder(), this.rowUnder()),
        });
        this.chart.exported = () => tableOfHeat(this.map);
        const { hooks } = this.chart.plot;
        hooks.drawAxes = [(/** @type {uPlot} */ plot) => paintCells(plot, this.map)];
    }

    /**
     * @param {HeatMap} map @param {string | null} end of the day, to which the time axis leads
     * @param {string | null} at a time that is marked @param {string} text
     * @param {boolean} isAsked whether the data have been asked for
     */
    show(map, end, at, text, isAsked) {
        this.map = map;
        this.end = end ? Date.parse(end) : 0;
        const times = map.records.map((record) => placeOf(record.snapshot_timestamp));
        const prices = map.records.map((record) => record.reference_price);
        const markers = at ? [{ at: placeOf(at), label: formatTime(at), colourName: "text" }] : [];
        this.chart.show(() => ({ data: [times, prices], markers, description: text, isAsked }));
    }

    /** @returns {[number, number]} */
    rangeOfHeat() {
        const edges = edgesOf(this.map.strikes);
        return edges.length ? [edges[0], edges[edges.length - 1]] : [0, 1];
    }

    /** From the first to the last snapshot of the day. @returns {[number, number]} */
    rangeOfTimes() {
        const { spans } = this.map;
        if (!spans.length) return [0, 1];
        const [[first], [, last]] = [spans[0], spans[spans.length - 1]];
        return [placeOf(first), placeOf(Math.max(last, this.end, first + SHORTEST_AXIS_MS))];
    }

    /** The interval under the pointer, -1 between two of them. */
    columnUnder() {
        const { plot } = this.chart;
        const left = plot.cursor.left ?? -1;
        return this.map.spans.findLastIndex((span) => {
            const [begins, ends] = endsOfCell(plot, span, false);
            return left >= begins && left < ends;
        });
    }

    /** The row of the strike under the pointer, -1 without one. */
    rowUnder() {
        const { plot } = this.chart;
        const price = plot.posToVal(plot.cursor.top ?? -1, "y");
        const edges = edgesOf(this.map.strikes);
        return edges.findLastIndex((edge) => edge <= price);
    }

    redraw() {
        this.chart.redraw();
    }

    remove() {
        this.chart.remove();
    }
}

/** The edges of the rows: midway between strikes. @param {number[]} strikes in order */
export function edgesOf(strikes) {
    if (!strikes.length) return [];
    const middles = strikes.slice(1).map((strike, rank) => (strike + strikes[rank]) / 2);
    const [first] = strikes;
    const last = strikes[strikes.length - 1];
    const low = middles.length ? middles[0] - first : 0.5;
    const high = middles.length ? last - middles[middles.length - 1] : 0.5;
    return [first - low, ...middles, last + high];
}

/**
 * Where a cell begins and ends on the time axis, in pixels.
 * @param {uPlot} plot @param {[number, number]} span @param {boolean} isOnCanvas
 */
function endsOfCell(plot, span, isOnCanvas) {
    const [begins, ends] = span.map((time) => plot.valToPos(placeOf(time), "x", isOnCanvas));
    const edge = plot.valToPos(plot.scales.x.max ?? 0, "x", isOnCanvas);
    const right = Math.min(edge, Math.max(ends, begins + LEAST_WIDTH_PX));
    return [Math.min(begins, right - LEAST_WIDTH_PX), right];
}

/** @param {uPlot} plot @param {HeatMap} map */
function paintCells(plot, { spans, strikes, values, largest, above, below }) {
    if (!largest && !values.length) return;
    const { ctx, bbox } = plot;
    const tops = edgesOf(strikes).map((edge) => Math.round(plot.valToPos(edge, "y", true)));
    const tints = [colour(above), colour(below)];
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const [column, span] of spans.entries()) {
        const [left, right] = endsOfCell(plot, span, true).map(Math.round);
        for (const [row, value] of values[column].entries()) {
            if (value === null) continue;
            ctx.fillStyle = tints[value < 0 ? 1 : 0];
            const part = largest ? Math.abs(value) / largest : 0;
            ctx.globalAlpha = LEAST_TINT + (1 - LEAST_TINT) * part;
            ctx.fillRect(left, tops[row + 1], right - left, tops[row] - tops[row + 1]);
        }
    }
    ctx.restore();
}
