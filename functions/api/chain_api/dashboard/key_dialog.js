/** The API key: asked for once, kept in this browser, never in an address. */

import { recall, remember } from "./remembered.js";

export class KeyDialog {
    /** @param {() => void} changed there is another key, or none */
    constructor(changed) {
        this.changed = changed;
        this.dialog = /** @type {HTMLDialogElement} */ (document.getElementById("key-dialog"));
        this.input = /** @type {HTMLInputElement} */ (document.getElementById("key"));
        this.error = document.getElementById("key-error");
        this.button = document.getElementById("key-button");
        this.forgetting = document.getElementById("key-forget");
        this.button.hidden = recall("key") === null;
        this.button.addEventListener("click", () => this.open(""));
        this.forgetting.addEventListener("click", () => this.keep(null));
        document.getElementById("key-cancel").addEventListener("click", () => this.dialog.close());
        this.dialog.querySelector("form").addEventListener("submit", (event) => {
            event.preventDefault();
            this.keep(this.input.value.trim());
        });
    }

    /** The API has refused what it was given, if anything. */
    wanted() {
        this.open(recall("key") === null ? "" : "The API does not know this key.");
    }

    /** @param {string} error */
    open(error) {
        this.error.textContent = error;
        this.input.value = "";
        this.button.hidden = false;
        this.forgetting.hidden = recall("key") === null;
        if (!this.dialog.open) this.dialog.showModal();
        this.input.focus();
    }

    keep(key) {
        if (key === "") return;
        remember("key", key);
        this.dialog.close();
        this.button.hidden = key === null;
        this.changed();
    }
}
