/** The heads of the columns that count from the moment which the chain is compared with. */

import { COLUMNS } from "./columns.js";

/** @import { Compared } from "../requests/comparison.js" */

/**
 * Say since when the columns count, or why they have no number.
 * @param {HTMLTableElement} table @param {Compared | null} compared
 */
export function showWindowHeads(table, compared) {
    if (!compared) return;
    const { reason, when } = compared;
    for (const { name, title, ofWindow } of COLUMNS) {
        if (!ofWindow) continue;
        for (const head of table.querySelectorAll(`thead th[data-name="${name}"]`)) {
            if (!(head instanceof HTMLElement)) continue;
            const since = reason ? `not known: ${reason}` : `since ${when}`;
            head.title = `${title}: ${since}`;
        }
    }
}
