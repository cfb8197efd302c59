/** The view in the page's address: a link shows what its sender saw. */

/** Words of the API that name no expiry of their own. */
const NO_EXPIRY = new Set(["nearest", "all"]);

/**
 * What is looked at. expiry null: the nearest; at null: live.
 * @typedef {{symbol: string | null, expiry: string | null, at: string | null}} View
 */

/** @returns {View} */
export function viewInAddress() {
    const query = new URLSearchParams(location.search);
    const symbol = query.get("symbol")?.trim().toUpperCase() || null;
    const expiry = query.get("expiry")?.trim() || null;
    return {
        symbol,
        expiry: NO_EXPIRY.has(expiry?.toLowerCase()) ? null : expiry,
        at: query.get("at")?.trim() || null,
    };
}

/** Write the view, and leave the history as it is: the way back leads out of the page. @param {View} view */
export function writeAddress(view) {
    const query = new URLSearchParams();
    for (const name of ["symbol", "expiry", "at"]) {
        if (view[name]) query.set(name, view[name]);
    }
    const text = query.size ? `?${query}` : "";
    if (text !== location.search) history.replaceState(null, "", location.pathname + text);
}
