/** What the user supposes: how much of the time to the first expiry has passed, and other volatilities. */

import { setText } from "../../browser/dom.js";
import { formatNumber, formatSigned } from "../../words/format.js";
import { addChild } from "./strategy_elements.js";

/** @import { StrategyNumbers, Supposition } from "./strategy_numbers.js" */

const PARTS = 100;
const MOST_POINTS = 10;

export class SuppositionControls {
    /** @param {HTMLElement} place @param {() => void} onChange */
    constructor(place, onChange) {
        const box = addChild(place, "div", { className: "strategy-supposed" });
        this.time = slider(box, "Days ahead", { min: 0, max: PARTS, step: 1 }, onChange);
        const points = { min: -MOST_POINTS, max: MOST_POINTS, step: 0.5 };
        this.volatility = slider(box, "Volatility", points, onChange);
        this.reset = addChild(box, "button", { text: "Reset" });
        this.reset.type = "button";
        this.reset.title = "today, and volatilities as they are";
        this.reset.addEventListener("click", () => {
            this.time.input.value = this.volatility.input.value = "0";
            onChange();
        });
    }

    /** @returns {Supposition} */
    get value() {
        return {
            part: Number(this.time.input.value) / PARTS,
            shift: Number(this.volatility.input.value),
        };
    }

    /** Write what the sliders mean. @param {StrategyNumbers} numbers */
    show({ position, scenario }) {
        const days = Math.max(0, position.days || 0);
        const ahead = `${formatNumber(scenario.daysAhead, 1)} of ${formatNumber(days, 1)} days`;
        this.time.say(ahead);
        this.volatility.say(`${formatSigned(scenario.shift, 1)} points`);
    }
}

/**
 * @param {HTMLElement} place @param {string} name
 * @param {{min: number, max: number, step: number}} bounds @param {() => void} onChange
 */
function slider(place, name, { min, max, step }, onChange) {
    const label = addChild(place, "label", { text: name });
    const input = addChild(label, "input");
    input.type = "range";
    Object.assign(input, { min: String(min), max: String(max), step: String(step), value: "0" });
    const output = addChild(label, "output");
    input.addEventListener("input", onChange);
    /** @param {string} text */
    const say = (text) => {
        setText(output, text);
        if (input.getAttribute("aria-valuetext") !== text)
            input.setAttribute("aria-valuetext", text);
    };
    return { input, say };
}
