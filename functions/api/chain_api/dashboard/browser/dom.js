/** The elements of index.html, found and written to. */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type the element's class
 * @returns {T}
 * @throws {TypeError} where index.html has no such element
 */
export function elementById(id, type) {
    const found = document.getElementById(id);
    if (found instanceof type) return found;
    throw new TypeError(`index.html has no ${type.name} with the id ${id}.`);
}

/**
 * Write a text only where it changes: a screen reader announces each write.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
    const { firstChild } = element;
    if (firstChild instanceof Text && firstChild === element.lastChild) {
        // A text of its own is written with half the work of textContent.
        if (firstChild.data !== text) firstChild.data = text;
    } else if (element.textContent !== text) {
        element.textContent = text;
    }
}
