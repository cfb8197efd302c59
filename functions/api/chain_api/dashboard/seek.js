/** To find something to show: the symbol to begin with, and the way on from a link that leads nowhere. */

import { Refusal, isNothing } from "./api.js";
import { take } from "./picture.js";

const FAVOURITE = "NIFTY";

/**
 * @param {import("./errands.js").Errands} errands @param {import("./pickers.js").Pickers} pickers @param {AbortSignal} signal
 * @returns {Promise<string>} @throws {Refusal} where nothing is recorded
 */
export async function firstSymbol(errands, pickers, signal) {
    const symbols = await errands.symbols(signal);
    if (!symbols.length)
        throw new Refusal("empty", "Nothing is recorded yet. The first snapshot will show here.");
    const first = symbols.includes(FAVOURITE) ? FAVOURITE : symbols[0];
    pickers.showSymbols(symbols, first);
    return first;
}

/**
 * Take the picture of a view, or of the nearest expiry where the one of a link is not there any more.
 * @param {import("./address.js").View} view @param {import("./picture.js").Picture | null} latest
 * @param {import("./errands.js").Errands} errands @param {import("./pickers.js").Pickers} pickers @param {AbortSignal} signal
 * @returns {Promise<{picture: import("./picture.js").Picture, remark: string}>}
 */
export async function seek(view, latest, errands, pickers, signal) {
    try {
        return { picture: await take(view, latest, signal), remark: "" };
    } catch (error) {
        if (!(error instanceof Refusal) || !isNothing(error)) throw error;
        // A link may name what was never recorded: let another symbol be chosen.
        if (!pickers.symbol.options.length) pickers.showSymbols(await errands.symbols(signal), view.symbol);
        if (!view.expiry || error.problem?.field !== "expiry") throw error;
        const picture = await take({ ...view, expiry: null }, null, signal);
        return { picture, remark: `${error.message} The nearest expiry is shown.` };
    }
}
