/** Numbers of the analytics of one expiry through a day, and what the API has of them by now. */

import { isoDay } from "../words/format.js";
import { addressOf, getJson } from "./api.js";
import { DayLedger } from "./day_ledger.js";
import { breaksOfGaps, markBreaks } from "./record_breaks.js";
import { serverNow } from "./server_clock.js";
import { chainPath } from "./snapshot.js";

/** @import { Chain } from "../api_types.d.ts" */
/** @import { QueryParameters } from "./api.js" */
/** @import { Snapshot } from "./snapshot.js" */

const PAGE_LIMIT = 10000;
/** This often the API is asked for what is missing. */
const REFRESH_PERIOD_MS = 120000;
/** After such a pause the record may have a gap. */
const LONG_PAUSE_MS = 120000;

/**
 * What each record has beside its numbers. `brokenAt`: since when nothing was recorded before it, in
 * milliseconds since 1970.
 * @typedef {{timestamp: string, settled: boolean, source: string,
 *     legs_missing?: number | null, brokenAt?: number}} RecordOfDay
 */

/** @template {RecordOfDay} T */
export class DayRecords {
    /** @param {readonly string[]} metrics of the analytics */
    constructor(metrics) {
        this.metrics = metrics;
        /** Symbol, expiry and day of the records. */
        this.subject = "";
        /** @type {T[]} by time */
        this.records = [];
        this.ledger = new DayLedger();
        this.refreshedAt = -Infinity;
        /** @type {string | null} up to this timestamp no record is missing */
        this.completeUntil = null;
    }

    /** Whether the records of the whole day have come. */
    get isComplete() {
        return this.completeUntil !== null;
    }

    /** Whether the records are those of a chain's expiry and day. @param {Chain} chain */
    isOf(chain) {
        return this.subject === subjectOfRecords(chain);
    }

    /** Begin anew if a chain is of another day or expiry. @param {Chain} chain */
    begin(chain) {
        if (this.isOf(chain)) return;
        this.subject = subjectOfRecords(chain);
        this.records = [];
        this.ledger = new DayLedger();
        this.refreshedAt = -Infinity;
        this.completeUntil = null;
    }

    /** Add a snapshot; one of another day or expiry begins anew. @param {Snapshot} snapshot */
    add(snapshot) {
        this.begin(snapshot.chain);
        const { timestamp } = snapshot.chain;
        const last = this.records.at(-1)?.timestamp ?? timestamp;
        if (Date.parse(timestamp) - Date.parse(last) > LONG_PAUSE_MS) this.expire();
        const isLast = last < timestamp || !this.records.length;
        this.insert([this.recordOf(snapshot)]);
        this.markBreaks(isLast ? this.records.length - 1 : 0);
    }

    /** @param {Snapshot} snapshot @returns {T} */
    recordOf({ chain, analytics }) {
        const known = this.recordAt(chain.timestamp);
        // Without analytics the snapshot tells nothing of what the history has of its moment.
        const values = /** @type {Record<string, unknown>} */ (analytics ?? known ?? {});
        const numbers = this.metrics.map((name) => [name, values[name] ?? null]);
        return /** @type {T} */ ({
            timestamp: chain.timestamp,
            settled: chain.settled || known?.settled === true,
            source: chain.source,
            ...Object.fromEntries(numbers),
        });
    }

    /** The next refresh is due at once. */
    expire() {
        this.refreshedAt = -Infinity;
    }

    /**
     * Get the records that are missing, if that is due.
     * @param {Chain} chain whose day it is
     * @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether there are new records
     */
    async refresh(chain, signal) {
        this.begin(chain);
        if (performance.now() - this.refreshedAt < REFRESH_PERIOD_MS) return false;
        const { subject } = this;
        const [records] = await Promise.all([
            this.fetchSince(chain, signal),
            this.ledger.refresh({ chain, at: null }, signal),
        ]);
        if (this.subject !== subject) return false;
        this.refreshedAt = performance.now();
        this.insert(records);
        this.markBreaks();
        this.completeUntil = records.at(-1)?.timestamp ?? this.completeUntil;
        return records.length > 0;
    }

    /** @param {number} [first] the index of the first record that is new */
    markBreaks(first = 0) {
        markBreaks(this.records, breaksOfGaps(this.ledger.answer?.gaps ?? []), first);
    }

    /** @param {T[]} records */
    insert(records) {
        const last = this.records.at(-1);
        if (records.length === 1 && (!last || last.timestamp < records[0].timestamp)) {
            this.records.push(records[0]);
            return;
        }
        const byTime = new Map(
            [...this.records, ...records].map((record) => [record.timestamp, record]),
        );
        this.records = [...byTime.values()].sort((one, other) =>
            one.timestamp < other.timestamp ? -1 : 1,
        );
    }

    /** The record of a moment. @param {string} timestamp */
    recordAt(timestamp) {
        const found = this.records[this.indexAt(timestamp)];
        return found?.timestamp === timestamp ? found : undefined;
    }

    /**
     * @param {string} timestamp
     * @returns {number} the index of the last record by then, -1 before the first
     */
    indexAt(timestamp) {
        return this.records.findLastIndex((record) => record.timestamp <= timestamp);
    }

    /**
     * @param {Chain} chain
     * @param {AbortSignal} signal
     * @returns {Promise<T[]>} those from `completeUntil` on, or all of the day
     */
    async fetchSince(chain, signal) {
        const folder = folderOf(chain);
        const whole = this.requestOf(chain);
        const parameters = { ...whole, from: this.completeUntil ?? whole.from };
        let { body } = await getJson(`${folder}history`, parameters, { signal });
        const records = [...body.records];
        while (body.next) {
            ({ body } = await getJson(folder + body.next, {}, { signal }));
            records.push(...body.records);
        }
        return records;
    }

    /** What brings all records of a chain's day. @param {Chain} chain @returns {QueryParameters} */
    requestOf(chain) {
        const day = isoDay(chain.timestamp);
        const isPast = day !== isoDay(serverNow());
        return {
            expiry: chain.expiry_date,
            from: day,
            to: isPast ? day : null,
            limit: PAGE_LIMIT,
            metric: this.metrics.join(),
        };
    }

    /** The address that brings all records that are shown with a snapshot. @param {Snapshot} snapshot */
    addressOf({ chain, at }) {
        const whole = this.requestOf(chain);
        return addressOf(
            `${folderOf(chain)}history`,
            at ? { ...whole, to: chain.timestamp } : whole,
        );
    }
}

/** @param {Chain} chain */
function folderOf({ symbol }) {
    return `${chainPath(symbol)}/analytics/`;
}

/** @param {Chain} chain */
function subjectOfRecords({ symbol, expiry_date, timestamp }) {
    return [symbol, expiry_date, isoDay(timestamp)].join();
}
