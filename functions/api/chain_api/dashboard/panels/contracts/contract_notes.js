/** What the panel of contracts says of what is missing. */

import { formatTime } from "../../words/format.js";

/** @import { Break } from "../../requests/record_breaks.js" */

const MOST_GAPS_TOLD = 3;
const NOTHING_RECORDED = "nothing is recorded of the sessions of this day.";

/**
 * What is missing of the day of a contract.
 * @param {string} label of the contract
 * @param {{isKnown: boolean, problem: string}} day
 * @param {boolean} hasRecords that are shown
 * @param {string} lotReason why a lot of it is not known in the unit
 * @param {string | null} at the time that is replayed
 * @returns {string} "" where nothing is missing
 */
export function problemText(label, { isKnown, problem }, hasRecords, lotReason, at) {
    if (hasRecords) return lotReason && `${label}: ${lotReason}.`;
    const nothing = at ? `nothing to show by ${formatTime(at)} IST.` : NOTHING_RECORDED;
    return `${label}: ${isKnown ? problem || nothing : "loading."}`;
}

/** @param {Break[]} breaks of the record @returns {string} "" without any */
export function gapText(breaks) {
    if (!breaks.length) return "";
    const told = breaks
        .slice(0, MOST_GAPS_TOLD)
        .map(({ start, end }) => `${formatTime(start)} to ${formatTime(end)}`);
    const others = breaks.length - told.length;
    const rest = others > 0 ? ` and ${others} more` : "";
    return `Not recorded: ${told.join(", ")}${rest} IST. No line is drawn over it.`;
}
