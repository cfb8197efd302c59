/**
 * What is shown where the URL names no symbol, or one that does not exist, or an expiry that is
 * over.
 */

import { formatWholeDay, isDay } from "../words/calendar_days.js";
import { isoDay } from "../words/format.js";
import { ApiError } from "./api_error.js";
import { fetchSnapshot } from "./snapshot.js";

/** @import { Selection } from "../page/page_url.js" */
/** @import { PeriodicRequests } from "./periodic_requests.js" */
/** @import { Pickers } from "../page/pickers.js" */
/** @import { Snapshot } from "./snapshot.js" */

const DEFAULT_SYMBOL = "NIFTY";

/**
 * @param {PeriodicRequests} requests @param {Pickers} pickers @param {AbortSignal} signal
 * @returns {Promise<string>} the symbol to begin with
 * @throws {ApiError} where nothing is recorded
 */
export async function firstSymbol(requests, pickers, signal) {
    const symbols = await requests.fetchSymbols(signal);
    if (!symbols.length) {
        throw new ApiError("empty", "Nothing is recorded yet. The first snapshot will show here.");
    }
    const first = symbols.includes(DEFAULT_SYMBOL) ? DEFAULT_SYMBOL : symbols[0];
    pickers.showSymbols(symbols, first);
    return first;
}

/** The fields of a request by which an expiry may have no data, though its symbol has. */
const OF_EXPIRY = new Set(["expiry", "as_of"]);

/**
 * Get the snapshot of a selection, or of the nearest expiry where the selected one is not found.
 * @param {Selection} selection @param {Snapshot | null} previous
 * @param {PeriodicRequests} requests @param {Pickers} pickers @param {AbortSignal} signal
 * @returns {Promise<{snapshot: Snapshot, remark: string}>} the remark tells the user of a fallback
 */
export async function fetchOrFallBack(selection, previous, requests, pickers, signal) {
    try {
        return { snapshot: await fetchOfDay(selection, previous, signal), remark: "" };
    } catch (error) {
        if (!(error instanceof ApiError) || !error.isNoData) throw error;
        // The URL may name a symbol that was never recorded: the user needs the list of the others.
        if (!pickers.symbol.symbols.length) {
            pickers.showSymbols(await requests.fetchSymbols(signal), selection.symbol);
        }
        if (!selection.expiry || !OF_EXPIRY.has(error.problem?.field ?? "")) throw error;
        const snapshot = await fetchOfDay({ ...selection, expiry: null }, null, signal);
        return { snapshot, remark: `${error.message} The nearest expiry is shown.` };
    }
}

/**
 * Get a snapshot. Where a day is selected, the newest one by its end may be of an earlier day: that
 * is none of the day.
 * @param {Selection} selection @param {Snapshot | null} previous @param {AbortSignal} signal
 */
async function fetchOfDay(selection, previous, signal) {
    const snapshot = await fetchSnapshot(selection, previous, signal);
    const { symbol, expiry, at } = selection;
    if (at === null || !isDay(at) || isoDay(snapshot.chain.timestamp) === at) return snapshot;
    const what = expiry ? `${symbol} with expiry ${expiry}` : symbol;
    const detail = `Nothing of ${what} was recorded on ${formatWholeDay(at)}.`;
    throw new ApiError("empty", detail, 0, { type: "", detail, field: "as_of" });
}
