/** The chains that stand side by side, in the page's address. */

import { writeQuery } from "../browser/address.js";

export const MOST_VIEWS = 6;
const DEFAULT_VIEWS = "NIFTY,BANKNIFTY";

/**
 * `expiry` is null for the nearest one.
 * @typedef {{symbol: string, expiry: string | null}} ViewChoice
 */

/** @returns {ViewChoice[]} */
export function viewsInUrl() {
    const text = new URLSearchParams(location.search).get("views") ?? DEFAULT_VIEWS;
    const found = text.split(",").flatMap((part) => {
        const [symbol, expiry] = part.split(":").map((each) => each.trim());
        return symbol ? [{ symbol: symbol.toUpperCase(), expiry: expiry || null }] : [];
    });
    return found.slice(0, MOST_VIEWS);
}

/** Write them, so that Back leads to those before. @param {ViewChoice[]} views */
export function writeViews(views) {
    const names = views.map(({ symbol, expiry }) => (expiry ? `${symbol}:${expiry}` : symbol));
    writeQuery(new URLSearchParams({ views: names.join() }), true);
}
