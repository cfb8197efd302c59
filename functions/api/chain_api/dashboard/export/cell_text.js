/** What a cell of a table says on paper: of a control what is chosen in it, and no buttons. */

/** @param {Element} element @returns {string} */
export function cellText(element) {
    return partsOf(element).join("").replaceAll(/\s+/g, " ").trim();
}

/** @param {Element} element @returns {string[]} */
function partsOf(element) {
    if (element instanceof HTMLButtonElement) return [];
    if (element instanceof HTMLSelectElement)
        return [` ${element.selectedOptions[0]?.text ?? ""} `];
    if (element instanceof HTMLInputElement) return [` ${element.value || element.placeholder} `];
    return [...element.childNodes].flatMap((node) =>
        node instanceof Element ? partsOf(node) : (node.textContent ?? ""),
    );
}

/** The columns that have nothing but buttons. @param {HTMLTableElement} table @returns {number[]} */
export function buttonColumns(table) {
    const cells = [...(table.tBodies[0]?.rows[0]?.cells ?? [])];
    const isOfButtons = cells.map((cell) => cell.querySelector("button") && cellText(cell) === "");
    return [...isOfButtons.keys()].filter((index) => isOfButtons[index]);
}

/** Whether a value of a row is in a column that is not left out. @param {number[]} leftOut */
export function columnsWithout(leftOut) {
    return (/** @type {unknown} */ _value, /** @type {number} */ index) => !leftOut.includes(index);
}
