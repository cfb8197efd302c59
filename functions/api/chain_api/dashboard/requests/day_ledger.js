/** What the ledger has of a symbol's day: its sessions, and where the record has gaps. */

import { isoDay } from "../words/format.js";
import { addressOf, getJson } from "./api.js";
import { DueOfDay } from "./contract_days.js";
import { chainPath } from "./snapshot.js";

/** @import { GapsOfDay } from "../api_types.d.ts" */
/** @import { Snapshot } from "./snapshot.js" */

/** The reading of the last values is five minutes after a close. */
const AFTER_CLOSE_MS = 600000;

export class DayLedger {
    constructor() {
        this.subject = "";
        this.due = new DueOfDay();
        /** @type {GapsOfDay | null} null until it has come */
        this.answer = null;
    }

    /**
     * Get the gaps of a snapshot's day, if that is due.
     * @param {Pick<Snapshot, "chain" | "at">} snapshot @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether they may have changed
     */
    async refresh(snapshot, signal) {
        this.begin(snapshot);
        if (!this.due.isDue(snapshot)) return false;
        const { path, parameters } = gapsRequest(snapshot);
        const { body } = await getJson(path, parameters, { signal });
        this.answer = body;
        this.due.markDone(snapshot);
        return true;
    }

    /** Forget what is of another day. @param {Pick<Snapshot, "chain">} snapshot */
    begin({ chain }) {
        const subject = `${chain.symbol} ${isoDay(chain.timestamp)}`;
        if (subject === this.subject) return;
        this.subject = subject;
        this.answer = null;
        this.due = new DueOfDay();
    }

    /** @returns {number} milliseconds between two ticks */
    get tick() {
        return (this.answer?.interval_seconds ?? 0) * 1000;
    }

    /** Whether a time is of the sessions, or there are none. @param {string} timestamp */
    isInSession(timestamp) {
        const closes = this.answer?.sessions.at(-1)?.closes;
        return !closes || Date.parse(timestamp) <= Date.parse(closes) + AFTER_CLOSE_MS;
    }
}

/** @param {Pick<Snapshot, "chain">} snapshot */
function gapsRequest({ chain: { symbol, timestamp } }) {
    return { path: `${chainPath(symbol)}/gaps`, parameters: { date: isoDay(timestamp) } };
}

/** The address of the gaps of a snapshot's day. @param {Pick<Snapshot, "chain">} snapshot */
export function addressOfGaps(snapshot) {
    const { path, parameters } = gapsRequest(snapshot);
    return addressOf(path, parameters);
}
