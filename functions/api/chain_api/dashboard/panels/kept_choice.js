/** A picker of a panel, for a choice that the browser keeps. */

/** @import { PanelChoice } from "./panel_choices.js" */

/**
 * @template {string} T
 * @param {HTMLElement} parent
 * @param {PanelChoice<T>} panelChoice
 * @param {() => void} onChange
 * @returns {() => T} what is chosen
 */
export function addKeptChoice(parent, { label, options, choice }, onChange) {
    const field = parent.appendChild(document.createElement("label"));
    field.append(`${label} `);
    const picker = field.appendChild(document.createElement("select"));
    picker.dataset.choice = choice.name;
    picker.append(...options.map(([value, text]) => new Option(text, value)));
    choice.setUp(picker, onChange);
    return () => choice.value;
}

/** The place of a panel's choices. @param {HTMLElement} body */
export function addChoiceBar(body) {
    const bar = body.appendChild(document.createElement("div"));
    bar.className = "panel-choices";
    return bar;
}
