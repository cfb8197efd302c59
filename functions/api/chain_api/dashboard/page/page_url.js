/** The selection in the page's address: a link shows what its sender saw, and Back undoes a choice. */

import { writeQuery } from "../browser/address.js";

/** Values of the API's parameter `expiry` that name no single expiry. */
const NOT_ONE_EXPIRY = new Set(["nearest", "all"]);
/** @type {(keyof Selection)[]} in the order of the address */
const SELECTED = ["symbol", "expiry", "at", "against", "panels", "contracts", "legs"];

/**
 * What the user has selected. `expiry` is null for the nearest one. `at` is the moment to replay, a
 * day or a time of it, or null for live data: the newest snapshot by then is shown. `against` is the
 * moment that numbers are compared with. `panels` are the names of the open panels, with commas
 * between. `contracts` and `legs` are what the panels of these names show.
 * @typedef {{symbol: string | null, expiry: string | null, at: string | null,
 *     against: string | null, panels: string | null, contracts: string | null,
 *     legs: string | null}} Selection
 */

/** The selection in the address as it was last read or written. */
let knownSelection = "";

/** Whether the address selects something else than before: a link within the page does not. */
export function isAnotherSelection() {
    return selectionText() !== knownSelection;
}

function selectionText() {
    const parameters = new URLSearchParams(location.search);
    return JSON.stringify(SELECTED.map((name) => parameters.get(name)));
}

/** @returns {Selection} */
export function selectionInUrl() {
    knownSelection = selectionText();
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

/** Whether it names strikes, which are contracts together with an expiry. @param {Selection} selection */
export function namesStrikes({ contracts, legs }) {
    return contracts !== null || legs !== null;
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
    writeQuery(parameters, isChoice);
    knownSelection = selectionText();
}
