/** Elements of the strategy's panel, and how its amounts are written. */

import { setText } from "../../browser/dom.js";
import { attributeValue, DASH, formatNumber, formatSigned, signShown } from "../../words/format.js";

/** @import { StrategyUnit } from "./strategy_position.js" */

/** @type {Record<StrategyUnit, number>} */
const UNIT_DIGITS = { points: 2, rupees: 0 };

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {HTMLElement} parent @param {K} tag
 * @param {{text?: string, className?: string, label?: string}} [content]
 * @returns {HTMLElementTagNameMap[K]} `label` is read aloud in place of the text
 */
export function addChild(parent, tag, { text = "", className = "", label = "" } = {}) {
    const child = parent.appendChild(document.createElement(tag));
    if (text) child.textContent = text;
    if (className) child.className = className;
    if (label) child.setAttribute("aria-label", label);
    return child;
}

/**
 * @param {HTMLElement} parent @param {string} text @param {() => void} onPress
 * @param {string} [label]
 */
export function addButton(parent, text, onPress, label = "") {
    const button = addChild(parent, "button", { text, label });
    button.type = "button";
    button.addEventListener("click", onPress);
    return button;
}

/** @type {WeakMap<HTMLSelectElement, string>} the values of its options */
const optionsShown = new WeakMap();

/** Fill a picker where its options change. @param {HTMLSelectElement} picker @param {string[]} values @param {string} selected @param {(value: string) => string} [textOf] */
export function showOptions(picker, values, selected, textOf = (value) => value) {
    const wanted = values.includes(selected) ? values : [selected, ...values];
    const text = wanted.join("\n");
    if (optionsShown.get(picker) !== text) {
        optionsShown.set(picker, text);
        picker.replaceChildren(...wanted.map((value) => new Option(textOf(value), value)));
    }
    if (picker.value !== selected) picker.value = selected;
}

/** An amount in a unit, without a sign if it is positive. @param {number | null} value @param {StrategyUnit} unit */
export function amountText(value, unit) {
    if (value === Infinity || value === -Infinity) return "unlimited";
    return formatNumber(value, UNIT_DIGITS[unit]);
}

/**
 * Write a profit or loss with its sign and exact value; null is a dash with its reason.
 * @param {HTMLElement} cell @param {number | null} value @param {StrategyUnit} unit
 * @param {string} reason
 */
export function showSigned(cell, value, unit, reason) {
    const text = value === null ? DASH : formatSigned(value, UNIT_DIGITS[unit]);
    setText(cell, text);
    cell.dataset.value = attributeValue(value);
    cell.title = reason;
    const sign = value === null ? 0 : signShown(value, text);
    cell.classList.toggle("rise", sign > 0);
    cell.classList.toggle("fall", sign < 0);
}
