/** A snapshot in the chosen unit of open interest and volume. */

import { isNumber } from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { referencePriceOf } from "../words/reference.js";
import { chosenUnit, factorsOf, IN_LOTS, SCALED, shownUnit } from "./position_unit.js";

/** @import { Leg, StrikeRow } from "../api_types.d.ts" */
/** @import { Snapshot } from "../requests/snapshot.js" */
/** @import { Scale } from "./position_unit.js" */

/**
 * The scale of the one snapshot that a page shows; its picker follows.
 * @param {Snapshot} snapshot
 * @returns {Scale}
 */
export function pickedScale(snapshot) {
    const { factors, missing } = factorsIn(snapshot);
    shownUnit((unit) => factors[unit] !== null, missing);
    return scaleOf(snapshot);
}

/**
 * The scale of a snapshot in the chosen unit. Without what the unit needs it is in lots.
 * @param {Snapshot} snapshot
 * @returns {Scale}
 */
export function scaleOf(snapshot) {
    const { factors, missing } = factorsIn(snapshot);
    const unit = chosenUnit();
    const factor = factors[unit];
    return isNumber(factor) ? { ...IN_LOTS, unit, factor } : { ...IN_LOTS, why: missing };
}

/** The factors of a snapshot, and why one of them is not known. @param {Snapshot} snapshot */
function factorsIn(snapshot) {
    const lot = snapshot.chain.lot_size ?? null;
    const factors = factorsOf(lot, referencePriceOf(snapshot));
    const reason = lot === null ? snapshot.chain.lot_size_reason : "no_underlying";
    return { factors, missing: factors.rupees === null ? reasonText(reason) : "" };
}

/** @param {StrikeRow[]} rows in lots @param {Scale} scale @returns {StrikeRow[]} */
export function scaledRows(rows, { factor }) {
    if (factor === 1) return rows;
    /** @param {Leg | null} leg */
    const scaled = (leg) => {
        if (!leg) return null;
        const changed = { ...leg };
        for (const field of SCALED) {
            const value = leg[field];
            if (isNumber(value)) changed[field] = value * factor;
        }
        return changed;
    };
    return rows.map((row) => ({ ...row, call: scaled(row.call), put: scaled(row.put) }));
}
