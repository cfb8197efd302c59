/** The open interest by strike and interval of one expiry's day, as the API has it by now. */

import { addressOf, getJson } from "../../requests/api.js";
import { serverNow } from "../../requests/server_clock.js";
import { chainPath } from "../../requests/snapshot.js";
import { isoDay } from "../../words/format.js";
import { HEAT_INTERVAL, heatBy } from "./heat_grid.js";

/** @import { Chain } from "../../api_types.d.ts" */
/** @import { QueryParameters } from "../../requests/api.js" */
/** @import { Snapshot } from "../../requests/snapshot.js" */
/** @import { InterestRecord } from "../structure.d.ts" */

export class InterestOfDay {
    constructor() {
        /** Symbol, expiry and day of the records. */
        this.subject = "";
        /** @type {InterestRecord[]} by time */
        this.records = [];
        /** The newest snapshot by which everything is there. */
        this.knownUntil = "";
    }

    /** Whether anything has been asked for, and has come. */
    get isRead() {
        return this.knownUntil !== "";
    }

    /** What of the day is shown with a snapshot. @param {Snapshot} snapshot */
    recordsOf(snapshot) {
        return snapshot.at ? heatBy(this.records, snapshot) : this.records;
    }

    /** The last snapshot of the day, which a replay may be before. */
    get end() {
        return this.records.at(-1)?.snapshot_timestamp ?? null;
    }

    /** Begin anew if a chain is of another day or expiry. @param {Chain} chain */
    begin({ symbol, expiry_date, timestamp }) {
        const subject = [symbol, expiry_date, isoDay(timestamp)].join();
        if (subject === this.subject) return;
        this.subject = subject;
        this.records = [];
        this.knownUntil = "";
    }

    /**
     * Get the intervals that are missing: the newest one again, and those after it.
     * @param {Chain} chain whose day it is
     * @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether anything was asked
     */
    async refresh(chain, signal) {
        this.begin(chain);
        if (chain.timestamp <= this.knownUntil) return false;
        const { subject } = this;
        const { folder, parameters } = requestOfDay(chain);
        const from = this.records.at(-1)?.timestamp ?? parameters.from;
        const { records, to } = await fetchInterest(folder, { ...parameters, from }, signal);
        if (this.subject !== subject) return false;
        const [first] = records;
        const kept = this.records.filter((each) => !first || each.timestamp < first.timestamp);
        this.records = [...kept, ...records];
        this.knownUntil = chain.timestamp;
        if (to > chain.timestamp) this.knownUntil = to;
        return true;
    }
}

/** What brings all intervals of a chain's day. @param {Chain} chain */
function requestOfDay({ symbol, expiry_date: expiry, timestamp }) {
    const day = isoDay(timestamp);
    const to = day === isoDay(serverNow()) ? null : day;
    return {
        folder: `${chainPath(symbol)}/analytics/open-interest/`,
        parameters: { expiry, from: day, to, interval: HEAT_INTERVAL },
    };
}

/** The address of all intervals that are shown with a snapshot. @param {Snapshot} snapshot */
export function addressOfInterest({ chain, at }) {
    const { folder, parameters } = requestOfDay(chain);
    return addressOf(`${folder}history`, at ? { ...parameters, to: chain.timestamp } : parameters);
}

/**
 * @param {string} folder @param {QueryParameters} parameters @param {AbortSignal} signal
 * @returns {Promise<{records: InterestRecord[], to: string}>}
 */
async function fetchInterest(folder, parameters, signal) {
    let { body } = await getJson(`${folder}history`, parameters, { signal });
    const records = interestRecords(body);
    while (body.next) {
        ({ body } = await getJson(folder + body.next, {}, { signal }));
        records.push(...interestRecords(body));
    }
    return { records, to: body.to };
}

/** @param {{records: InterestRecord[], strike_prices: number[]}} body */
function interestRecords({ records, strike_prices: strikes }) {
    return records.map((record) => ({ ...record, strikes }));
}
