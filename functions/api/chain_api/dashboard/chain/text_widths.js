/** How wide texts are in the fonts of the chain, which this browser has chosen. */

/** A font of the chain: a number's, a last price's, a heading's, a strike's. See chain.css. */
/** @typedef {"number" | "price" | "head" | "strike"} ChainFont */

const SAMPLE = "8,888.88 Chg";
/** @type {ChainFont[]} */
const FONTS = ["number", "price", "head", "strike"];

export class TextWidths {
    /**
     * @param {HTMLElement} parent of the texts that are measured; nobody sees them
     * @param {() => void} onChange the fonts have changed, and with them all widths
     */
    constructor(parent, onChange) {
        /** @type {Map<string, number>} in pixels, by font and text */
        this.known = new Map();
        this.probe = parent.appendChild(document.createElement("div"));
        this.probe.className = "chain-probe";
        this.probe.ariaHidden = "true";
        const samples = FONTS.map((font) => this.write(font, SAMPLE));
        const measure = () => samples.map(widthOfElement).join();
        let widths = measure();
        const watched = new ResizeObserver(() => {
            const changed = measure();
            if (changed === widths) return;
            widths = changed;
            this.known.clear();
            onChange();
        });
        for (const sample of samples) watched.observe(sample);
    }

    /**
     * The widest of some texts. Those that are not known are measured together: that takes the
     * browser one layout.
     * @param {ChainFont} font @param {Iterable<string>} texts
     * @returns {number} pixels, 0 without a text
     */
    widest(font, texts) {
        const wanted = [...texts];
        const unknown = wanted.filter((text) => !this.known.has(font + text));
        const elements = unknown.map((text) => this.write(font, text));
        for (const [index, element] of elements.entries()) {
            this.known.set(font + unknown[index], widthOfElement(element));
        }
        for (const element of elements) element.remove();
        return Math.max(0, ...wanted.map((text) => this.known.get(font + text) ?? 0));
    }

    /** @param {ChainFont} font @param {string} text */
    write(font, text) {
        const element = this.probe.appendChild(document.createElement("span"));
        element.className = font;
        element.textContent = text;
        return element;
    }
}

/** @param {HTMLElement} element */
function widthOfElement(element) {
    return element.getBoundingClientRect().width;
}
