/**
 * The analytics of one expiry through a day: the steps of the slider, and the lines of the day's
 * charts.
 */

import { getJson } from "./api.js";
import { isoDay } from "./format.js";
import { serverNow } from "./server_clock.js";
import { chainPath } from "./snapshot.js";

/** @import { QueryParameters } from "./api.js" */
/** @import { Chain } from "./api_types.d.ts" */
/** @import { Snapshot } from "./snapshot.js" */

const HISTORY_METRICS = /** @type {const} */ ([
    "underlying_value",
    "reference_price",
    "pcr_oi",
    "straddle_price",
    "atm_iv",
    "legs_missing",
]);
const PAGE_LIMIT = 10000;
/** Each poll appends its own record; this often the API fills in those that no poll has seen. */
const REFRESH_PERIOD_MS = 120000;

/**
 * @typedef {{timestamp: string, settled: boolean, source: string} &
 *     Record<typeof HISTORY_METRICS[number], number | null>} DayRecord
 */

export class DayHistory {
    constructor() {
        /** Symbol, expiry and day of the records. */
        this.subject = "";
        /** @type {DayRecord[]} by time */
        this.records = [];
        this.refreshedAt = -Infinity;
        /** @type {string | null} up to this timestamp no record is missing */
        this.completeUntil = null;
    }

    /**
     * Add a snapshot; one of another day or expiry begins a new history.
     * @param {Snapshot} snapshot
     */
    add({ chain, analytics }) {
        const subject = [chain.symbol, chain.expiry_date, isoDay(chain.timestamp)].join();
        if (subject !== this.subject) {
            this.subject = subject;
            this.records = [];
            this.refreshedAt = -Infinity;
            this.completeUntil = null;
        }
        // A line of volatilities from prices takes none of the exchange's; the API fills that in.
        const isOfPrices = analytics?.model.iv_source === "price";
        const known = this.records.find((record) => record.timestamp === chain.timestamp);
        const record = {
            timestamp: chain.timestamp,
            settled: chain.settled || known?.settled === true,
            source: chain.source,
            underlying_value: chain.underlying_value,
            reference_price: analytics?.reference_price ?? null,
            pcr_oi: analytics?.pcr_oi ?? null,
            straddle_price: analytics?.straddle_price ?? null,
            atm_iv: (isOfPrices ? analytics?.atm_iv : known?.atm_iv) ?? null,
            legs_missing: analytics?.legs_missing ?? null,
        };
        this.merge([record]);
    }

    /** Whether the records of the whole day have come. */
    get isComplete() {
        return this.completeUntil !== null;
    }

    /** Whether the snapshot of a time is the settled chain of the day. @param {string} timestamp */
    isSettled(timestamp) {
        return this.records.some((record) => record.timestamp === timestamp && record.settled);
    }

    /** Polls were missed: the next refresh is due at once. */
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
        if (performance.now() - this.refreshedAt < REFRESH_PERIOD_MS) return false;
        const { subject } = this;
        const records = await fetchRecords(chain, this.completeUntil, signal);
        if (this.subject !== subject) return false;
        this.refreshedAt = performance.now();
        this.merge(records);
        this.completeUntil = records.at(-1)?.timestamp ?? this.completeUntil;
        return records.length > 0;
    }

    /** @param {DayRecord[]} records */
    merge(records) {
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

    /**
     * @param {string} timestamp
     * @returns {number} the index of the last record by then, -1 before the first
     */
    indexAt(timestamp) {
        return this.records.findLastIndex((record) => record.timestamp <= timestamp);
    }
}

/**
 * @param {Chain} chain @param {string | null} from the first timestamp; null for the whole day
 * @param {AbortSignal} signal
 * @returns {Promise<DayRecord[]>}
 */
async function fetchRecords(chain, from, signal) {
    const day = isoDay(chain.timestamp);
    const isPast = day !== isoDay(serverNow());
    /** @type {QueryParameters} */
    const parameters = {
        expiry: chain.expiry_date,
        from: from ?? day,
        to: isPast ? day : null,
        limit: PAGE_LIMIT,
        metric: HISTORY_METRICS.join(),
    };
    const folder = `${chainPath(chain.symbol)}/analytics/`;
    let { body } = await getJson(`${folder}history`, parameters, { signal });
    const records = [...body.records];
    while (body.next) {
        ({ body } = await getJson(folder + body.next, {}, { signal }));
        records.push(...body.records);
    }
    return records;
}
