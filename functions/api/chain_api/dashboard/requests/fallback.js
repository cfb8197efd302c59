/**
 * What is shown where the URL names no symbol, or one that does not exist, or an expiry that is
 * over.
 */

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

/**
 * Get the snapshot of a selection, or of the nearest expiry where the selected one is not found.
 * @param {Selection} selection @param {Snapshot | null} previous
 * @param {PeriodicRequests} requests @param {Pickers} pickers @param {AbortSignal} signal
 * @returns {Promise<{snapshot: Snapshot, remark: string}>} the remark tells the user of a fallback
 */
export async function fetchOrFallBack(selection, previous, requests, pickers, signal) {
    try {
        return { snapshot: await fetchSnapshot(selection, previous, signal), remark: "" };
    } catch (error) {
        if (!(error instanceof ApiError) || !error.isNoData) throw error;
        // The URL may name a symbol that was never recorded: the user needs the list of the others.
        if (!pickers.symbol.symbols.length) {
            pickers.showSymbols(await requests.fetchSymbols(signal), selection.symbol);
        }
        if (!selection.expiry || error.problem?.field !== "expiry") throw error;
        const snapshot = await fetchSnapshot({ ...selection, expiry: null }, null, signal);
        return { snapshot, remark: `${error.message} The nearest expiry is shown.` };
    }
}
