/** What is shown, in few words: symbol, expiry, date and time. */

import { formatDate, formatTime } from "./format.js";

/** @import { Snapshot } from "../requests/snapshot.js" */

/** @param {Snapshot | null} snapshot @returns {string} NIFTY 23-Jun-2026, 19 Jun 2026 15:02:30 IST */
export function subjectOf(snapshot) {
    if (!snapshot) return "Option chain";
    const { symbol, expiry_date: expiry, timestamp } = snapshot.chain;
    return `${symbol} ${expiry}, ${formatDate(timestamp)} ${formatTime(timestamp)} IST`;
}
