/** The unit of open interest and volume: lots as the exchange sends them, quantity, or rupees. */

import { elementById } from "../browser/dom.js";
import { readSetting, writeSetting } from "../browser/local_storage.js";
import { isNumber } from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { referencePriceOf } from "../words/reference.js";

/** @import { Leg, StrikeRow } from "../api_types.d.ts" */
/** @import { Snapshot } from "../requests/snapshot.js" */

/**
 * `factor`: how much one lot is in the unit.
 * @typedef {"lots" | "quantity" | "rupees"} Unit
 * @typedef {{unit: Unit, factor: number}} Scale
 */

/** @type {Scale} */
export const IN_LOTS = { unit: "lots", factor: 1 };
/** What a number in a unit counts. @type {Record<Unit, string>} */
export const UNIT_NAMES = { lots: "lots", quantity: "units of the underlying", rupees: "rupees" };
const SCALED = new Set([
    "open_interest",
    "oi_since_previous_close",
    "open_interest_change",
    "total_traded_volume",
    "total_traded_volume_change",
]);

/** Whether the numbers of a column are shown in the chosen unit. @param {string} field */
export function isScaled(field) {
    return SCALED.has(field);
}

/** @returns {Unit} */
function chosenUnit() {
    const unit = readSetting("unit");
    return unit === "quantity" || unit === "rupees" ? unit : "lots";
}

/** @param {() => void} onChange */
export function setUpUnitChoice(onChange) {
    const picker = elementById("unit", HTMLSelectElement);
    picker.value = chosenUnit();
    picker.addEventListener("change", () => {
        writeSetting("unit", picker.value);
        onChange();
    });
}

/**
 * The scale of a snapshot in the chosen unit. Without what the unit needs it is in lots, and the
 * picker says why.
 * @param {Snapshot | null} snapshot
 * @returns {Scale}
 */
export function scaleOf(snapshot) {
    const lot = snapshot?.chain.lot_size ?? null;
    const price = snapshot && referencePriceOf(snapshot);
    /** @type {Record<Unit, number | null>} */
    const factors = {
        lots: 1,
        quantity: lot,
        rupees: isNumber(lot) && isNumber(price) ? lot * price : null,
    };
    const picker = elementById("unit", HTMLSelectElement);
    const missing = lot === null ? reasonText(snapshot?.chain.lot_size_reason ?? null) : "";
    if (picker.title !== missing) picker.title = missing;
    for (const option of picker.options) {
        option.disabled = snapshot !== null && factors[/** @type {Unit} */ (option.value)] === null;
    }
    const unit = chosenUnit();
    const factor = factors[unit];
    const scale = isNumber(factor) ? { unit, factor } : IN_LOTS;
    if (picker.value !== scale.unit) picker.value = scale.unit;
    return scale;
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
