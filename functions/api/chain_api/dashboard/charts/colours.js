/** The stylesheet's colours, for what is drawn on a canvas. */

/** @type {HTMLElement | null} */
let probe = null;
/** @type {Map<string, string>} */
const resolvedColours = new Map();

/**
 * @param {string} name of a custom property, without its dashes
 * @returns {string} its colour in the current theme
 */
export function colour(name) {
    let resolved = resolvedColours.get(name);
    if (!resolved) {
        // The value of a custom property may be light-dark(…); the value of `color` is resolved.
        probe ??= hiddenElement();
        probe.style.color = `var(--${name})`;
        resolved = getComputedStyle(probe).color;
        resolvedColours.set(name, resolved);
    }
    return resolved;
}

/** Call it when the theme changes. */
export function forgetColours() {
    resolvedColours.clear();
}

function hiddenElement() {
    const element = document.body.appendChild(document.createElement("span"));
    element.hidden = true;
    return element;
}
