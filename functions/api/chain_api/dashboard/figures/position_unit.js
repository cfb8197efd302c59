/** The unit of open interest and volume: lots as the exchange sends them, quantity, or rupees. */

import { elementById } from "../browser/dom.js";
import { readSetting, watchSetting, writeSetting } from "../browser/local_storage.js";
import { isNumber } from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { referencePriceOf } from "../words/reference.js";

/** @import { Leg, StrikeRow } from "../api_types.d.ts" */
/** @import { Snapshot } from "../requests/snapshot.js" */

/**
 * `factor`: how much one lot is in the unit. `why` it is not the chosen unit, "" where it is.
 * @typedef {"lots" | "quantity" | "rupees"} Unit
 * @typedef {{unit: Unit, factor: number, why: string}} Scale
 */

/** @type {Scale} */
export const IN_LOTS = { unit: "lots", factor: 1, why: "" };
/** What a number in a unit counts. @type {Record<Unit, string>} */
export const UNIT_NAMES = { lots: "lots", quantity: "units of the underlying", rupees: "rupees" };
/** The same of numbers through a day: a change of the price alone moves none of them. */
export const DAY_UNIT_NAMES = { ...UNIT_NAMES, rupees: "rupees at the price of the shown moment" };
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

/** @param {() => void} onChange the choice has changed, here or in another tab */
export function setUpUnitChoice(onChange) {
    const picker = elementById("unit", HTMLSelectElement);
    picker.value = chosenUnit();
    picker.addEventListener("change", () => {
        writeSetting("unit", picker.value);
        onChange();
    });
    watchSetting("unit", () => {
        picker.value = chosenUnit();
        onChange();
    });
}

/**
 * The unit of all that a page shows: the chosen one, or lots where that is not known.
 * @param {(unit: Unit) => boolean} isKnown the picker offers no other one
 * @param {string} missing why not all are known, which the picker says
 * @returns {Unit}
 */
export function shownUnit(isKnown, missing) {
    const picker = elementById("unit", HTMLSelectElement);
    if (picker.title !== missing) picker.title = missing;
    for (const option of picker.options) {
        option.disabled = !isKnown(/** @type {Unit} */ (option.value));
    }
    const unit = chosenUnit();
    const shown = isKnown(unit) ? unit : "lots";
    if (picker.value !== shown) picker.value = shown;
    return shown;
}

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

/**
 * How much one lot is in each unit, null where that is not known.
 * @param {number | null} lot @param {number | null} price
 * @returns {Record<Unit, number | null>}
 */
export function factorsOf(lot, price) {
    const rupees = isNumber(lot) && isNumber(price) ? lot * price : null;
    return { lots: 1, quantity: lot, rupees };
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
