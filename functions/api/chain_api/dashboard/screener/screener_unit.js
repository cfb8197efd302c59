/** The rows of the screener with open interest and volume in the chosen unit. */

import { factorsOfRow, shownUnit } from "../figures/position_unit.js";
import { isNumber } from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { COUNTED } from "./screener_columns.js";

/** @import { ScreenerRow } from "../api_types.d.ts" */
/** @import { Unit } from "../figures/position_unit.js" */

/**
 * A row of which the unit is not known has no number in it, with the reason: a number of lots among
 * others would be compared with them. All are in lots where the unit is known of none.
 * @param {ScreenerRow[]} rows in lots
 * @returns {{records: ScreenerRow[], unit: Unit}}
 */
export function rowsInUnit(rows) {
    const recorded = rows.filter(({ timestamp }) => timestamp);
    /** @param {Unit} unit */
    const isKnown = (unit) =>
        recorded.length === 0 || recorded.some((row) => factorsOfRow(row).factors[unit] !== null);
    const missing = isKnown("rupees") ? "" : reasonText(factorsOfRow(recorded[0]).reason);
    const unit = shownUnit(isKnown, missing);
    if (unit === "lots") return { records: rows, unit };
    return { records: rows.map((row) => inUnit(row, unit)), unit };
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
