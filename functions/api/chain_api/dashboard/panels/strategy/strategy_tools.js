/** The line above the legs: templates, another leg, prices that stay, the unit. */

import { STRATEGY_UNIT } from "../panel_choices.js";
import { addButton, addChild, showOptions } from "./strategy_elements.js";
import { TEMPLATE_NAMES } from "./strategy_templates.js";

/** @import { StrategyUnit } from "./strategy_position.js" */

/** What the user can do with all legs. @typedef {{onTemplate: (name: string) => void, onAdd: () => void, onKeepPrices: () => void, onClear: () => void, onUnit: () => void}} StrategyActions */

const UNIT_TEXTS = /** @type {Record<StrategyUnit, string>} */ (
    Object.fromEntries(STRATEGY_UNIT.options)
);

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
        const { label: name, options, choice } = STRATEGY_UNIT;
        const unitLabel = addChild(bar, "label", { text: name });
        this.unit = addChild(unitLabel, "select", { label: "Unit of the strategy" });
        this.unit.append(...options.map(([value, text]) => new Option(text, value)));
        choice.setUp(this.unit, actions.onUnit);
    }

    /**
     * The unit that the user has chosen, or the other one where that cannot be used.
     * @param {Record<StrategyUnit, string>} reasons against each
     * @returns {StrategyUnit}
     */
    unitOf(reasons) {
        const chosen = STRATEGY_UNIT.choice.value;
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
