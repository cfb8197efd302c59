/** The markers of a chart: vertical lines with labels, drawn over the chart. */

import { colour } from "./colours.js";

const FONT_PX = 11;
const FONT_FAMILY = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const MARKER_LINE_PX = 16;

/**
 * A vertical line at a place of the x axis; `colourName` is one of theme.css.
 * @typedef {{at: number | null, label: string, colourName: string}} Marker
 */

/** @param {number} scale canvas pixels per CSS pixel @returns {string} the charts' font */
export function fontOf(scale) {
    return `${FONT_PX * scale}px ${FONT_FAMILY}`;
}

/** Labels stand over the lines of all markers. @param {uPlot} plot @param {Marker[]} markers */
export function drawMarkers(plot, markers) {
    const { ctx, bbox } = plot;
    const right = bbox.left + bbox.width;
    ctx.save();
    ctx.font = fontOf(devicePixelRatio);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    const placed = markers
        .filter((marker) => marker.at !== null)
        .map(({ at, ...marker }, line) => ({
            ...marker,
            x: Math.round(plot.valToPos(Number(at), "x", true)),
            top: bbox.top + line * MARKER_LINE_PX * devicePixelRatio,
        }))
        .filter(({ x }) => x >= bbox.left && x <= right);
    for (const { colourName, x } of placed) {
        ctx.strokeStyle = colour(colourName);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
    }
    for (const { label, colourName, x, top } of placed) {
        drawLabel(ctx, label, colourName, x, top, right);
    }
    ctx.restore();
}

/**
 * Write a label beside its line, on a ground that covers what is drawn there.
 * @param {CanvasRenderingContext2D} ctx @param {string} label @param {string} colourName
 * @param {number} x of the line @param {number} top @param {number} right the chart's edge
 */
function drawLabel(ctx, label, colourName, x, top, right) {
    const unit = devicePixelRatio;
    const { width } = ctx.measureText(label);
    const fits = x + width + 6 * unit < right;
    const start = fits ? x + 4 * unit : x - 4 * unit;
    const left = fits ? start : start - width;
    ctx.fillStyle = colour("panel");
    ctx.fillRect(left - 2 * unit, top, width + 4 * unit, (MARKER_LINE_PX - 1) * unit);
    ctx.fillStyle = colour(colourName);
    ctx.textAlign = fits ? "left" : "right";
    // The axes leave another one, by which a label would reach into the line below.
    ctx.textBaseline = "alphabetic";
    ctx.fillText(label, start, top + 0.72 * MARKER_LINE_PX * unit);
}
