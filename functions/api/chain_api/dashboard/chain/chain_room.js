/** How much of a wide screen the chain takes, beside the charts. */

import { shownColumns } from "./column_choice.js";

/** @import { Column } from "./columns.js" */
/** @import { ColumnWidths } from "./column_widths.js" */

/** The charts and the gap before them keep so much beside the chain; see screens.css. */
const LEAST_CHARTS_PX = 368;
/** More than a column needs, where there is room for it. */
const SPARE_PX = 4;

/**
 * Let the chain be as wide as its columns want it. With panels beside it screens.css gives it less.
 * @param {HTMLElement} panes of chain and charts
 * @param {HTMLElement} scroller of the chain
 * @param {ColumnWidths} widths
 * @param {string | null} since what the chain is compared with, in few characters
 */
export function takeRoom(panes, scroller, widths, since) {
    const outer = panes.querySelector(".chain")?.getBoundingClientRect().width ?? 0;
    const frame = outer - scroller.clientWidth;
    const room = panes.clientWidth - LEAST_CHARTS_PX - frame;
    /** @param {Column[]} columns */
    const needed = (columns) => widths.ofTable(columns);
    const columns = shownColumns(room, needed, since);
    const wanted = needed(columns) + SPARE_PX * (2 * columns.length + 1) + frame;
    panes.style.setProperty("--chain-width", `${wanted}px`);
}
