/** The time axis that several figures of one day share, and what else they have in common. */

import { formatTime } from "../words/format.js";
import { axis, sizeForTexts } from "./chart.js";
import { placeOf, TIME_STEPS, timeTexts, valueTexts } from "./day_chart.js";

/** @import { Marker } from "./chart_markers.js" */

const SHORTEST_SPAN_MS = 300000;
/** What a chart says of its time axis, where its unit stands. */
export const TIMES_UNIT = "times in IST";

/** From the first to the last moment that any of the figures shows. */
export class TimeSpan {
    constructor() {
        /** Milliseconds since 1970. @type {[number, number] | null} */
        this.ends = null;
    }

    /** @param {number[][]} lists of times, each ascending @param {number} room at either end */
    cover(lists, room) {
        const known = lists.filter((list) => list.length > 0);
        const first = Math.min(...known.map((list) => list[0]));
        const last = Math.max(...known.map((list) => list[list.length - 1]));
        const end = Math.max(last, first + SHORTEST_SPAN_MS);
        this.ends = known.length ? [first - room, end + room] : null;
    }

    /** @returns {uPlot.Scale} */
    get scale() {
        return {
            time: false,
            range: () => {
                const [first, last] = this.ends ?? [];
                return first && last ? [placeOf(first), placeOf(last)] : [0, 1];
            },
        };
    }
}

/** @returns {uPlot.Axis} of times in India */
export function timeOfDayAxis() {
    return axis({ values: timeTexts, size: 24, space: 58, incrs: TIME_STEPS });
}

/** @param {uPlot.Axis} options @returns {uPlot.Axis} of values */
export function valueAxis(options) {
    return axis({ values: valueTexts, size: sizeForTexts(52), space: 30, ...options });
}

/** What is said where there is nothing to draw. @param {string | null} at the time that is replayed */
export function nothingBy(at) {
    return at ? `Nothing to show by ${formatTime(at)} IST.` : "";
}

/** The moment that is replayed. @param {string | null} at @returns {Marker[]} */
export function replayMarker(at) {
    return at ? [{ at: placeOf(at), label: formatTime(at), colourName: "text" }] : [];
}
