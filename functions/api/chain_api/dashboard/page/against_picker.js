/** The choice of what numbers are compared with, and the button that takes the shown moment. */

import { elementById } from "../browser/dom.js";
import { againstOf, momentText } from "../words/against.js";

export class AgainstPicker {
    /** @param {(against: string | null) => void} onAgainst */
    constructor(onAgainst) {
        this.picker = elementById("against", HTMLSelectElement);
        this.button = elementById("pin-moment", HTMLButtonElement);
        /** @type {HTMLOptionElement | null} what the page's list of choices lacks */
        this.added = null;
        /** @type {string | null} of the snapshot that is shown */
        this.timestamp = null;
        this.picker.addEventListener("change", () => onAgainst(this.picker.value || null));
        this.button.addEventListener("click", () => onAgainst(this.timestamp));
    }

    /**
     * @param {string | null} text of the page's address
     * @param {string | null} timestamp of the snapshot that is shown, null for none
     * @param {string} missing why no change since that moment is known, "" where any is
     */
    show(text, timestamp, missing) {
        const title = missing && `no change is known: ${missing}`;
        if (this.picker.title !== title) this.picker.title = title;
        this.timestamp = timestamp;
        this.button.disabled = timestamp === null;
        const against = againstOf(text);
        const { options } = this.picker;
        const name = against?.name ?? "";
        if (this.added && this.added.value !== name) {
            this.added.remove();
            this.added = null;
        }
        if (![...options].some(({ value }) => value === name)) {
            this.added = new Option("", name);
            options.add(this.added);
        }
        const label = against?.isInstant
            ? momentText(name, timestamp ?? name)
            : `${against?.minutes} min ago`;
        if (this.added && this.added.text !== label) this.added.text = label;
        if (this.picker.value !== name) this.picker.value = name;
    }
}
