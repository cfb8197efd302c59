/** Which days of a symbol are recorded, as the API lists them. */

import { getJson } from "./api.js";
import { chainPath } from "./snapshot.js";

/** @import { Days } from "../api_types.d.ts" */

/** So long a list is not asked for again: today may get its first snapshot. */
const KEPT_MS = 60000;
const MOST_LISTS = 24;

/** @type {Map<string, {askedAt: number, answer: Promise<Days>}>} by symbol and range */
const listsOfDays = new Map();

/**
 * @param {string} symbol
 * @param {string} first a day, 2026-06-19 @param {string} last
 * @returns {Promise<Days>} kept for a minute
 * @throws {ApiError}
 */
export function recordedDays(symbol, first, last) {
    const key = [symbol, first, last].join();
    const known = listsOfDays.get(key);
    if (known && performance.now() - known.askedAt < KEPT_MS) return known.answer;
    const answer = askForDays(symbol, first, last);
    listsOfDays.delete(key);
    listsOfDays.set(key, { askedAt: performance.now(), answer });
    for (const oldest of listsOfDays.keys()) {
        if (listsOfDays.size <= MOST_LISTS) break;
        listsOfDays.delete(oldest);
    }
    answer.catch(() => listsOfDays.delete(key));
    return answer;
}

/** @param {string} symbol @param {string} first @param {string} last @returns {Promise<Days>} */
async function askForDays(symbol, first, last) {
    const { signal } = new AbortController();
    const parameters = { from: first, to: last };
    return (await getJson(`${chainPath(symbol)}/days`, parameters, { signal })).body;
}
