/** Which symbol and which expiry. */

export class Pickers {
    /** @param {{symbol: (symbol: string) => void, expiry: (expiry: string) => void}} told */
    constructor(told) {
        this.symbol = /** @type {HTMLSelectElement} */ (document.getElementById("symbol"));
        this.expiry = /** @type {HTMLSelectElement} */ (document.getElementById("expiry"));
        this.symbol.addEventListener("change", () => told.symbol(this.symbol.value));
        this.expiry.addEventListener("change", () => told.expiry(this.expiry.value));
    }

    /** @param {string[]} symbols @param {string | null} chosen */
    showSymbols(symbols, chosen) {
        fill(this.symbol, symbols, chosen);
    }

    /** @param {string[]} expiries by date @param {string | null} chosen */
    showExpiries(expiries, chosen) {
        fill(this.expiry, expiries, chosen);
    }
}

/** One that is not in the list is shown all the same: the list may be older than the link. */
function fill(select, names, chosen) {
    const wanted = chosen && !names.includes(chosen) ? [chosen, ...names] : names;
    const had = [...select.options].map((option) => option.value);
    if (had.join("\n") !== wanted.join("\n"))
        select.replaceChildren(...wanted.map((name) => new Option(name, name)));
    if (chosen && select.value !== chosen) select.value = chosen;
    select.disabled = wanted.length === 0;
}
