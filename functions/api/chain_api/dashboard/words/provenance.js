/** Where the numbers of a chain come from, and what dates them. */

import { elementById, setText } from "../browser/dom.js";
import { formatTime } from "./format.js";

/** @import { Chain } from "../api_types.d.ts" */

/** @type {Record<string, string>} */
const SOURCE_NAMES = {
    nse: "NSE",
    bhavcopy: "NSE's daily file",
    upstox: "Upstox",
    dhan: "Dhan",
};
/** Sources that send the exchange's own volatilities. */
const EXCHANGE_S_OWN = new Set(["nse", "bhavcopy"]);

/** @param {Chain} chain @returns {string} when its numbers were true, as far as it is known */
export function stampOf(chain) {
    return chain.exchange_timestamp ?? chain.timestamp;
}

/** @param {Chain} chain @returns {string} "NSE, exchange's stamp 10:00:00 IST" */
export function provenanceText(chain) {
    const { exchange_timestamp: stamp, dated_by } = chain;
    const name = sourceName(chain);
    if (stamp !== null) return `${name}, exchange's stamp ${formatTime(stamp)} IST`;
    return dated_by === "receipt" ? `${name}, dated by receipt` : name;
}

/** Whose the volatilities are that were sent. @param {Chain} chain */
export function senderText(chain) {
    const isOwn = EXCHANGE_S_OWN.has(chain.source);
    return isOwn ? "the exchange's" : `that of ${sourceName(chain)}`;
}

/** Who sent the numbers. @param {{source: string}} from a chain or a record */
export function senderName(from) {
    return EXCHANGE_S_OWN.has(from.source) ? "the exchange" : sourceName(from);
}

/**
 * The legend, and the name of the choice of volatilities: they are of whom the chain comes from.
 * @param {Chain} chain
 */
export function showProvenance(chain) {
    const name = sourceName(chain);
    const derived = elementById("derived-note", HTMLElement);
    derived.hidden = chain.derived.length === 0;
    setText(derived, `Changes are derived: differences of two numbers that ${name} sends.`);
    const [, sent] = elementById("volatility", HTMLSelectElement).options;
    setText(sent, senderText(chain));
}

/** @param {{source: string}} from a chain or a record @returns {string} the name for readers */
export function sourceName({ source }) {
    return SOURCE_NAMES[source] ?? source;
}
