/** What a strategy was worth through the day: the last prices of its legs, minute by minute. */

import { isNumber } from "../../words/format.js";

/**
 * A candle of the API's history, as far as it is read: it begins at `timestamp`, and its close is of
 * its last document.
 * @typedef {{timestamp: string, snapshot_timestamp: string, close: number | null,
 *     source: string}} LegCandle
 */
/** In which the record lacks ticks. @typedef {{start: string, end: string}} RecordGap */
/** `weight`: the lots with their sign, or rupees a point. @typedef {{weight: number, expiry: string, candles: LegCandle[]}} WeighedCandles */
/**
 * What a strategy was worth at the last document of a minute, null where a leg had no price of the day.
 * @typedef {{timestamp: string, value: number | null, source: string, settled: boolean}} StrategyMinute
 */
/** A leg while its day is gone through: `held` is its latest candle. @typedef {{weight: number, expiry: string, byMinute: Map<string, LegCandle>, held: LegCandle | undefined}} LegOfDay */

const MINUTE_MS = 60000;

/**
 * Add up what legs were worth at the same minutes. A leg whose expiry brought nothing new in a minute
 * keeps its price, but over no gap of the record. Where it does not, or a leg was not traded that day,
 * there is no value.
 * @param {WeighedCandles[]} legs candles by time
 * @param {RecordGap[]} gaps
 * @returns {StrategyMinute[]} by time, with one without a value in each gap between two minutes
 */
export function worthByMinute(legs, gaps) {
    const times = legs.flatMap(({ candles }) => candles.map((candle) => candle.timestamp));
    const minutes = [...new Set(times)].sort();
    /** @type {LegOfDay[]} */
    const read = legs.map(({ weight, expiry, candles }) => {
        const byMinute = new Map(candles.map((candle) => [candle.timestamp, candle]));
        return { weight, expiry, byMinute, held: undefined };
    });
    return minutes.flatMap((timestamp, index) => {
        const gap = index > 0 ? gapBetween(gaps, minutes[index - 1], timestamp) : null;
        if (gap) for (const leg of read) leg.held = undefined;
        takeCandles(read, timestamp);
        const minute = strategyMinute(read, lastInMinute(read, timestamp));
        return gap ? [{ ...minute, timestamp: gap, value: null }, minute] : [minute];
    });
}

/**
 * Take what a minute brought. All contracts of an expiry are stored together: one that is not there
 * while others are has no price any more.
 * @param {LegOfDay[]} legs @param {string} timestamp
 */
function takeCandles(legs, timestamp) {
    const having = legs.filter(({ byMinute }) => byMinute.has(timestamp));
    const expiries = new Set(having.map(({ expiry }) => expiry));
    for (const leg of legs) {
        if (expiries.has(leg.expiry)) leg.held = leg.byMinute.get(timestamp);
    }
}

/** The last document that any leg has in a minute. @param {LegOfDay[]} legs @param {string} minute */
function lastInMinute(legs, minute) {
    const ends = legs.map(({ byMinute }) => byMinute.get(minute)?.snapshot_timestamp ?? minute);
    return ends.sort()[ends.length - 1];
}

/** @param {LegOfDay[]} legs @param {string} timestamp @returns {StrategyMinute} */
function strategyMinute(legs, timestamp) {
    const isWhole = legs.every(({ held }) => isNumber(held?.close));
    const worth = legs.reduce((sum, { weight, held }) => sum + weight * Number(held?.close), 0);
    const source = legs.find(({ held }) => held)?.held?.source ?? "";
    return { timestamp, value: isWhole ? worth : null, source, settled: false };
}

/**
 * @param {RecordGap[]} gaps @param {string} before @param {string} after minutes with candles
 * @returns {string | null} where between them the record begins to lack a minute or more
 */
function gapBetween(gaps, before, after) {
    const [from, to] = [Date.parse(before) + MINUTE_MS, Date.parse(after)];
    if (to === from) return null;
    const between = gaps
        .map(({ start, end }) => [Math.max(from, Date.parse(start)), Math.min(to, Date.parse(end))])
        .filter(([start, end]) => end > start);
    const lacking = between.reduce((sum, [start, end]) => sum + end - start, 0);
    return lacking >= MINUTE_MS ? new Date(between[0][0]).toISOString() : null;
}
