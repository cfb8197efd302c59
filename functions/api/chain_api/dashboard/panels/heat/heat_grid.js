/** The numbers of the heat map: by interval and strike, of a side, as they are or as changes. */

import { knownBy } from "../../requests/known_by.js";
import { isNumber } from "../../words/format.js";
import { referencePriceOf } from "../../words/reference.js";

/** @import { Snapshot } from "../../requests/snapshot.js" */
/** @import { InterestRecord } from "../structure.d.ts" */

/** The length of a cell: in the API's spelling, and in milliseconds. */
export const HEAT_INTERVAL = "5m";
const HEAT_INTERVAL_MS = 300000;

/**
 * `isChange`: less the number of the first interval.
 * @typedef {{side: "calls" | "puts" | "net", isChange: boolean}} HeatChoice
 */

/**
 * From when to when each record was recorded: what was before the first snapshot, and what is to come
 * after the last one, is in none.
 * @param {InterestRecord[]} records by time
 * @param {string | null} first the day's first snapshot, null where it is not known
 * @returns {[number, number][]} milliseconds since 1970
 */
export function spansOfHeat(records, first) {
    return records.map(({ timestamp, snapshot_timestamp: last }, column) => {
        const begins = Date.parse(timestamp);
        const ends = begins + HEAT_INTERVAL_MS;
        const until = column === records.length - 1 ? Date.parse(last) : ends;
        if (column > 0) return [begins, until];
        const known = Date.parse(first !== null && first < last ? first : last);
        return [Math.max(begins, known), until];
    });
}

/**
 * What of a day is known by a snapshot: the interval that it is in ends with it.
 * @param {InterestRecord[]} records by time @param {Snapshot} snapshot
 * @returns {InterestRecord[]}
 */
export function heatBy(records, snapshot) {
    const known = knownBy(records, snapshot.chain.timestamp);
    const next = records[known.length];
    const isIn = next && next.timestamp <= snapshot.chain.timestamp;
    return isIn ? [...known, recordOf(snapshot, next.timestamp)] : known;
}

/**
 * The open interest of a snapshot.
 * @param {Snapshot} snapshot @param {string} begins its interval
 * @returns {InterestRecord}
 */
function recordOf(snapshot, begins) {
    const { timestamp, rows, underlying_value } = snapshot.chain;
    /** @param {"call" | "put"} side */
    const interest = (side) =>
        rows.map((row) => {
            const value = row[side]?.open_interest;
            return isNumber(value) ? value : null;
        });
    return {
        timestamp: begins,
        snapshot_timestamp: timestamp,
        reference_price: referencePriceOf(snapshot),
        underlying_value,
        call_open_interest: interest("call"),
        put_open_interest: interest("put"),
        strikes: rows.map((row) => row.strike_price),
    };
}

/**
 * The strikes that any record has, in order.
 * @param {InterestRecord[]} records
 * @returns {number[]}
 */
export function strikesOfHeat(records) {
    const strikes = new Set(records.flatMap((record) => record.strikes));
    return [...strikes].sort((one, other) => one - other);
}

/**
 * The values of each record by strike; null where the record has no number.
 * @param {InterestRecord[]} records by time @param {number[]} strikes
 * @param {HeatChoice} choice @param {number} factor of one lot
 * @returns {(number | null)[][]}
 */
export function heatValues(records, strikes, { side, isChange }, factor) {
    const columns = records.map((record) => {
        const ranks = new Map(record.strikes.map((strike, rank) => [strike, rank]));
        return strikes.map((strike) => {
            const rank = ranks.get(strike);
            return rank === undefined ? null : interestAt(record, rank, side);
        });
    });
    const [first] = columns;
    return columns.map((column) =>
        column.map((value, row) => {
            const before = isChange ? first[row] : 0;
            return value === null || before === null ? null : (value - before) * factor;
        }),
    );
}

/** @param {InterestRecord} record @param {number} rank @param {HeatChoice["side"]} side */
function interestAt(record, rank, side) {
    const call = record.call_open_interest[rank];
    const put = record.put_open_interest[rank];
    if (side === "calls") return call;
    if (side === "puts") return put;
    return call === null || put === null ? null : call - put;
}

/**
 * A row for each snapshot and strike.
 * @param {{records: InterestRecord[], strikes: number[], values: (number | null)[][],
 *     name: string}} map
 */
export function tableOfHeat({ records, strikes, values, name }) {
    return {
        columns: ["Time (IST)", "Strike", name],
        rows: records.flatMap(({ snapshot_timestamp: time }, column) =>
            strikes.map((strike, row) => [new Date(time), strike, values[column][row]]),
        ),
    };
}

/** The largest size of any value, 0 without one. @param {(number | null)[][]} columns */
export function largestOfHeat(columns) {
    let largest = 0;
    for (const column of columns) {
        for (const value of column) {
            if (isNumber(value)) largest = Math.max(largest, Math.abs(value));
        }
    }
    return largest;
}
