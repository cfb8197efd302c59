/** The records of contracts of one day: their candles, or their documents. */

import { chosenVolatility } from "../figures/volatility_choice.js";
import { isoDay } from "../words/format.js";
import { addressOf, getJson } from "./api.js";
import { ApiError } from "./api_error.js";
import { serverNow } from "./server_clock.js";
import { chainPath } from "./snapshot.js";

/** @import { ContractCandle, ContractDocument } from "../api_types.d.ts" */
/** @import { QueryParameters } from "./api.js" */
/** @import { Snapshot } from "./snapshot.js" */

const PAGE_LIMIT_OF_CONTRACT = 10000;
/** This often the API is asked where no new snapshot says that there is something new. */
const QUIET_PERIOD_MS = 30000;
const DOCUMENT_COLUMNS =
    "fetched_at,last_price,bid_price,ask_price,open_interest,total_traded_volume";

/**
 * What is asked for: with an interval candles, without one documents. `time` is that of a record in
 * milliseconds since 1970: the beginning of a candle, the tick of a document.
 * @typedef {{identifier: string, interval: string | null}} WantedContract
 * @typedef {{time: number, timestamp: string, snapshot_timestamp?: string}} TimedRecord
 * @typedef {TimedRecord & ContractCandle} TimedCandle
 * @typedef {TimedRecord & ContractDocument} TimedDocument
 */

/** When something of a day is due: of today at each live snapshot and from time to time, of the past once. */
export class DueOfDay {
    constructor() {
        this.timestamp = "";
        this.askedAt = -Infinity;
        this.isFinal = false;
    }

    /** Each step of a replay is of the same day, and brings nothing new. @param {Pick<Snapshot, "chain" | "at">} snapshot */
    isDue({ chain, at }) {
        if (this.isFinal) return false;
        const isNew = at === null && this.timestamp !== chain.timestamp;
        return isNew || performance.now() - this.askedAt >= QUIET_PERIOD_MS;
    }

    /** @param {Pick<Snapshot, "chain">} snapshot */
    markDone({ chain }) {
        this.timestamp = chain.timestamp;
        this.askedAt = performance.now();
        this.isFinal = isPast(isoDay(chain.timestamp));
    }
}

class ContractDay {
    /** @param {WantedContract} wanted @param {string} symbol @param {string} day */
    constructor({ identifier, interval }, symbol, day) {
        this.path = `${chainPath(symbol)}/`;
        this.day = day;
        /** @type {QueryParameters} */
        this.parameters = {
            identifier,
            interval,
            limit: PAGE_LIMIT_OF_CONTRACT,
            ...(interval
                ? { greeks: true, iv_source: chosenVolatility() }
                : { columns: DOCUMENT_COLUMNS }),
        };
        /** @type {TimedRecord[]} by time */
        this.records = [];
        /** Why there are none. */
        this.problem = "";
        /** The newest snapshot of its expiry, in milliseconds since 1970: what came by then is known. */
        this.knownUntil = -Infinity;
        this.due = new DueOfDay();
    }

    /**
     * Get what is missing, from the last record on.
     * @param {Snapshot} snapshot @param {AbortSignal} signal
     */
    async refresh(snapshot, signal) {
        try {
            this.append(await this.fetchRecords(signal));
            this.problem = "";
        } catch (error) {
            if (!(error instanceof ApiError) || !error.isNoData) throw error;
            this.problem = error.message;
        }
        this.due.markDone(snapshot);
    }

    /** The request that brings all of the day. @param {string | null} at to the time that is replayed */
    addressTo(at) {
        const parameters = this.parametersFrom(this.day);
        return addressOf(`${this.path}history`, at ? { ...parameters, to: at } : parameters);
    }

    /** @param {string} from the first record @returns {QueryParameters} */
    parametersFrom(from) {
        return { ...this.parameters, from, to: isPast(this.day) ? this.day : null };
    }

    /** Whether the API has answered. */
    get isKnown() {
        return this.due.timestamp !== "";
    }

    /** The last record may have changed: a candle grows. @param {TimedRecord[]} records */
    append(records) {
        if (!records.length) return;
        const since = records[0].timestamp;
        const kept = this.records.filter((record) => record.timestamp < since);
        this.records = [...kept, ...records];
    }

    /** @param {AbortSignal} signal @returns {Promise<TimedRecord[]>} */
    async fetchRecords(signal) {
        const parameters = this.parametersFrom(this.records.at(-1)?.timestamp ?? this.day);
        let { body } = await getJson(`${this.path}history`, parameters, { signal });
        const records = [...body.records];
        while (body.next) {
            ({ body } = await getJson(this.path + body.next, {}, { signal }));
            records.push(...body.records);
        }
        this.knownUntil = Date.parse(body.timestamp);
        return records.map((record) => {
            const timestamp = record.timestamp ?? record.fetched_at;
            return { ...record, timestamp, time: Date.parse(timestamp) };
        });
    }
}

/** The contracts that are wanted of a day, and no others. */
export class ContractDays {
    constructor() {
        /** @type {Map<string, ContractDay>} */
        this.days = new Map();
    }

    /**
     * Get those that are due.
     * @param {WantedContract[]} wanted @param {Snapshot} snapshot @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether anything may have changed
     * @throws {ApiError} where no contract can be had
     */
    async refresh(wanted, snapshot, signal) {
        const days = wanted.map((each) => this.dayOf(each, snapshot));
        const keys = new Set(wanted.map((each) => keyOf(each, snapshot)));
        for (const key of this.days.keys()) if (!keys.has(key)) this.days.delete(key);
        const due = days.filter((day) => day.due.isDue(snapshot));
        await Promise.all(due.map((day) => day.refresh(snapshot, signal)));
        return due.length > 0;
    }

    /** @param {WantedContract} wanted @param {Snapshot} snapshot */
    dayOf(wanted, snapshot) {
        const key = keyOf(wanted, snapshot);
        const { symbol, timestamp } = snapshot.chain;
        const day = this.days.get(key) ?? new ContractDay(wanted, symbol, isoDay(timestamp));
        this.days.set(key, day);
        return day;
    }
}

/** @param {WantedContract} wanted @param {Snapshot} snapshot */
function keyOf({ identifier, interval }, { chain }) {
    return [identifier, interval, interval && chosenVolatility(), isoDay(chain.timestamp)].join();
}

/** @param {string} day */
function isPast(day) {
    return day !== isoDay(serverNow());
}
