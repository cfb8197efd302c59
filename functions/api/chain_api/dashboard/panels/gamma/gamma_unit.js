/** The unit of gamma exposures: rupees where the lot sizes are known, else for a lot of one unit. */

import { isNumber } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";

/** @import { GammaAnswer } from "../structure.d.ts" */

/**
 * `ending` is that of the names of the API's numbers in this unit; `why` there are no rupees.
 * @param {GammaAnswer} answer
 * @returns {{ending: "" | "_rupees", text: string, why: string}}
 */
export function gammaUnit({ totals, reasons }) {
    if (isNumber(totals.net_gamma_exposure_rupees) || !isNumber(totals.net_gamma_exposure)) {
        return { ending: "_rupees", text: "₹ for a move of 1 %", why: "" };
    }
    const why = reasonText(reasons.gamma_exposure_rupees);
    return { ending: "", text: "₹ for a move of 1 %, a lot of one unit", why };
}

/**
 * How far a price is from another one, in percent of that.
 * @param {number | null} price @param {number | null} from
 */
export function distancePercent(price, from) {
    return isNumber(price) && isNumber(from) && from ? (100 * (price - from)) / from : null;
}
