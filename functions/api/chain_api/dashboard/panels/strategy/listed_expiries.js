/** The expiries of a symbol that are listed at a moment. */

import { getJson } from "../../requests/api.js";
import { chainPath } from "../../requests/snapshot.js";
import { isoDay } from "../../words/format.js";

/** @import { Snapshot } from "../../requests/snapshot.js" */

const LISTS_AGE_MS = 300000;

export class ListedExpiries {
    constructor() {
        /** @type {string[]} by date */
        this.dates = [];
        /** Symbol and day. */
        this.subject = "";
        this.refreshedAt = -Infinity;
    }

    /**
     * Get them for a symbol and day, and again every five minutes.
     * @param {Snapshot} snapshot @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether they are new
     */
    async refresh({ chain, at }, signal) {
        const subject = `${chain.symbol} ${isoDay(chain.timestamp)}`;
        const isOld = performance.now() - this.refreshedAt >= LISTS_AGE_MS;
        if (subject === this.subject && !isOld) return false;
        const path = `${chainPath(chain.symbol)}/expiry-dates`;
        const { body } = await getJson(path, { as_of: at }, { signal });
        this.dates = body.expiry_dates;
        this.subject = subject;
        this.refreshedAt = performance.now();
        return true;
    }

    /** @param {string} expiry @returns {string | null} the next one */
    after(expiry) {
        const place = this.dates.indexOf(expiry);
        return (place < 0 ? null : this.dates[place + 1]) ?? null;
    }
}
