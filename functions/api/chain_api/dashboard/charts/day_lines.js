/** The lines of the day's charts: their values, and the same in words. */

import { formatNumber, formatTime, isNumber, lossText } from "../words/format.js";

/** @import { DayRecord } from "../requests/day_history.js" */
/** @import { RecordOfDay } from "../requests/day_records.js" */

/**
 * A line of a chart, of a value of each record; `colourName` is one of theme.css. Its axis is left,
 * unless it `isRight`. `dash`: lengths of its parts and gaps in pixels. One that is `occasional` is
 * not spoken of without values.
 * @template {RecordOfDay} T
 * @typedef {{read: (record: T) => number | null, label: string, digits: number,
 *     colourName: string, isRight?: boolean, dash?: number[], occasional?: boolean}} DayLine
 */

/** @type {DayLine<DayRecord>[]} */
export const PCR_LINES = [
    { read: (record) => record.pcr_oi, label: "PCR", digits: 3, colourName: "first" },
    {
        read: (record) => record.straddle_price,
        label: "Straddle",
        digits: 2,
        colourName: "second",
        isRight: true,
    },
];
/**
 * The spot, which is left out while it stands still, and the forward, which takes its place.
 * @type {DayLine<DayRecord>[]}
 */
export const SPOT_LINES = [
    {
        read: (record) => (usesForward(record) ? null : record.underlying_value),
        label: "Spot",
        digits: 2,
        colourName: "first",
    },
    {
        read: (record) => record.atm_iv,
        label: "ATM IV",
        digits: 2,
        colourName: "second",
        isRight: true,
    },
    {
        read: (record) => (usesForward(record) ? record.reference_price : null),
        label: "Forward",
        digits: 2,
        colourName: "first",
        dash: [5, 4],
        occasional: true,
    },
];
/**
 * @template {RecordOfDay} T
 * @param {T | null | undefined} record null where nothing was recorded
 * @param {DayLine<T>[]} lines
 */
export function readoutOf(record, lines) {
    if (!record) return record === null ? "not recorded" : "";
    const values = lines.map(({ read, label, digits, occasional }) => {
        const value = read(record);
        return occasional && !isNumber(value) ? "" : `${label} ${formatNumber(value, digits)}`;
    });
    const parts = [`${formatTime(record.timestamp)} IST`, ...values, lossText(record.legs_missing)];
    return parts.filter(Boolean).join("   ");
}

/**
 * Say in words what a line shows.
 * @template {RecordOfDay} T
 * @param {DayLine<T>} line @param {T[]} records
 */
export function describe({ read, label, digits, occasional }, records) {
    /** @param {T} record */
    const isKnown = (record) => isNumber(read(record));
    const ends = [records.find(isKnown), records.findLast(isKnown)];
    let [lowest, highest] = [Infinity, -Infinity];
    for (const record of records) {
        const value = read(record);
        if (!isNumber(value)) continue;
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
    }
    if (lowest > highest) return occasional ? "" : `${label}: not known.`;
    /** @param {number | null | undefined} value */
    const format = (value) => formatNumber(value, digits);
    const [first, last] = ends.map((record) =>
        record ? `${format(read(record))} at ${formatTime(record.timestamp)}` : "",
    );
    const range = `lowest ${format(lowest)}, highest ${format(highest)}`;
    return `${label}: from ${first} to ${last} IST; ${range}.`;
}

/** Whether the spot stands still, or is not sent. @param {DayRecord} record */
function usesForward({ reference_price: reference, underlying_value: spot }) {
    return isNumber(reference) && reference !== spot;
}
