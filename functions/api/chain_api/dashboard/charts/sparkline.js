/** A line of few points without axes, as SVG. */

import { formatTime } from "../words/format.js";

/** @import { SparkPoints } from "../api_types.d.ts" */

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 96;
const HEIGHT = 20;

/**
 * @param {SparkPoints | null} points
 * @param {(value: unknown) => string} format of a value
 * @returns {SVGSVGElement | null} null where there are fewer than two points
 */
export function sparklineOf(points, format) {
    const known = points ? knownPoints(points) : [];
    if (known.length < 2) return null;
    const element = document.createElementNS(NAMESPACE, "svg");
    element.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    element.setAttribute("role", "img");
    const [first, last] = [known[0], known[known.length - 1]];
    const ends = [first, last].map(({ at, value }) => `${format(value)} at ${formatTime(at)}`);
    element.setAttribute("aria-label", `from ${ends.join(" to ")} IST`);
    const line = element.appendChild(document.createElementNS(NAMESPACE, "polyline"));
    line.setAttribute("points", pathOf(known));
    return element;
}

/** @typedef {{at: number, value: number}} KnownPoint milliseconds since 1970 and a value */

/** @param {SparkPoints} points @returns {KnownPoint[]} those with a value */
function knownPoints({ at, values }) {
    return at.flatMap((instant, index) => {
        const value = values[index];
        return value === null ? [] : [{ at: Date.parse(instant), value }];
    });
}

/** @param {KnownPoint[]} points */
function pathOf(points) {
    const values = points.map(({ value }) => value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const [start, end] = [points[0].at, points[points.length - 1].at];
    const scaled = points.map(({ at, value }) => {
        const x = (WIDTH * (at - start)) / (end - start || 1);
        const y = high === low ? HEIGHT / 2 : (HEIGHT * (high - value)) / (high - low);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    return scaled.join(" ");
}
