/** What is shown, in few words: symbol, expiry, date and time. */

import { UNIT_NAMES } from "../figures/position_unit.js";
import { formatDate, formatTime } from "./format.js";

/** @import { Unit } from "../figures/position_unit.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */

/**
 * @param {Snapshot | null} snapshot
 * @param {Unit} [unit] of open interest and volume, which is named unless it is lots
 * @returns {string} NIFTY 23-Jun-2026, 19 Jun 2026 15:02:30 IST
 */
export function subjectOf(snapshot, unit = "lots") {
    if (!snapshot) return "Option chain";
    const { symbol, expiry_date: expiry, timestamp } = snapshot.chain;
    const counted = unit === "lots" ? "" : `, OI in ${UNIT_NAMES[unit]}`;
    return `${symbol} ${expiry}, ${formatDate(timestamp)} ${formatTime(timestamp)} IST${counted}`;
}
