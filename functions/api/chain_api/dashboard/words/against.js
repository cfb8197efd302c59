/** What numbers are compared with: a window of minutes, the opening, the close before, a moment. */

import { formatDayOfMonth, formatTime, isoDay } from "./format.js";

const WINDOW = /^([1-9]\d{0,3})m$/;
/** A window of a day or less: a longer one reaches into the day before. */
const MOST_MINUTES = 1440;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * `name` is the word of the page's address, an instant in the API's spelling. Of a window there are
 * its `minutes`, else null.
 * @typedef {{name: string, minutes: number | null, isInstant: boolean}} Against
 */

/** @param {string | null} text of the page's address @returns {Against | null} null without a meaning */
export function againstOf(text) {
    if (text === null) return null;
    // A + in an address that was not escaped arrives as a space.
    const spelling = text.replace(" ", "+");
    if (INSTANT.test(spelling) && !Number.isNaN(Date.parse(spelling))) {
        return { name: isoInstant(Date.parse(spelling)), minutes: null, isInstant: true };
    }
    const minutes = Number(WINDOW.exec(text)?.[1]);
    if (minutes <= MOST_MINUTES) return { name: text, minutes, isInstant: false };
    const isKnown = text === "open" || text === "close";
    return isKnown ? { name: text, minutes: null, isInstant: false } : null;
}

/** @param {number} time @returns {string} as the API writes it, in whole seconds */
export function isoInstant(time) {
    return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * In few characters: 15m, open, 10:15, or 27 Nov 10:15 beside a chain of another day.
 * @param {Against} against @param {string} timestamp of the chain
 */
export function againstLabel({ name, isInstant }, timestamp) {
    if (!isInstant) return name;
    const time = formatTime(name).slice(0, 5);
    return isoDay(name) === isoDay(timestamp) ? time : `${formatDayOfMonth(name)} ${time}`;
}

/** After a change: in 15m, since open, since 10:15 IST. @param {Against} against @param {string} label of it */
export function sinceLabel({ isInstant, minutes }, label) {
    if (isInstant) return `since ${label} IST`;
    return `${minutes === null ? "since" : "in"} ${label}`;
}

/**
 * A moment as one speaks of it beside a chain: with its day, where that is another one.
 * @param {string} moment @param {string} timestamp of the chain
 */
export function momentText(moment, timestamp) {
    const time = `${formatTime(moment)} IST`;
    return isoDay(moment) === isoDay(timestamp) ? time : `${formatDayOfMonth(moment)}, ${time}`;
}
