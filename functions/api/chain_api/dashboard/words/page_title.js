/** The title of the tab, which may be all that is seen of the page. */

import { formatDayOfMonth, formatNumber, formatTime } from "./format.js";
import { stateOf } from "./page_state.js";

/** @import { Health } from "../api_types.d.ts" */
/** @import { Snapshot } from "../requests/snapshot.js" */

const WITHOUT_DATA = "NSE option chain";

/**
 * Symbol and price. Of the past, and where nothing has confirmed them lately, it says so first.
 * @param {Snapshot | null} snapshot @param {Health | null} health null where it is not known
 */
export function titleOfPage(snapshot, health) {
    if (!snapshot) return WITHOUT_DATA;
    const { chain, freshness } = snapshot;
    const shown = `${chain.symbol} ${formatNumber(chain.underlying_value, 2)}`;
    const { state } = stateOf(snapshot, health, "");
    if (state === "replay") return `Past: ${momentOf(chain.timestamp)} · ${shown}`;
    if (state === "stale") return `Old: ${momentOf(freshness.lastSeenAt)} · ${shown}`;
    return `${shown} · option chain`;
}

/** @param {string} timestamp */
function momentOf(timestamp) {
    return `${formatDayOfMonth(timestamp)} ${formatTime(timestamp)} IST`;
}
