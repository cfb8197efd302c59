/** The rows of the screener with open interest and volume in the chosen unit. */

import { factorsOfRow, shownUnit } from "../figures/position_unit.js";
import { isNumber } from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { COUNTED } from "./screener_columns.js";

/** @import { ScreenerRow } from "../api_types.d.ts" */
/** @import { Unit } from "../figures/position_unit.js" */

/** The unit of all rows: the chosen one, or lots where that is known of none. @param {ScreenerRow[]} rows in lots */
export function unitOfRows(rows) {
    const recorded = rows.filter(({ timestamp }) => timestamp);
    /** @param {Unit} unit */
    const isKnown = (unit) =>
        recorded.length === 0 || recorded.some((row) => factorsOfRow(row).factors[unit] !== null);
    const missing = isKnown("rupees") ? "" : reasonText(factorsOfRow(recorded[0]).reason);
    return shownUnit(isKnown, missing);
}

/**
 * A row of which the unit is not known has no number in it, with the reason: a number of lots among
 * others would be compared with them.
 * @param {ScreenerRow[]} rows in lots
 * @param {Unit} unit
 */
export function rowsInUnit(rows, unit) {
    return unit === "lots" ? rows : rows.map((row) => inUnit(row, unit));
}

/** @param {ScreenerRow} row @param {Unit} unit */
function inUnit(row, unit) {
    const { factors, reason } = factorsOfRow(row);
    const factor = factors[unit];
    /** @type {ScreenerRow} */
    const changed = { ...row };
    for (const name of COUNTED) {
        const value = row[name];
        if (!isNumber(value)) continue;
        changed[name] = factor === null ? null : value * factor;
        if (factor === null) changed.reasons = { ...changed.reasons, [name]: reason };
    }
    return changed;
}
