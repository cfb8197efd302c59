/** Chains as they were at earlier moments, asked for once each. */

import { isoInstant } from "../words/against.js";
import { getJson } from "./api.js";
import { ApiError } from "./api_error.js";
import { chainPath } from "./snapshot.js";

/** @import { Chain } from "../api_types.d.ts" */
/** @import { DayHistory } from "./day_history.js" */

const EARLIER_COLUMNS =
    "strike_price,type,open_interest,total_traded_volume,last_price,iv,iv_source";
const MOST_CHAINS = 8;
const ONE_SECOND_MS = 1000;

/**
 * From `since` to `until` the record has this chain; null is none.
 * @typedef {{subject: string, since: string, until: string, chain: Chain | null}} KnownChain
 */

export class EarlierChains {
    /** @param {DayHistory} history of the day that is shown: it tells how long a chain held */
    constructor(history) {
        this.history = history;
        /** @type {KnownChain[]} the one asked for last is the last one */
        this.known = [];
        /** What was wrong with the last request. */
        this.failure = "";
    }

    /**
     * The chain of this symbol and expiry at a moment: null where nothing was recorded then.
     * @param {Chain} chain @param {string} moment
     * @returns {Chain | null | undefined} undefined where it has not been asked for
     */
    find(chain, moment) {
        const subject = subjectOfChain(chain);
        const found = this.known.find(
            (each) => each.subject === subject && each.since <= moment && moment <= each.until,
        );
        if (!found?.chain) return found?.chain;
        // Nothing has confirmed the chain until then: it tells nothing of that moment.
        const isLost = found.chain.gap && moment > found.chain.last_seen_at;
        return isLost ? null : found.chain;
    }

    /**
     * Ask for the chain at a moment, unless it is known.
     * @param {Chain} chain @param {string} moment @param {AbortSignal} signal
     * @throws {ApiError} for an error that concerns every request
     */
    async fetch(chain, moment, signal) {
        if (this.find(chain, moment) !== undefined) return;
        try {
            this.keep(await this.ask(chain, moment, signal));
            this.failure = "";
        } catch (error) {
            if (signal.aborted || !(error instanceof ApiError)) throw error;
            if (error.kind === "key" || error.kind === "limited") throw error;
            if (!error.isNoData) this.failure = error.message;
            else this.keep({ ...placeInRecord(chain, moment, moment), chain: null });
        }
    }

    /** @param {Chain} chain @param {string} moment @param {AbortSignal} signal @returns {Promise<KnownChain>} */
    async ask(chain, moment, signal) {
        let until = this.lastMomentOf(chain, moment);
        let earlier = await askChain(chain, until, signal);
        if (earlier.timestamp > moment) {
            // The history of the day lacked a snapshot.
            until = moment;
            earlier = await askChain(chain, until, signal);
        }
        return { ...placeInRecord(chain, earlier.timestamp, until), chain: earlier };
    }

    /**
     * Until when the snapshot of a moment was the newest one, as far as the history tells.
     * @param {Chain} chain @param {string} moment
     */
    lastMomentOf(chain, moment) {
        const { history } = this;
        if (!history.isOf(chain) || !history.isComplete) return moment;
        const next = history.records.find((record) => record.timestamp > moment);
        if (!next || next.timestamp > chain.timestamp) return moment;
        return isoInstant(Date.parse(next.timestamp) - ONE_SECOND_MS);
    }

    /** @param {KnownChain} found */
    keep(found) {
        this.known = [...this.known, found].slice(-MOST_CHAINS);
    }
}

/** @param {Chain} chain */
function subjectOfChain({ symbol, expiry_date, model }) {
    return [symbol, expiry_date, model.iv_source].join();
}

/** @param {Chain} chain @param {string} since @param {string} until */
function placeInRecord(chain, since, until) {
    return { subject: subjectOfChain(chain), since, until };
}

/**
 * @param {Chain} chain what it is to be compared with
 * @param {string} moment @param {AbortSignal} signal
 * @returns {Promise<Chain>} with those fields of its contracts that are compared
 */
async function askChain({ symbol, expiry_date, model }, moment, signal) {
    const parameters = {
        expiry: expiry_date,
        as_of: moment,
        greeks: true,
        iv_source: model.iv_source,
        layout: "rows",
        columns: EARLIER_COLUMNS,
    };
    const { body } = await getJson(chainPath(symbol), parameters, { signal, cache: "default" });
    return body;
}
