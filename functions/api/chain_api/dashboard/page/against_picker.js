/** The choice of what numbers are compared with, and the button that takes the shown moment. */

import { elementById } from "../browser/dom.js";
import { againstOf, momentText } from "../words/against.js";

export class AgainstPicker {
    /** @param {(against: string | null) => void} onAgainst */
    constructor(onAgainst) {
        this.picker = elementById("against", HTMLSelectElement);
        this.button = elementById("pin-moment", HTMLButtonElement);
        /** @type {string | null} of the snapshot that is shown */
        this.timestamp = null;
        this.picker.addEventListener("change", () => onAgainst(this.picker.value || null));
        this.button.addEventListener("click", () => onAgainst(this.timestamp));
    }

    /**
     * @param {string | null} text of the page's address
     * @param {string | null} timestamp of the snapshot that is shown, null for none
     */
    show(text, timestamp) {
        this.timestamp = timestamp;
        this.button.disabled = timestamp === null;
        const against = againstOf(text);
        const { options } = this.picker;
        const name = against?.name ?? "";
        const moment = [...options].find(({ value }) => againstOf(value)?.isInstant);
        if (moment && moment.value !== name) moment.remove();
        const label = against?.isInstant ? momentText(name, timestamp ?? name) : "";
        const shown = [...options].find(({ value }) => value === name);
        if (!shown) options.add(new Option(label, name));
        else if (label && shown.text !== label) shown.text = label;
        if (this.picker.value !== name) this.picker.value = name;
    }
}
