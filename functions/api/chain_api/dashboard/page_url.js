/** The selection in the page's URL: a link shows what its sender saw. */

/** Values of the API's parameter `expiry` that name no single expiry. */
const NOT_ONE_EXPIRY = new Set(["nearest", "all"]);

/**
 * What the user has selected. `expiry` is null for the nearest one. `at` is the time to replay, an
 * ISO text, or null for live data.
 * @typedef {{symbol: string | null, expiry: string | null, at: string | null}} Selection
 */

/** @returns {Selection} */
export function selectionInUrl() {
    const parameters = new URLSearchParams(location.search);
    /** @param {string} name */
    const valueIn = (name) => parameters.get(name)?.trim() || null;
    const expiry = valueIn("expiry");
    return {
        symbol: valueIn("symbol")?.toUpperCase() ?? null,
        expiry: expiry && NOT_ONE_EXPIRY.has(expiry.toLowerCase()) ? null : expiry,
        at: valueIn("at"),
    };
}

/**
 * Write the selection into the URL. The history gets no new entry, so "back" leaves the page.
 * @param {Selection} selection
 */
export function writeUrl(selection) {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(selection)) {
        if (value) parameters.set(name, value);
    }
    const search = parameters.size ? `?${parameters}` : "";
    if (search !== location.search) history.replaceState(null, "", location.pathname + search);
}
