/** The panel in which the user chooses columns. */

import { elementById } from "../browser/dom.js";
import { openByButton } from "../browser/panel.js";
import { COLUMNS, chooseColumns } from "./columns.js";

/** @import { Column } from "./columns.js" */

/** @param {() => Column[]} shown the columns that are shown now @param {() => void} onChange */
export function setUpColumnPanel(shown, onChange) {
    const panel = elementById("column-panel", HTMLElement);
    const boxes = COLUMNS.map((column) => panel.appendChild(checkbox(column)));
    const reset = panel.appendChild(document.createElement("button"));
    reset.type = "button";
    reset.textContent = "Usual columns";

    const inputs = boxes.map((box) => /** @type {HTMLInputElement} */ (box.firstElementChild));
    const check = () => {
        const names = new Set(shown().map((column) => column.name));
        for (const input of inputs) input.checked = names.has(input.value);
    };
    /** @param {string[] | null} names null for the usual columns */
    const choose = (names) => {
        chooseColumns(names);
        onChange();
        check();
    };
    panel.addEventListener("change", () =>
        choose(inputs.filter((input) => input.checked).map((input) => input.value)),
    );
    reset.addEventListener("click", () => choose(null));
    openByButton(panel, elementById("columns", HTMLElement), check);
}

/** @param {Column} column @returns {HTMLLabelElement} with an input as its first child */
function checkbox({ name, label, title }) {
    const element = document.createElement("label");
    element.title = title;
    const input = element.appendChild(document.createElement("input"));
    input.type = "checkbox";
    input.name = "column";
    input.value = name;
    element.append(label);
    return element;
}
