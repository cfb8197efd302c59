/** A table of a panel with its caption, in a place that scrolls. */

/**
 * @param {HTMLElement} place @param {string} caption @param {string[]} heads of the columns
 * @returns {HTMLTableSectionElement} its body, without a row
 */
export function addTable(place, caption, heads) {
    place.tabIndex = 0;
    place.role = "group";
    place.ariaLabel = caption;
    const table = place.appendChild(document.createElement("table"));
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    for (const text of heads) {
        const cell = head.appendChild(document.createElement("th"));
        cell.scope = "col";
        cell.textContent = text;
    }
    return table.createTBody();
}
