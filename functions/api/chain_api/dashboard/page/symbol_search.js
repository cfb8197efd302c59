/** The field in which a symbol is found by typing a part of its name. */

export class SymbolSearch {
    /**
     * @param {HTMLInputElement} input with a list of its own
     * @param {(symbol: string) => void} onSymbol another one was chosen
     */
    constructor(input, onSymbol) {
        this.input = input;
        this.onSymbol = onSymbol;
        this.list = document.createElement("datalist");
        this.list.id = `${input.id}-list`;
        input.after(this.list);
        input.setAttribute("list", this.list.id);
        /** @type {string[]} */
        this.symbols = [];
        this.selected = "";
        // The list of a browser has only what contains the text: so the field is empty for a search.
        input.addEventListener("focus", () => {
            input.placeholder = this.selected;
            input.value = "";
        });
        input.addEventListener("blur", () => this.restore());
        input.addEventListener("input", (event) => {
            const isTyped = event instanceof InputEvent && event.inputType.startsWith("insertText");
            if (!isTyped && this.symbols.includes(input.value)) this.choose(input.value);
        });
        input.addEventListener("keydown", (event) => {
            const isEmpty = input.value.trim() === "";
            if (event.key === "Escape" || (event.key === "Enter" && isEmpty)) input.blur();
            else if (event.key === "Enter") this.choose(bestMatch(this.symbols, input.value));
            else return;
            event.preventDefault();
        });
    }

    /** @param {string[]} symbols @param {string | null} selected */
    show(symbols, selected) {
        const names = selected && !symbols.includes(selected) ? [selected, ...symbols] : symbols;
        // A list that is replaced would close while the user has it open.
        if (names.join() !== this.symbols.join()) {
            this.symbols = names;
            this.list.replaceChildren(...names.map((name) => new Option(name, name)));
        }
        this.input.disabled = names.length === 0;
        if (selected) this.select(selected);
    }

    /** @param {string} symbol the one that is shown */
    select(symbol) {
        this.selected = symbol;
        if (document.activeElement !== this.input) this.restore();
    }

    restore() {
        this.input.value = this.selected;
        this.input.setCustomValidity("");
    }

    /** @param {string | null} symbol null where nothing is like the text */
    choose(symbol) {
        if (symbol === null) {
            this.input.setCustomValidity("No recorded symbol has this in its name.");
            this.input.reportValidity();
            return;
        }
        const isOther = symbol !== this.selected;
        this.selected = symbol;
        this.input.blur();
        if (isOther) this.onSymbol(symbol);
    }
}

/**
 * The symbol that a text means: the one of this name, else the first that begins with it, else the
 * first that contains it.
 * @param {string[]} symbols
 * @param {string} text
 * @returns {string | null}
 */
export function bestMatch(symbols, text) {
    const wanted = text.trim().toUpperCase();
    if (!wanted) return null;
    const found =
        symbols.find((symbol) => symbol === wanted) ??
        symbols.find((symbol) => symbol.startsWith(wanted)) ??
        symbols.find((symbol) => symbol.includes(wanted));
    return found ?? null;
}
