/** The user's choice of volatilities: solved from prices, or those that the source sent. */

import { LinkedChoice } from "../browser/address.js";
import { elementById } from "../browser/dom.js";

/** @import { IvChoice } from "../api_types.d.ts" */

/** @type {LinkedChoice<IvChoice>} */
const volatilityChoice = new LinkedChoice("volatility", ["price", "exchange"]);

/** @returns {IvChoice} */
export function chosenVolatility() {
    return volatilityChoice.value;
}

/** @param {() => void} onChange */
export function setUpVolatilityChoice(onChange) {
    volatilityChoice.setUp(elementById("volatility", HTMLSelectElement), onChange);
    volatilityChoice.followTabs();
}
