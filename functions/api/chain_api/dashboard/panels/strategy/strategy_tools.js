/** The line above the legs: templates, another leg, prices that stay, the unit. */

import { readSetting, writeSetting } from "../../browser/local_storage.js";
import { addButton, addChild, showOptions } from "./strategy_elements.js";
import { TEMPLATE_NAMES } from "./strategy_templates.js";

/** @import { StrategyUnit } from "./strategy_position.js" */

/** What the user can do with all legs. @typedef {{onTemplate: (name: string) => void, onAdd: () => void, onKeepPrices: () => void, onClear: () => void, onUnit: () => void}} StrategyActions */

/** @type {Record<StrategyUnit, string>} */
const UNIT_TEXTS = { points: "points a unit", rupees: "rupees" };
/** @type {StrategyUnit[]} */
const UNITS = ["rupees", "points"];

export class StrategyTools {
    /** @param {HTMLElement} place @param {StrategyActions} actions */
    constructor(place, actions) {
        const bar = addChild(place, "div", { className: "strategy-tools" });
        const label = addChild(bar, "label", { text: "Structure" });
        const template = addChild(label, "select", { label: "Structure" });
        showOptions(template, TEMPLATE_NAMES, TEMPLATE_NAMES[0]);
        addButton(bar, "Use", () => actions.onTemplate(template.value), "Use this structure");
        this.addLeg = addButton(bar, "Add leg", actions.onAdd);
        this.keep = addButton(bar, "Keep prices", actions.onKeepPrices);
        this.keep.title = "write the entry prices of now into the link, so that they stay";
        this.clearLegs = addButton(bar, "Clear", actions.onClear, "Remove all legs");
        const unitLabel = addChild(bar, "label", { text: "In" });
        this.unit = addChild(unitLabel, "select", { label: "Unit of the strategy" });
        showOptions(
            this.unit,
            UNITS,
            UNITS[0],
            (unit) => UNIT_TEXTS[/** @type {StrategyUnit} */ (unit)],
        );
        this.unit.addEventListener("change", () => {
            writeSetting("strategy-unit", this.unit.value);
            actions.onUnit();
        });
    }

    /**
     * The unit that the user has chosen, or the other one where that cannot be used.
     * @param {Record<StrategyUnit, string>} reasons against each
     * @returns {StrategyUnit}
     */
    unitOf(reasons) {
        const chosen = readSetting("strategy-unit") === "points" ? "points" : "rupees";
        const other = chosen === "points" ? "rupees" : "points";
        const unit = reasons[chosen] && !reasons[other] ? other : chosen;
        for (const option of this.unit.options) {
            option.disabled = reasons[/** @type {StrategyUnit} */ (option.value)] !== "";
        }
        this.unit.title = reasons.rupees || reasons.points;
        this.unit.value = unit;
        return unit;
    }

    /** @param {number} legs @param {boolean} isFull @param {boolean} canKeep some price follows the market */
    show(legs, isFull, canKeep) {
        this.addLeg.disabled = isFull;
        this.keep.disabled = !canKeep;
        this.clearLegs.disabled = legs === 0;
    }
}

/** @param {StrategyUnit} unit */
export function unitText(unit) {
    return UNIT_TEXTS[unit];
}
