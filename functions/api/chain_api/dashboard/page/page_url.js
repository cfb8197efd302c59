/** The selection in the page's address: a link shows what its sender saw, and Back undoes a choice. */

/** Values of the API's parameter `expiry` that name no single expiry. */
const NOT_ONE_EXPIRY = new Set(["nearest", "all"]);
/** @type {(keyof Selection)[]} in the order of the address */
const SELECTED = ["symbol", "expiry", "at", "against", "panels", "contracts", "legs"];

/**
 * What the user has selected. `expiry` is null for the nearest one. `at` is the time to replay, an
 * ISO text, or null for live data. `against` is the moment that numbers are compared with.
 * `panels` are the names of the open panels, with commas between. `contracts` and `legs` are what
 * the panels of these names show.
 * @typedef {{symbol: string | null, expiry: string | null, at: string | null,
 *     against: string | null, panels: string | null, contracts: string | null,
 *     legs: string | null}} Selection
 */

/** The query of the address as it was last read or written. */
let knownSearch = location.search;

/** Whether the address names something else than before: a link within the page does not. */
export function isAnotherSelection() {
    return location.search !== knownSearch;
}

/** @returns {Selection} */
export function selectionInUrl() {
    knownSearch = location.search;
    const parameters = new URLSearchParams(location.search);
    /** @param {string} name */
    const valueIn = (name) => parameters.get(name)?.trim() || null;
    const expiry = valueIn("expiry");
    return {
        symbol: valueIn("symbol")?.toUpperCase() ?? null,
        expiry: expiry && NOT_ONE_EXPIRY.has(expiry.toLowerCase()) ? null : expiry,
        at: valueIn("at"),
        against: valueIn("against"),
        panels: valueIn("panels"),
        contracts: valueIn("contracts"),
        legs: valueIn("legs"),
    };
}

/**
 * Write the selection into the address.
 * @param {Selection} selection
 * @param {boolean} isChoice whether the user has chosen it: then Back leads to the one before
 */
export function writeUrl(selection, isChoice = false) {
    const parameters = new URLSearchParams();
    for (const name of SELECTED) {
        if (selection[name]) parameters.set(name, selection[name]);
    }
    const search = parameters.size ? `?${parameters}` : "";
    if (search === location.search) return;
    const address = location.pathname + search;
    // Some browsers refuse an address that changes many times a minute; a later change writes it.
    try {
        if (isChoice) history.pushState(null, "", address);
        else history.replaceState(null, "", address);
    } catch (error) {
        if (!(error instanceof DOMException)) throw error;
    }
    knownSearch = location.search;
}
