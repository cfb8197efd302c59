/** The panel in which the user chooses columns. */

import { elementById } from "../browser/dom.js";
import { openByButton } from "../browser/popup.js";
import { chooseColumns, setUpColumnChoice } from "./column_choice.js";
import { COLUMNS } from "./columns.js";

/** @import { Column } from "./columns.js" */

/**
 * @param {() => Column[]} shown the columns that are shown now
 * @param {() => boolean} isCompared whether the chain is compared with an earlier moment
 * @param {() => void} onChange
 */
export function setUpColumnPanel(shown, isCompared, onChange) {
    const panel = elementById("column-panel", HTMLElement);
    const boxes = COLUMNS.map((column) => panel.appendChild(checkbox(column)));
    const reset = panel.appendChild(document.createElement("button"));
    reset.type = "button";
    reset.textContent = "Usual columns";

    const inputs = boxes.map((box) => /** @type {HTMLInputElement} */ (box.firstElementChild));
    const check = () => {
        const names = new Set(shown().map((column) => column.name));
        for (const [index, input] of inputs.entries()) {
            input.checked = names.has(input.value);
            boxes[index].hidden = COLUMNS[index].ofWindow && !isCompared();
        }
    };
    /** @param {string[] | null} names null for the usual columns */
    const choose = (names) => chooseColumns(names, isCompared());
    setUpColumnChoice(() => {
        onChange();
        check();
    });
    panel.addEventListener("change", () =>
        choose(inputs.filter((input) => input.checked).map((input) => input.value)),
    );
    reset.addEventListener("click", () => choose(null));
    openByButton(panel, elementById("columns", HTMLElement), check);
}

/** @param {Column} column @returns {HTMLLabelElement} with an input as its first child */
function checkbox({ name, label, title, ofWindow }) {
    const element = document.createElement("label");
    element.title = title;
    const input = element.appendChild(document.createElement("input"));
    input.type = "checkbox";
    input.name = "column";
    input.value = name;
    element.append(ofWindow ? `${label} in the window` : label);
    return element;
}
