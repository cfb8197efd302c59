/** A choice of a panel that is kept in the browser. */

import { pickSetting, writeSetting } from "../browser/local_storage.js";

/**
 * @template {string} T
 * @param {HTMLElement} parent
 * @param {{name: string, label: string, options: readonly (readonly [T, string])[], initial: T}}
 *     content `name` is that of the setting; each option is a value and its text
 * @param {() => void} onChange
 * @returns {() => T} what is chosen
 */
export function addKeptChoice(parent, { name, label, options, initial }, onChange) {
    const field = parent.appendChild(document.createElement("label"));
    field.append(`${label} `);
    const picker = field.appendChild(document.createElement("select"));
    picker.dataset.choice = name;
    picker.append(...options.map(([value, text]) => new Option(text, value)));
    picker.value = initial;
    pickSetting(name, picker);
    picker.addEventListener("change", () => {
        writeSetting(name, picker.value);
        onChange();
    });
    return () => /** @type {T} */ (picker.value);
}

/** The place of a panel's choices. @param {HTMLElement} body */
export function addChoiceBar(body) {
    const bar = body.appendChild(document.createElement("div"));
    bar.className = "panel-choices";
    return bar;
}
