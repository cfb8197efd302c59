/** What of the chain was clicked. */

/**
 * `side` and `column` are null for the strike itself.
 * @typedef {{strike: number, side: "call" | "put" | null, column: string | null}} PickedCell
 */

/** @param {EventTarget | null} target of a click @returns {PickedCell | null} */
export function pickedIn(target) {
    const cell = target instanceof Element ? target.closest("tbody td, tbody th") : null;
    const row = cell?.parentElement;
    if (!(cell instanceof HTMLTableCellElement && row?.dataset.strike)) return null;
    const { side, column } = cell.dataset;
    const known = side === "call" || side === "put" ? side : null;
    return { strike: Number(row.dataset.strike), side: known, column: column ?? null };
}
