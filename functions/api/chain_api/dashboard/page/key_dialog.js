/** The dialog for the API key. The key is stored in this browser and never part of a URL. */

import { elementById } from "../browser/dom.js";
import { writeSetting } from "../browser/local_storage.js";
import { isKey, storedKey } from "../requests/api.js";

export class KeyDialog {
    /** @param {() => void} onChange there is another key, or none */
    constructor(onChange) {
        this.onChange = onChange;
        this.dialog = elementById("key-dialog", HTMLDialogElement);
        this.input = elementById("key", HTMLInputElement);
        this.error = elementById("key-error", HTMLElement);
        this.openButton = elementById("key-button", HTMLButtonElement);
        this.forgetButton = elementById("key-forget", HTMLButtonElement);
        this.openButton.hidden = storedKey() === null;
        this.openButton.addEventListener("click", () => this.open(""));
        this.forgetButton.addEventListener("click", () => this.save(null));
        elementById("key-cancel", HTMLElement).addEventListener("click", () => this.dialog.close());
        this.dialog.addEventListener("submit", (event) => {
            event.preventDefault();
            this.save(this.input.value.trim());
        });
    }

    /** The API refused the stored key, or wants one where none is stored. */
    askForKey() {
        // A second request that is refused must not take away what is being typed.
        if (this.dialog.open) return;
        this.open(storedKey() === null ? "" : "The API does not know this key.");
    }

    /** @param {string} error */
    open(error) {
        this.error.textContent = error;
        this.input.value = "";
        this.openButton.hidden = false;
        this.forgetButton.hidden = storedKey() === null;
        if (!this.dialog.open) this.dialog.showModal();
        this.input.focus();
    }

    /** @param {string | null} key null forgets the stored one */
    save(key) {
        if (key === "") return;
        if (key !== null && !isKey(key)) {
            this.error.textContent = "A key has only letters, digits and signs of ASCII.";
            return;
        }
        writeSetting("key", key);
        this.dialog.close();
        this.openButton.hidden = key === null;
        this.onChange();
    }
}
