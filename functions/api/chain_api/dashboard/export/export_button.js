/** The button "Export" of a section, whose menu is loaded when it is opened. */

import { setText } from "../browser/dom.js";
import { openByButton } from "../browser/popup.js";

/**
 * `section` is what is exported, without what is inside of `apart`, a selector. `name` is that of the
 * section in a file's name. `subject` says of what and when it is; `urls` are the requests behind it.
 * @typedef {{section: HTMLElement, apart?: string, name: string, subject: () => string,
 *     urls: () => string[]}} ExportSource
 */

/** @param {HTMLElement} toolbar @param {string} label what the section is @param {ExportSource} source */
export function addExportButton(toolbar, label, source) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "export";
    button.textContent = "Export";
    button.setAttribute("aria-label", `Export: ${label}`);
    button.setAttribute("aria-expanded", "false");
    const box = document.createElement("div");
    box.className = "export-box";
    box.hidden = true;
    box.role = "group";
    box.setAttribute("aria-label", `Export: ${label}`);
    const menu = box.appendChild(document.createElement("div"));
    const note = box.appendChild(document.createElement("p"));
    note.role = "status";
    /** @param {string} text */
    const tell = (text) => setText(note, text);
    toolbar.append(button);
    toolbar.after(box);
    /** @type {MutationObserver | null} of what there is to export, while the menu is open */
    let watch = null;
    openByButton(box, button, async () => {
        tell("");
        try {
            const { keepExportMenu } = await import("./export_menu.js");
            watch?.disconnect();
            watch = keepExportMenu(menu, source, tell);
        } catch {
            tell("This menu could not be loaded. Load the page again.");
        }
    });
}
