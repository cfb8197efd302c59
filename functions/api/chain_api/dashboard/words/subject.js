/** What is shown, in few words: symbol, expiry, date and time, and what it is compared with. */

import { UNIT_NAMES } from "../figures/position_unit.js";
import { datedTime } from "./format.js";

/** @import { Unit } from "../figures/position_unit.js" */
/** @import { Compared } from "../requests/comparison.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */

/**
 * @param {Snapshot | null} snapshot
 * @param {Unit} [unit] of open interest and volume, which is named unless it is lots
 * @param {Compared | null} [compared] what changes count from, named unless it is as sent
 * @returns {string} NIFTY 23-Jun-2026, 19 Jun 2026 15:02:30 IST
 */
export function subjectOf(snapshot, unit = "lots", compared = null) {
    if (!snapshot) return "Option chain";
    const { symbol, expiry_date: expiry, timestamp } = snapshot.chain;
    const counted = unit === "lots" ? "" : `, OI in ${UNIT_NAMES[unit]}`;
    const since = compared ? `, ${changesText(compared)}` : "";
    return `${symbol} ${expiry}, ${datedTime(timestamp)}${counted}${since}`;
}

/** @param {Compared} compared */
function changesText({ label, moment }) {
    return `changes since ${moment ? datedTime(moment) : label}`;
}
