/** The pickers of symbol and expiry. */

import { elementById } from "../browser/dom.js";

export class Pickers {
    /**
     * @param {{onSymbol: (symbol: string) => void, onExpiry: (expiry: string) => void}} callbacks
     */
    constructor({ onSymbol, onExpiry }) {
        this.symbol = elementById("symbol", HTMLSelectElement);
        this.expiry = elementById("expiry", HTMLSelectElement);
        this.symbol.addEventListener("change", () => onSymbol(this.symbol.value));
        this.expiry.addEventListener("change", () => onExpiry(this.expiry.value));
    }

    /** @param {string[]} symbols @param {string | null} selected */
    showSymbols(symbols, selected) {
        fill(this.symbol, symbols, selected);
    }

    /** @param {string[]} expiries by date @param {string | null} selected */
    showExpiries(expiries, selected) {
        fill(this.expiry, expiries, selected);
    }

    /**
     * Select what is shown now, in the lists as they are.
     * @param {string} symbol
     * @param {string} expiry
     */
    showSelected(symbol, expiry) {
        this.symbol.value = symbol;
        this.showExpiries(optionsOf(this.expiry), expiry);
    }
}

/**
 * Fill a picker. A selected name that is not in the list is added, since the list may be older.
 * @param {HTMLSelectElement} picker
 * @param {string[]} names
 * @param {string | null} selected
 */
function fill(picker, names, selected) {
    const options = selected && !names.includes(selected) ? [selected, ...names] : names;
    // Options that are replaced would close a picker that the user has open.
    if (optionsOf(picker).join("\n") !== options.join("\n")) {
        picker.replaceChildren(...options.map((name) => new Option(name, name)));
    }
    if (selected && picker.value !== selected) picker.value = selected;
    picker.disabled = options.length === 0;
}

/** @param {HTMLSelectElement} picker @returns {string[]} */
function optionsOf(picker) {
    return [...picker.options].map((option) => option.value);
}
