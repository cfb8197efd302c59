/** What the chain that is shown is compared with, as the user has chosen it. */

import { againstLabel, againstOf, isoInstant, momentText } from "../words/against.js";
import { isoDay } from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { EarlierChains } from "./earlier_chains.js";
import { PreviousClose } from "./previous_close.js";

/** @import { Chain } from "../api_types.d.ts" */
/** @import { Against } from "../words/against.js" */
/** @import { DayHistory } from "./day_history.js" */

const MINUTE_MS = 60000;

/**
 * `chain` is the earlier one, as it was at `moment`: null for the `reason`, which is words. `when`
 * tells the moment in words, `label` in few characters what was chosen.
 * @typedef {{against: Against, label: string, moment: string | null, when: string,
 *     chain: Chain | null, reason: string}} Compared
 */

export class Comparison {
    /** @param {DayHistory} history of the day that is shown */
    constructor(history) {
        this.history = history;
        this.chains = new EarlierChains(history);
        this.previousClose = new PreviousClose();
        /** @type {Against | null} */
        this.against = null;
        /** @type {Compared | null} what `of` returned last */
        this.last = null;
    }

    /** @param {string | null} text of the page's address */
    select(text) {
        this.against = againstOf(text);
    }

    /**
     * Get what is needed to compare a chain, as far as it is not known.
     * @param {Chain} chain @param {AbortSignal} signal
     */
    async fetch(chain, signal) {
        if (this.against?.name === "close") await this.previousClose.fetch(chain, signal);
        const { moment } = this.momentOf(chain);
        if (moment) await this.chains.fetch(chain, moment, signal);
    }

    /**
     * What a chain is compared with, as far as it is known; the same object where it is the same.
     * @param {Chain} chain @returns {Compared | null} null where nothing is compared
     */
    of(chain) {
        const { against, last } = this;
        if (!against) return null;
        const { moment, reason } = this.momentOf(chain);
        const earlier = moment ? this.chains.find(chain, moment) : null;
        const when = moment ? this.whenText(moment, chain) : "";
        const label = againstLabel(against, chain.timestamp);
        /** @type {Compared} */
        const next = { against, label, moment, when, chain: null, reason };
        if (moment && earlier && this.isComparable(chain, earlier)) next.chain = earlier;
        else if (moment) next.reason = this.reasonAt(moment, chain, earlier);
        const isSame =
            last?.against === against &&
            last.label === label &&
            last.moment === moment &&
            last.when === when &&
            last.chain === next.chain &&
            last.reason === next.reason;
        if (!isSame) this.last = next;
        return this.last;
    }

    /** A window of minutes does not reach into the day before. @param {Chain} chain @param {Chain} earlier */
    isComparable(chain, earlier) {
        const isOneDay = isoDay(chain.timestamp) === isoDay(earlier.timestamp);
        return isOneDay || this.against?.minutes === null;
    }

    /** @param {string} moment @param {Chain} chain @param {Chain | null | undefined} earlier */
    reasonAt(moment, chain, earlier) {
        const text = momentText(moment, chain.timestamp);
        if (earlier !== undefined) return `nothing was recorded at ${text}`;
        const { failure } = this.chains;
        return `the chain of ${text} has not come yet${failure ? `: ${failure}` : ""}`;
    }

    /** @param {Chain} chain @returns {{moment: string | null, reason: string}} */
    momentOf(chain) {
        const { against, history } = this;
        const { timestamp } = chain;
        if (!against) return { moment: null, reason: "" };
        const { name, minutes } = against;
        const knows = history.isOf(chain) && history.isComplete;
        if (minutes !== null) {
            const moment = isoInstant(Date.parse(timestamp) - minutes * MINUTE_MS);
            const isBefore = knows && moment < history.records[0].timestamp;
            if (!isBefore) return { moment, reason: "" };
            return {
                moment: null,
                reason: `nothing was recorded at ${momentText(moment, timestamp)}`,
            };
        }
        if (name === "close") {
            const { at, reason } = this.previousClose.of(chain);
            const missing = reasonText(reason) || "the close of the day before has not come yet";
            return { moment: at, reason: at ? "" : missing };
        }
        if (name === "open") {
            if (knows) return { moment: history.records[0].timestamp, reason: "" };
            return { moment: null, reason: "the day's first snapshot has not come yet" };
        }
        if (name <= timestamp) return { moment: name, reason: "" };
        return { moment: null, reason: `${momentText(name, timestamp)} is after what is shown` };
    }

    /** @param {string} moment @param {Chain} chain */
    whenText(moment, chain) {
        const text = momentText(moment, chain.timestamp);
        if (this.against?.name === "open") return `${text}, the day's first snapshot`;
        if (this.against?.name !== "close") return text;
        return `${text}, ${this.previousClose.of(chain).settled ? "settled" : "not settled"}`;
    }
}
