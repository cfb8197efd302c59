/** The day's snapshots of one expiry: what the slider steps through and the charts of the day draw. */

import { ask } from "./api.js";
import { isoDay } from "./format.js";

const METRICS = ["underlying_value", "pcr_oi", "straddle_price", "atm_iv"];
const MOST_RECORDS = 10000;
/** Our own polls append what they see; now and then the API fills in what they missed. */
const RENEWED_EVERY_MS = 120000;

/** @typedef {{timestamp: string, underlying_value: number | null, pcr_oi: number | null, straddle_price: number | null, atm_iv: number | null}} Moment */

export class Day {
    constructor() {
        this.of = "";
        /** @type {Moment[]} by time */
        this.moments = [];
        this.renewed = -Infinity;
        /** @type {string | null} the last snapshot by which none is missing */
        this.complete = null;
    }

    /** Take a picture in, beginning anew where it is of another day or expiry. @param {import("./picture.js").Picture} picture */
    add({ chain, figures }) {
        const of = [chain.symbol, chain.expiry_date, isoDay(chain.timestamp)].join();
        if (of !== this.of) {
            this.of = of;
            this.moments = [];
            this.renewed = -Infinity;
            this.complete = null;
        }
        const moment = Object.fromEntries(METRICS.map((name) => [name, figures?.[name] ?? null]));
        this.merge([{ ...moment, timestamp: chain.timestamp, underlying_value: chain.underlying_value }]);
    }

    /** Polls were missed: ask for what there was meanwhile. */
    doubt() {
        this.renewed = -Infinity;
    }

    /**
     * Ask for the day, or for what is new of it, where that is due.
     * @param {any} chain whose day it is @param {AbortSignal} signal @returns {Promise<boolean>} whether it has changed
     */
    async renew(chain, signal) {
        if (performance.now() - this.renewed < RENEWED_EVERY_MS) return false;
        const { of } = this;
        const day = isoDay(chain.timestamp);
        const over = day !== isoDay(Date.now());
        const query = {
            expiry: chain.expiry_date,
            from: this.complete ?? day,
            to: over ? day : null,
            limit: MOST_RECORDS,
        };
        const records = await recordsOf(chain.symbol, query, signal);
        if (this.of !== of) return false;
        this.renewed = performance.now();
        this.merge(records);
        this.complete = records.at(-1)?.timestamp ?? this.complete;
        return records.length > 0;
    }

    merge(records) {
        const last = this.moments.at(-1);
        if (records.length === 1 && (!last || last.timestamp < records[0].timestamp)) {
            this.moments.push(records[0]);
            return;
        }
        const all = new Map([...this.moments, ...records].map((moment) => [moment.timestamp, moment]));
        this.moments = [...all.values()].sort((one, other) => (one.timestamp < other.timestamp ? -1 : 1));
    }

    /** The place of the last snapshot by a moment, -1 before the first. @param {string} timestamp */
    indexAt(timestamp) {
        return this.moments.findLastIndex((moment) => moment.timestamp <= timestamp);
    }
}

async function recordsOf(symbol, query, signal) {
    const path = `option-chain/${encodeURIComponent(symbol)}/analytics/`;
    let { body } = await ask(`${path}history`, { ...query, metric: METRICS.join() }, { signal });
    const records = [...body.records];
    while (body.next) {
        ({ body } = await ask(path + body.next, {}, { signal }));
        records.push(...body.records);
    }
    return records;
}
