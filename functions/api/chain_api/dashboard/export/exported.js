/**
 * What is exported of a table in the place of its texts, as several numbers stand in one of its cells,
 * or of a list, which is no table.
 */

/**
 * Columns and rows, with instants as dates. A list has a title, and its rows as the page writes them.
 * @typedef {number | string | Date | {expiry: string} | null} ExportedCell
 * @typedef {{columns: string[], rows: ExportedCell[][], title?: string, texts?: string[][]}}
 *     ExportedTable
 */

/** @type {WeakMap<HTMLElement, () => ExportedTable>} */
const exported = new WeakMap();

/** @param {HTMLElement} element @param {() => ExportedTable} make */
export function exportAs(element, make) {
    exported.set(element, make);
}

/** @param {HTMLElement} element @returns {ExportedTable | undefined} */
export function exportedOf(element) {
    return exported.get(element)?.();
}
