/** The unit of open interest and volume: lots as the exchange sends them, quantity, or rupees. */

import { LinkedChoice } from "../browser/address.js";
import { elementById } from "../browser/dom.js";
import { isNumber } from "../words/format.js";

/**
 * `factor`: how much one lot is in the unit. `why` it is not the chosen unit, "" where it is.
 * @typedef {"lots" | "quantity" | "rupees"} Unit
 * @typedef {{unit: Unit, factor: number, why: string}} Scale
 */

/** @type {Scale} */
export const IN_LOTS = { unit: "lots", factor: 1, why: "" };
/** What a number in a unit counts. @type {Record<Unit, string>} */
export const UNIT_NAMES = { lots: "lots", quantity: "units of the underlying", rupees: "rupees" };
/** The same beside a name, "" for lots, which the exchange sends. @type {Record<Unit, string>} */
export const UNIT_HEADS = { lots: "", quantity: "quantity", rupees: "₹" };
/** The same of numbers through a day: a change of the price alone moves none of them. */
export const DAY_UNIT_NAMES = { ...UNIT_NAMES, rupees: "rupees at the price of the shown moment" };
/** The columns of the chain that are shown in the chosen unit. */
export const SCALED = new Set([
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

/** @type {LinkedChoice<Unit>} */
const unitChoice = new LinkedChoice("unit", ["lots", "quantity", "rupees"]);

/** @returns {Unit} */
export function chosenUnit() {
    return unitChoice.value;
}

/** The unit that the page shows, which the picker says. @returns {Unit} */
export function unitOfPage() {
    return /** @type {Unit} */ (elementById("unit", HTMLSelectElement).value);
}

/** @param {() => void} onChange the choice has changed, here, in another tab, or by Back */
export function setUpUnitChoice(onChange) {
    unitChoice.setUp(elementById("unit", HTMLSelectElement), onChange);
    unitChoice.followTabs();
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
 * How much one lot is in each unit, null where that is not known.
 * @param {number | null} lot @param {number | null} price
 * @returns {Record<Unit, number | null>}
 */
export function factorsOf(lot, price) {
    const rupees = isNumber(lot) && isNumber(price) ? lot * price : null;
    return { lots: 1, quantity: lot, rupees };
}

/**
 * The factors of a row of the screener, and the name of the reason why one is not known.
 * @param {{lot_size?: unknown, reference_price?: unknown, reasons?: Record<string, string>}} row
 */
export function factorsOfRow({ lot_size: lot, reference_price: price, reasons }) {
    const name = isNumber(lot) ? "reference_price" : "lot_size";
    const factors = factorsOf(isNumber(lot) ? lot : null, isNumber(price) ? price : null);
    return { factors, reason: reasons?.[name] ?? reasons?.timestamp ?? "" };
}
