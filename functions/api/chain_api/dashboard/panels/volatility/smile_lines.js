/** The smiles of several expiries as lines over one axis. */

import { isNumber } from "../../words/format.js";

/** @import { SmileRecord } from "../structure.d.ts" */
/** @typedef {"strike" | "moneyness" | "delta"} SmileAxis */

/** So many lines can be told from each other. */
export const MOST_SMILES = 6;

/**
 * The places of a smile's volatilities on an axis. On that of deltas a put has the delta of the
 * call of its strike, so that both sides are on one line.
 * @param {SmileRecord} record @param {SmileAxis} axisName
 * @returns {(number | null)[]}
 */
export function placesOfSmile(record, axisName) {
    if (axisName === "strike") return record.strike_prices;
    if (axisName === "moneyness") return record.moneyness_percent;
    const { forward } = record.model;
    return record.strike_prices.map((strike, rank) => {
        const put = record.put_delta[rank];
        if (isNumber(forward) && strike < forward) return isNumber(put) ? 1 + put : null;
        return record.call_delta[rank];
    });
}

/**
 * The lines as uPlot wants them: all places of the axis, then for each record its volatilities
 * there, null where it has none.
 * @param {SmileRecord[]} records @param {SmileAxis} axisName
 * @returns {(number | null)[][]}
 */
export function smileLines(records, axisName) {
    const lines = records.map((record) => {
        /** @type {Map<number, number>} */
        const line = new Map();
        for (const [rank, place] of placesOfSmile(record, axisName).entries()) {
            const iv = record.iv[rank];
            if (isNumber(place) && isNumber(iv)) line.set(place, iv);
        }
        return line;
    });
    const places = [...new Set(lines.flatMap((each) => [...each.keys()]))];
    places.sort((one, other) => one - other);
    return [places, ...lines.map((each) => places.map((place) => each.get(place) ?? null))];
}
