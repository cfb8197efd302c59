/** The stylesheet's colours for what is drawn on a canvas. */

/** @type {HTMLElement | null} */
let probe = null;
/** @type {Map<string, string>} */
const found = new Map();

/** @param {string} name of a custom property, without its dashes @returns {string} its colour in the theme shown */
export function colour(name) {
    let text = found.get(name);
    if (!text) {
        if (!probe) {
            probe = document.body.appendChild(document.createElement("span"));
            probe.hidden = true;
        }
        // A custom property's own value is text, light-dark() and all; a colour's is resolved.
        probe.style.color = `var(--${name})`;
        text = getComputedStyle(probe).color;
        found.set(name, text);
    }
    return text;
}

/** The theme has changed. */
export function forgetColours() {
    found.clear();
}
