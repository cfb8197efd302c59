/** What is said of a candle of a contract, and of a day of them. */

import { formatNumber, formatTime, isNumber } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";
import { inUnit } from "./contract_unit.js";
import { NOT_RECORDED } from "./held_values.js";

/** @import { TimedCandle } from "../../requests/contract_days.js" */
/** @import { LotScale } from "./contract_unit.js" */

/**
 * A candle with open interest and volume in the chosen unit; `lot_reason` says why both are not
 * known in it.
 * @typedef {TimedCandle & {lot_reason: string}} ScaledCandle
 */

/** @type {Record<string, string>} */
const VOLUME_REASONS = {
    start_unknown: "what was traded before is not known",
    not_sent: "the source sent none",
    sources_differ: "two sources count differently",
};
/** @param {TimedCandle} candle in lots @param {LotScale} scale @returns {ScaledCandle} */
export function scaledCandle(candle, scale) {
    return {
        ...candle,
        volume: inUnit(candle.volume, scale),
        open_interest: inUnit(candle.open_interest, scale),
        lot_reason: scale.reason,
    };
}

/**
 * A candle at the moment of which its open interest and volatility are: that of its last document.
 * @param {ScaledCandle} candle @returns {ScaledCandle}
 */
export function atItsEnd(candle) {
    return { ...candle, time: Date.parse(candle.snapshot_timestamp) };
}

/** @param {ScaledCandle | undefined} candle */
export function candleText(candle) {
    if (!candle) return "";
    const { open, high, low, close, volume } = candle;
    const prices = isNumber(close)
        ? [
              `O ${candlePrice(open)}`,
              `H ${candlePrice(high)}`,
              `L ${candlePrice(low)}`,
              `C ${candlePrice(close)}`,
          ]
        : ["no trade today"];
    const reason = isNumber(volume) ? "" : ` (${volumeReason(candle)})`;
    const parts = [`${formatTime(candle.time)} IST`, ...prices];
    return [...parts, `Volume ${formatNumber(volume)}${reason}`].join("   ");
}

/** @param {number | null} value */
function candlePrice(value) {
    return formatNumber(value, 2);
}

/** @param {ScaledCandle} candle */
function volumeReason({ volume_reason: reason, lot_reason }) {
    return lot_reason || (VOLUME_REASONS[String(reason)] ?? reasonText(reason));
}

/** @param {ScaledCandle | null} candle */
export function reasonOfLines(candle) {
    if (!candle) return NOT_RECORDED;
    const noIv = isNumber(candle.iv) ? "" : reasonText(candle.iv_reason);
    return [candle.lot_reason, noIv].filter(Boolean).join("   ");
}

/** @param {ScaledCandle} candle */
export function rowOfCandle(candle) {
    const { time, open, high, low, close, volume, open_interest, iv } = candle;
    const end = atItsEnd(candle).time;
    const noTrade = isNumber(close) ? "" : "no trade today";
    const noVolume = isNumber(volume) ? "" : volumeReason(candle);
    const noIv = isNumber(iv) ? "" : reasonText(candle.iv_reason);
    return {
        time,
        values: [open, high, low, close, volume, open_interest, iv, end],
        notes: [noTrade, noTrade, noTrade, noTrade, noVolume, candle.lot_reason, noIv],
    };
}

/**
 * The same in words. A candle is named by the beginning of its interval, and the first and the last
 * one with what is recorded of them.
 * @param {TimedCandle[]} candles that are shown
 * @param {string | null} at the moment that is replayed
 */
export function describeCandles(candles, at) {
    const traded = candles.filter(({ close }) => isNumber(close));
    if (!traded.length) return at ? `No trade by ${formatTime(at)} IST.` : "No trade today.";
    const [first, last] = [traded[0], traded[traded.length - 1]];
    const highest = traded.reduce((most, { high }) => Math.max(most, Number(high)), -Infinity);
    const lowest = traded.reduce((least, { low }) => Math.min(least, Number(low)), Infinity);
    const from = `${candlePrice(first.open)} ${placeInDay(first)}`;
    const to = `${candlePrice(last.close)} ${placeInDay(last)}`;
    const range = `lowest ${candlePrice(lowest)}, highest ${candlePrice(highest)}`;
    return `Price: from ${from} to ${to} IST; ${range}; ${candles.length} ${candles.length === 1 ? "candle" : "candles"}.`;
}

/** @param {TimedCandle} candle */
function placeInDay({ time, count, snapshot_timestamp: end }) {
    const records = count === 1 ? "1 record, of" : `${count} records, the last of`;
    return `in the candle of ${formatTime(time)} (${records} ${formatTime(end)})`;
}
