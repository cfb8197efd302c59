/** Where the record of a day breaks, and so the lines of charts do. */

/** @import { RecordOfDay } from "./day_records.js" */

/**
 * A time in which nothing was recorded, or at which a snapshot lacked a contract: the record goes on
 * at `end`. In milliseconds since 1970.
 * @typedef {{start: number, end: number}} Break
 */

/** As the API counts: the source changes its data more slowly than the ticks come. */
const LEAST_MISSING_TICKS = 3;

/**
 * Where the lines of a day break: at least three missing ticks in a row, for whatever reasons.
 * @param {{start: string, end: string, ticks: number}[]} gaps as the API answers them, by time
 * @returns {Break[]}
 */
export function breaksOfGaps(gaps) {
    /** @type {(Break & {ticks: number})[]} */
    const runs = [];
    for (const gap of gaps) {
        const [start, end] = [Date.parse(gap.start), Date.parse(gap.end)];
        const last = runs.at(-1);
        if (last && last.end >= start) {
            last.end = Math.max(last.end, end);
            last.ticks += gap.ticks;
        } else runs.push({ start, end, ticks: gap.ticks });
    }
    return runs
        .filter(({ ticks }) => ticks >= LEAST_MISSING_TICKS)
        .map(({ start, end }) => ({ start, end }));
}

/**
 * Say of each record since when nothing was recorded before it, if a break lies between it and the
 * record before.
 * @param {RecordOfDay[]} records by time
 * @param {Break[]} breaks by time
 * @param {number} [first] the index of the first record that is new
 */
export function markBreaks(records, breaks, first = 0) {
    let position = 0;
    let before = first ? Date.parse(records[first - 1].timestamp) : Number.NEGATIVE_INFINITY;
    for (const record of records.slice(first)) {
        const time = Date.parse(record.timestamp);
        while (position < breaks.length && breaks[position].end <= before) position += 1;
        const next = breaks[position];
        record.brokenAt = next && next.start <= time ? Math.max(next.start, before + 1) : undefined;
        before = time;
    }
}
