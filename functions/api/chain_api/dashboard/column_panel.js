/** The panel in which columns are chosen. */

import { COLUMNS, chooseColumns } from "./columns.js";

/**
 * @param {HTMLElement} button @param {HTMLElement} panel
 * @param {() => import("./columns.js").Column[]} shown the columns shown now @param {() => void} changed
 */
export function columnPanel(button, panel, shown, changed) {
    const boxes = COLUMNS.map((column) => box(panel, column));
    const reset = panel.appendChild(document.createElement("button"));
    reset.type = "button";
    reset.textContent = "Usual columns";

    const mark = () => {
        const names = new Set(shown().map((column) => column.name));
        for (const each of boxes) each.checked = names.has(each.value);
    };
    const open = (wanted) => {
        panel.hidden = !wanted;
        button.setAttribute("aria-expanded", String(wanted));
        if (wanted) mark();
    };
    panel.addEventListener("change", () => {
        chooseColumns(boxes.filter((each) => each.checked).map((each) => each.value));
        changed();
        mark();
    });
    reset.addEventListener("click", () => {
        chooseColumns(null);
        changed();
        mark();
    });
    button.addEventListener("click", () => open(panel.hidden));
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || panel.hidden) return;
        open(false);
        button.focus();
    });
    document.addEventListener("pointerdown", (event) => {
        const inside = event.composedPath();
        if (!inside.includes(panel) && !inside.includes(button)) open(false);
    });
}

function box(panel, column) {
    const label = panel.appendChild(document.createElement("label"));
    label.title = column.title;
    const input = label.appendChild(document.createElement("input"));
    input.type = "checkbox";
    input.name = "column";
    input.value = column.name;
    label.append(column.label);
    return input;
}
