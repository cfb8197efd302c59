/** The user's choice of volatilities: solved from prices, or those that the source sent. */

import { elementById } from "../browser/dom.js";
import { readSetting, writeSetting } from "../browser/local_storage.js";

/** @import { IvChoice } from "../api_types.d.ts" */

/** @returns {IvChoice} */
export function chosenVolatility() {
    return readSetting("volatility") === "exchange" ? "exchange" : "price";
}

/** @param {() => void} onChange */
export function setUpVolatilityChoice(onChange) {
    const picker = elementById("volatility", HTMLSelectElement);
    picker.value = chosenVolatility();
    picker.addEventListener("change", () => {
        writeSetting("volatility", picker.value);
        onChange();
    });
}
