/** What is exported of a table in the place of its texts: several numbers stand in one of its cells. */

/**
 * Columns and rows, with instants as dates.
 * @typedef {{columns: string[], rows: (number | string | Date | null)[][]}} ExportedTable
 */

/** @type {WeakMap<HTMLTableElement, () => ExportedTable>} */
const exported = new WeakMap();

/** @param {HTMLTableElement} table @param {() => ExportedTable} make */
export function exportAs(table, make) {
    exported.set(table, make);
}

/** @param {HTMLTableElement} table @returns {ExportedTable | undefined} */
export function exportedOf(table) {
    return exported.get(table)?.();
}
