/**
 * The line that says what the numbers of this moment are: of a price that stands still, or settled,
 * or not yet.
 */

import { elementById, setText } from "../browser/dom.js";
import { serverNow } from "../requests/server_clock.js";
import { formatDayOfMonth, formatNumber, formatTime, isNumber, isoDay } from "./format.js";
import { stampOf } from "./provenance.js";
import { referencePriceOf } from "./reference.js";

/** @import { Chain, Health } from "../api_types.d.ts" */
/** @import { DayHistory } from "../requests/day_history.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */

/**
 * The closing auction, by the clock of India: from its beginning on nothing trades the underlying,
 * and from `earliestPrice` on its closing price may come. As in optionchain/closing_auction.py.
 */
const AUCTION = { firstDay: "2026-08-03", begins: "15:15", earliestPrice: "15:28" };
/** Until then the exchange rewrites a day; the last reading of the evening ends later. */
const REVISED_UNTIL = "19:16";
const LAST_READING_ENDS = "21:15";

/**
 * @param {Snapshot | null} snapshot null where none is shown
 * @param {DayHistory} history of its day
 * @param {Health | null} health null where it is not known
 */
export function showDayNote(snapshot, history, health) {
    const note = elementById("day-note", HTMLElement);
    setText(note, snapshot ? noteOf(snapshot, history, health) : "");
    document.body.dataset.frozen = String(snapshot?.chain.frozen ?? false);
}

/** @param {Snapshot} snapshot @param {DayHistory} history @param {Health | null} health */
function noteOf(snapshot, history, health) {
    const { chain } = snapshot;
    const sentences = [];
    if (chain.frozen_since) sentences.push(standingText(chain, chain.frozen_since));
    if (chain.frozen) sentences.push(forwardText(referencePriceOf(snapshot)));
    if (chain.model?.payoff_fixed) {
        sentences.push("The payoff is fixed: no volatility and no Greek is left.");
    }
    return sentences.join(" ") || settlementText(snapshot, history, health);
}

/** @param {Chain} chain @param {string} frozenSince */
function standingText(chain, frozenSince) {
    const { symbol } = chain;
    const since = minuteOf(frozenSince);
    if (isoDay(frozenSince) < AUCTION.firstDay || since < AUCTION.begins) {
        return `The price of ${symbol} has stood still since ${since} IST: its feed is cut off.`;
    }
    return minuteOf(stampOf(chain)) < AUCTION.earliestPrice
        ? `The price of ${symbol} has stood still since ${since} IST (closing auction).`
        : `${symbol} has not been traded since ${since} IST (closing auction).`;
}

/** @param {number | null} forward */
function forwardText(forward) {
    if (!isNumber(forward)) return "No forward is known, so no strike is at the money.";
    return `The forward, ${formatNumber(forward, 2)}, is used in its place.`;
}

/** @param {Snapshot} snapshot @param {DayHistory} history @param {Health | null} health */
function settlementText({ chain, at }, history, health) {
    const { timestamp } = chain;
    const stamp = stampOf(chain);
    const day = formatDayOfMonth(stamp);
    if (chain.settled || history.isSettled(timestamp)) {
        return `Settled (evening of ${day}): these are the day's final numbers.`;
    }
    if (history.records.some((record) => record.settled)) {
        return `As it was at ${formatTime(timestamp)} IST. The day's last chain is the settled one.`;
    }
    if (!health) return "";
    if (isoDay(stamp) === isoDay(serverNow())) {
        if (health.market === "open") {
            const moment = at ? `As it was at ${formatTime(timestamp)} IST` : "In session";
            return `${moment}. The day's numbers are final in the evening.`;
        }
        if (minuteOf(serverNow()) < LAST_READING_ENDS) {
            return `Not settled yet: the exchange revises open interest until about ${REVISED_UNTIL} IST.`;
        }
    } else if (!history.isComplete) return "";
    return `${day} has no settled chain: the exchange's revision of the evening is not in it.`;
}

/** @param {string | number} instant @returns {string} 15:16, in India */
function minuteOf(instant) {
    return formatTime(instant).slice(0, 5);
}
