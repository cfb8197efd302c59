/**
 * A chart drawn by uPlot: its size, colours, markers, readout under the pointer, and text
 * alternative.
 */

import { elementById, setText } from "../browser/dom.js";
import { drawMarkers, fontOf } from "./chart_markers.js";
import { colour } from "./colours.js";
import { drawSoon } from "./draw_queue.js";

/** @import { Marker } from "./chart_markers.js" */
/** @typedef {{container: HTMLElement, description: HTMLElement}} ChartPlace */

const NOT_ASKED = "Not read yet: it is read when it is in sight.";
const LEAST_SIZE_PX = 80;
/** Between the texts of an axis and its ends. */
const AXIS_GAP_PX = 8;

/**
 * Charts with the same `sync` share the pointer. `readout` is the text of the values at an index.
 * @typedef {{series: uPlot.Series[], axes: uPlot.Axis[], scales: uPlot.Scales, sync: string,
 *     readout: (index: number) => string}} ChartOptions
 */

/**
 * What a chart shows: the places and the values of each series, what marks places, and the same in
 * words. `isAsked` is false while the data have not been asked for: nothing is known of them then.
 * `missing` is said where there is no value, in place of the usual words.
 * @typedef {{data: uPlot.AlignedData, markers: Marker[], description: string, isAsked?: boolean,
 *     missing?: string}} ChartContent
 */

/**
 * Its columns and rows, with instants as dates, and the columns whose numbers have decimals.
 * @typedef {{columns: string[], rows: (number | string | Date | null)[][],
 *     decimals?: boolean[]}} ChartTable
 */

/** @type {WeakMap<Element, Chart>} by their places */
const chartsByPlace = new WeakMap();

/** The chart that is drawn in a place. @param {Element} container */
export function chartIn(container) {
    return chartsByPlace.get(container);
}

export class Chart {
    /** @param {ChartPlace} place @param {ChartOptions} options */
    constructor({ container, description }, { series, axes, scales, sync, readout }) {
        this.container = container;
        this.description = description;
        this.sync = sync;
        chartsByPlace.set(container, this);
        /** What is exported of it in place of its data. @type {(() => ChartTable) | null} */
        this.exported = null;
        /** @type {Marker[]} */
        this.markers = [];
        this.readout = document.createElement("span");
        this.readout.className = "readout";
        this.readout.ariaHidden = "true"; // the description gives the numbers without a pointer
        this.container.parentElement?.append(this.readout);
        this.words = document.createElement("p");
        this.words.className = "plot-words";
        container.append(this.words);
        this.showEmptiness([[]]);
        /** @type {uPlot.Options} */
        const options = {
            ...this.size(),
            legend: { show: false },
            padding: [6, 24, 0, 0],
            cursor: {
                y: false,
                drag: { x: false, y: false },
                sync: { key: sync },
                points: { size: 6 },
            },
            series: [{}, ...series],
            axes,
            scales,
            hooks: {
                draw: [(plot) => drawMarkers(plot, this.markers)],
                setCursor: [(plot) => this.showReadout(plot, readout)],
            },
        };
        this.plot = new uPlot(options, [[], ...series.map(() => [])], this.container);
        this.resized = new ResizeObserver(() => this.plot.setSize(this.size()));
        this.resized.observe(this.container);
        /** Whether any part of it is in sight, as far as the browser has told. */
        this.isInSight = true;
        /** @type {uPlot.AlignedData | null} what is to be drawn once it is in sight */
        this.waiting = null;
        /** @type {(() => ChartContent) | null} what makes that, where it is not made yet */
        this.making = null;
        this.seen = new IntersectionObserver((entries) => {
            this.isInSight = entries[entries.length - 1].isIntersecting;
            if (this.waiting || this.making) drawSoon(this);
        });
        this.seen.observe(this.container);
    }

    /** The newest data, drawn or not. */
    get data() {
        this.make();
        return this.waiting ?? this.plot.data;
    }

