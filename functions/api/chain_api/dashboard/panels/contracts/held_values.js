/**
 * Records of contracts through time: one holds until the next one, and never over a gap. So two contracts can be compared at one instant. Times are milliseconds since 1970.
 */

/** @import { Break } from "../../requests/record_breaks.js" */

/** Why there is no value where a break lies between. */
export const NOT_RECORDED = "not recorded";
/**
 * The breaks of one contract: those of the record, and each snapshot that lacks the contract.
 * @param {Break[]} breaks by time
 * @param {number[]} snapshots the times of the snapshots of its expiry
 * @param {number[]} times of the contract's own records
 * @returns {Break[]} by time
 */
export function breaksOfContract(breaks, snapshots, times) {
    const own = new Set(times);
    const absences = snapshots.filter((time) => !own.has(time));
    const all = [...breaks, ...absences.map((time) => ({ start: time, end: time }))];
    all.sort((one, other) => one.start - other.start);
    let latest = -Infinity;
    return all.map(({ start, end }) => {
        latest = Math.max(latest, end);
        return { start, end: latest };
    });
}

/**
 * What is known at each time: the last record by then, null before the first one and where a break
 * lies between.
 * @template {{time: number}} T
 * @param {number[]} times ascending
 * @param {T[]} records by time
 * @param {Break[]} breaks by time
 * @returns {(T | null)[]}
 */
export function heldRecords(times, records, breaks) {
    let position = -1;
    let gap = -1;
    return times.map((time) => {
        while (position + 1 < records.length && records[position + 1].time <= time) position += 1;
        while (gap + 1 < breaks.length && breaks[gap + 1].start <= time) gap += 1;
        const last = records[position];
        if (!last) return null;
        const isLost = last.time !== time && gap >= 0 && breaks[gap].end > last.time;
        return isLost ? null : last;
    });
}

/**
 * All times at which a line has to be drawn: those of records, and of each break the last tick
 * before it and the first one that is missing.
 * @param {number[][]} lists the times of records
 * @param {Break[]} breaks
 * @param {number} tick milliseconds between two ticks
 * @returns {number[]} ascending, each once
 */
export function timesOfLines(lists, breaks, tick) {
    const times = new Set(lists.flat());
    const first = lists.reduce((least, list) => Math.min(least, list[0] ?? Infinity), Infinity);
    const last = lists.reduce((most, list) => Math.max(most, list.at(-1) ?? -Infinity), -Infinity);
    for (const { start } of breaks) {
        if (start <= first || start > last) continue;
        times.add(start);
        if (start - tick > first) times.add(start - tick);
    }
    return [...times].sort((one, other) => one - other);
}

/** Of two values: null where one of them is not known, or their ratio is no number. */
const PAIR_VALUES = {
    /** @param {number} one @param {number} other */
    straddle: (one, other) => one + other,
    /** @param {number} one @param {number} other */
    spread: (one, other) => one - other,
    /** @param {number} one @param {number} other */
    ratio: (one, other) => (other === 0 ? null : one / other),
};

/**
 * @param {keyof typeof PAIR_VALUES} view the sum, the difference or the ratio
 * @param {(number | null)[]} first @param {(number | null)[]} second at the same times
 * @returns {(number | null)[]}
 */
export function pairValues(view, first, second) {
    return first.map((one, index) => {
        const other = second[index];
        return one === null || other === null ? null : PAIR_VALUES[view](one, other);
    });
}

/**
 * A price of a contract: of the last trade of the day, or the mid of bid and ask.
 * @param {{last_price: number | null, total_traded_volume: number | null,
 *     bid_price: number | null, ask_price: number | null}} document
 * @param {"last" | "mid"} price
 * @returns {number | null} null where the contract was not traded that day, or one of two quotes is
 *     missing
 */
export function priceOfDocument({ last_price, total_traded_volume, bid_price, ask_price }, price) {
    if (price === "last") return total_traded_volume ? last_price : null;
    return bid_price === null || ask_price === null ? null : (bid_price + ask_price) / 2;
}
