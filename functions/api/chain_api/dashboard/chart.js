/** A chart of uPlot in this page's clothes: size, colours, markers, readout, text alternative. */

import { colour } from "./palette.js";

const FONT = '11px -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const MARKER_LINE = 16;

/** @typedef {{at: number | null, label: string, tint: string}} Marker */

export class Chart {
    /**
     * @param {string} id of the container
     * @param {{series: any[], axes: any[], scales: any, sync: string, readout: (index: number) => string}} parts
     */
    constructor(id, { series, axes, scales, sync, readout }) {
        this.container = document.getElementById(id);
        this.text = document.getElementById(`${id}-text`);
        /** @type {Marker[]} */
        this.markers = [];
        this.readout = this.container.parentElement.appendChild(document.createElement("span"));
        this.readout.className = "readout";
        this.readout.ariaHidden = "true"; // the text alternative says it without a pointer
        const options = {
            ...this.size(),
            legend: { show: false },
            padding: [6, 24, 0, 0],
            cursor: { y: false, drag: { x: false, y: false }, sync: { key: sync }, points: { size: 6 } },
            series: [{}, ...series],
            axes,
            scales,
            hooks: {
                draw: [(plot) => this.mark(plot)],
                setCursor: [(plot) => this.read(plot, readout)],
            },
        };
        this.plot = new uPlot(options, [[], ...series.map(() => [])], this.container);
        new ResizeObserver(() => this.plot.setSize(this.size())).observe(this.container);
    }

    size() {
        return {
            width: Math.max(80, this.container.clientWidth),
            height: Math.max(80, this.container.clientHeight),
        };
    }

    /** @param {any[][]} data @param {Marker[]} markers @param {string} text the same in words */
    show(data, markers, text) {
        this.markers = markers.filter((marker) => marker.at !== null && marker.at !== undefined);
        this.plot.setData(data);
        if (this.text.textContent !== text) this.text.textContent = text;
    }

    redraw() {
        this.plot.redraw(false);
    }

    read(plot, readout) {
        const index = plot.cursor.idx;
        const inside = index !== null && index !== undefined && plot.cursor.left >= 0;
        this.readout.textContent = inside ? readout(index) : "";
    }

    mark(plot) {
        const { ctx, bbox } = plot;
        const unit = devicePixelRatio;
        ctx.save();
        ctx.font = scaled(FONT, unit);
        ctx.lineWidth = unit;
        this.markers.forEach(({ at, label, tint }, line) => {
            const x = Math.round(plot.valToPos(at, "x", true));
            if (!(x >= bbox.left && x <= bbox.left + bbox.width)) return;
            ctx.strokeStyle = ctx.fillStyle = colour(tint);
            ctx.setLineDash([4 * unit, 3 * unit]);
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
            const fits = x + ctx.measureText(label).width + 6 * unit < bbox.left + bbox.width;
            writeLabel(
                ctx,
                label,
                x + (fits ? 4 : -4) * unit,
                bbox.top + line * MARKER_LINE * unit,
                fits,
                unit,
            );
        });
        ctx.restore();
    }
}

/** Legible over whatever is drawn there. */
function writeLabel(ctx, label, x, top, rightwards, unit) {
    const { width } = ctx.measureText(label);
    const ink = ctx.fillStyle;
    ctx.fillStyle = colour("panel");
    ctx.fillRect((rightwards ? x : x - width) - 2 * unit, top, width + 4 * unit, (MARKER_LINE - 1) * unit);
    ctx.fillStyle = ink;
    ctx.textAlign = rightwards ? "left" : "right";
    ctx.fillText(label, x, top + 0.72 * MARKER_LINE * unit);
}

function scaled(font, unit) {
    return font.replace(/^\d+/, (pixels) => String(Number(pixels) * unit));
}

/** An axis in the page's colours. @param {any} more uPlot's own options */
export function axis(more) {
    return {
        font: FONT,
        stroke: () => colour("muted"),
        grid: { stroke: () => colour("line"), width: 1 },
        ticks: { show: false },
        gap: 4,
        ...more,
    };
}

/** A line. @param {string} tint @param {any} [more] */
export function line(tint, more = {}) {
    return { stroke: () => colour(tint), width: 1.75, points: { show: false }, ...more };
}

/** Bars beside the value on the axis: -1 left of it, 1 right. @param {string} tint @param {-1 | 1} side */
export function bars(tint, side) {
    const paths = uPlot.paths.bars({ size: [0.42, 40], align: side });
    return { stroke: () => colour(tint), fill: () => colour(tint), width: 0, paths, points: { show: false } };
}