    /** Take the chart out of the page. */
    remove() {
        this.making = null;
        this.waiting = null;
        this.resized.disconnect();
        this.seen.disconnect();
        this.plot.destroy();
        this.readout.remove();
        this.words.remove();
    }

    size() {
        const { clientWidth, clientHeight } = this.container;
        return {
            width: Math.max(LEAST_SIZE_PX, clientWidth),
            height: Math.max(LEAST_SIZE_PX, clientHeight),
        };
    }

    /** Show content once the present task is done, which it makes no longer. @param {() => ChartContent} make */
    show(make) {
        this.making = make;
        drawSoon(this);
    }

    make() {
        if (!this.making) return;
        const { data, markers, description, isAsked = true, missing } = this.making();
        this.making = null;
        this.markers = markers;
        this.waiting = data;
        this.showEmptiness(data, isAsked ? missing : NOT_ASKED);
        setText(this.description, isAsked ? description : NOT_ASKED);
    }

    /** A chart out of sight costs no drawing until it is scrolled to. */
    drawInSight() {
        this.make();
        if (this.isInSight) this.draw();
    }

    /** Draw it at once, wherever it is; uPlot does so in a microtask. */
    draw() {
        this.make();
        if (!this.waiting) return;
        const data = this.waiting;
        this.waiting = null;
        this.plot.setData(data);
    }

    /**
     * Without a value there are words in the place of axes.
     * @param {uPlot.AlignedData} data @param {string} [missing] words of their own
     */
    showEmptiness([places, ...series], missing = "") {
        const isKnown = series.some((values) => [...values].some((value) => value != null));
        if (isKnown) {
            delete this.container.dataset.empty;
            return;
        }
        this.container.dataset.empty = places.length ? "values" : "records";
        const text = places.length ? "No value is known." : "Nothing was recorded.";
        setText(this.words, missing || text);
    }

    redraw() {
        this.waiting ??= this.plot.data;
        drawSoon(this);
    }

    /** @param {uPlot} plot @param {(index: number) => string} readout */
    showReadout({ cursor }, readout) {
        const isInside = typeof cursor.idx === "number" && (cursor.left ?? -1) >= 0;
        this.readout.textContent = isInside ? readout(Number(cursor.idx)) : "";
    }
}

/** The place of a chart in index.html. @param {string} id @returns {ChartPlace} */
export function placeById(id) {
    return {
        container: elementById(id, HTMLElement),
        description: elementById(`${id}-text`, HTMLElement),
    };
}

/** An axis in the page's colours. @param {uPlot.Axis} options @returns {uPlot.Axis} */
export function axis(options) {
    return {
        font: fontOf(1),
        stroke: () => colour("muted"),
        grid: { stroke: () => colour("line"), width: 1 },
        ticks: { show: false },
        gap: 4,
        ...options,
    };
}

/**
 * The width of an axis of values: its own, or more where its texts are longer.
 * @param {number} least in pixels @returns {uPlot.Axis["size"]}
 */
export function sizeForTexts(least) {
    return (plot, texts, index) => {
        const font = plot.axes[index].font;
        const { ctx } = plot;
        // The chart remembers which font it has set.
        ctx.save();
        ctx.font = Array.isArray(font) ? font[0] : String(font);
        const widths = (texts ?? []).map((text) => ctx.measureText(String(text)).width);
        ctx.restore();
        const widest = Math.max(0, ...widths) / devicePixelRatio;
        return Math.max(least, Math.ceil(widest) + AXIS_GAP_PX);
    };
}

/** @param {string} colourName @param {uPlot.Series} [options] @returns {uPlot.Series} */
export function line(colourName, options = {}) {
    return { stroke: () => colour(colourName), width: 1.75, points: { show: false }, ...options };
}

/**
 * @param {string} colourName
 * @param {-1 | 1} side left or right of the value on the axis
 * @param {string} label
 * @returns {uPlot.Series}
 */
export function bars(colourName, side, label) {
    const paths = uPlot.paths.bars?.({ size: [0.42, 40], align: side });
    const fill = () => colour(colourName);
    return { label, stroke: fill, fill, width: 0, paths, points: { show: false } };
}
