/**
 * The ranges of the charts' axes, from the lowest and highest values; both are null without data.
 */

import { isNumber } from "../words/format.js";

/** Room above the highest value, for the labels of the markers, in parts of the range. */
const LABEL_ROOM = 0.22;
const SHORTEST_TIME_AXIS_SECONDS = 300;

/** One step of room at either end, for the outermost bars. @type {uPlot.Range.Function} */
export function rangeOfStrikes(plot, lowest, highest) {
    const steps = plot.data[0].length - 1;
    const room = steps > 0 ? (highest - lowest) / steps : 1;
    return lowest === null ? [0, 1] : [lowest - room, highest + room];
}

/** From 0, with room for labels. @type {uPlot.Range.Function} */
export function rangeFromZero(_plot, lowest, highest) {
    if (lowest === null) return [0, 1];
    const low = Math.min(0, lowest);
    const high = Math.max(0, highest);
    const span = high - low || 1;
    return [low - (low < 0 ? span * 0.05 : 0), high + span * LABEL_ROOM];
}

/**
 * Around the curve, up to 2.5 times its lowest value: a few volatilities far from the money would
 * flatten all the others.
 * @type {uPlot.Range.Function}
 */
export function rangeOfSmile(_plot, lowest, highest) {
    return lowest === null ? [0, 1] : endsOfSmile(lowest, highest);
}

/** @param {number} lowest @param {number} highest @returns {[number, number]} */
function endsOfSmile(lowest, highest) {
    const high = Math.min(highest, lowest * 2.5);
    const span = high - lowest || 1;
    return [Math.max(0, lowest - span * 0.1), high + span * LABEL_ROOM];
}

/**
 * The end of an axis of smiles, how many points are above it, and the highest volatility.
 * @param {(number | null)[][]} lines all that are drawn
 * @returns {{end: number, above: number, highest: number} | null} null where all is on the axis
 */
export function cutOfSmile(lines) {
    const known = lines.flat().filter(isNumber);
    const highest = Math.max(...known);
    const [, end] = endsOfSmile(Math.min(...known), highest);
    const above = known.filter((value) => value > end).length;
    return above ? { end, above, highest } : null;
}

/** A tenth of room above and below the line. @type {uPlot.Range.Function} */
export function paddedRange(_plot, lowest, highest) {
    if (lowest === null) return [0, 1];
    const span = highest - lowest || Math.abs(highest) * 0.01 || 1;
    return [lowest - span * 0.1, highest + span * 0.1];
}

/**
 * From the first snapshot to the last, or to a later one that is not drawn.
 * @param {() => number | null} end of the day
 * @returns {uPlot.Range.Function}
 */
export function timeRangeTo(end) {
    return (_plot, first, last) => {
        if (first === null) return [0, 1];
        return [first, Math.max(last, end() ?? last, first + SHORTEST_TIME_AXIS_SECONDS)];
    };
}
