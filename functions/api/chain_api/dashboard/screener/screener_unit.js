/** The rows of the screener with open interest and volume in the chosen unit. */

import { factorsOf, shownUnit } from "../figures/position_unit.js";
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
        recorded.length === 0 || recorded.some((row) => factorsOfRow(row)[unit] !== null);
    const missing = isKnown("rupees") ? "" : reasonText(reasonOf(recorded[0]));
    const unit = shownUnit(isKnown, missing);
    if (unit === "lots") return { records: rows, unit };
    return { records: rows.map((row) => inUnit(row, factorsOfRow(row)[unit])), unit };
}

/** @param {ScreenerRow} row */
function factorsOfRow({ lot_size: lot, reference_price: price }) {
    return factorsOf(lot ?? null, price ?? null);
}

/** @param {ScreenerRow} row @param {number | null} factor how much one lot is in the unit */
function inUnit(row, factor) {
    /** @type {ScreenerRow} */
    const changed = { ...row };
    for (const name of COUNTED) {
        const value = row[name];
        if (!isNumber(value)) continue;
        changed[name] = factor === null ? null : value * factor;
        if (factor === null) changed.reasons = { ...changed.reasons, [name]: reasonOf(row) };
    }
    return changed;
}

/** Why a row is in lots alone, or not in rupees. @param {ScreenerRow} row */
function reasonOf({ lot_size: lot, reasons }) {
    return reasons[isNumber(lot) ? "reference_price" : "lot_size"];
}
