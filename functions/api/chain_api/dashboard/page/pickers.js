/** The pickers of symbol and expiry. */

import { elementById } from "../browser/dom.js";
import { fillPicker, optionsOf } from "./expiry_picker.js";
import { SymbolSearch } from "./symbol_search.js";

export class Pickers {
    /**
     * @param {{onSymbol: (symbol: string) => void, onExpiry: (expiry: string) => void}} callbacks
     */
    constructor({ onSymbol, onExpiry }) {
        this.symbol = new SymbolSearch(elementById("symbol", HTMLInputElement), onSymbol);
        this.expiry = elementById("expiry", HTMLSelectElement);
        this.expiry.addEventListener("change", () => onExpiry(this.expiry.value));
    }

    /** @param {string[]} symbols @param {string | null} selected */
    showSymbols(symbols, selected) {
        this.symbol.show(symbols, selected);
    }

    /** @param {string[]} expiries by date @param {string | null} selected */
    showExpiries(expiries, selected) {
        fillPicker(this.expiry, expiries, selected);
    }

    /**
     * Select what is shown now, in the lists as they are.
     * @param {string} symbol
     * @param {string} expiry
     */
    showSelected(symbol, expiry) {
        this.symbol.select(symbol);
        this.showExpiries(optionsOf(this.expiry), expiry);
    }
}
