/** The candles of a strategy's legs through a day, and the gaps of the record, as the API has them. */

import { addressOf, getJson } from "../../requests/api.js";
import { ApiError } from "../../requests/api_error.js";
import { serverNow } from "../../requests/server_clock.js";
import { chainPath } from "../../requests/snapshot.js";
import { isoDay } from "../../words/format.js";
import { worthByMinute } from "./strategy_day.js";

/** @import { QueryParameters } from "../../requests/api.js" */
/** @import { Snapshot } from "../../requests/snapshot.js" */
/** @import { PricedLeg } from "./priced_legs.js" */
/** @import { LegCandle, RecordGap, StrategyMinute } from "./strategy_day.js" */

const REFRESH_MS = 60000;
/** More than a day has minutes. */
const LIMIT = 1000;

/** The name of a leg's contract. @param {PricedLeg} priced */
function contractOf({ leg, expiry }) {
    return `${leg.strike}${leg.type}:${expiry}`;
}

export class LegCandles {
    constructor() {
        /** Symbol and day. */
        this.subject = "";
        /** @type {Map<string, LegCandle[]>} by contract */
        this.candles = new Map();
        /** @type {RecordGap[]} */
        this.gaps = [];
        this.refreshedAt = -Infinity;
        /** Grows with each change. */
        this.version = 0;
    }

    /**
     * Get what is missing, if that is due.
     * @param {string} symbol @param {string} timestamp of the day
     * @param {PricedLeg[]} legs @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether something is new
     */
    async refresh(symbol, timestamp, legs, signal) {
        const day = isoDay(timestamp);
        this.begin(symbol, timestamp);
        const { subject } = this;
        const listed = legs.filter(({ isListed }) => isListed);
        const wanted = new Map(listed.map((each) => [contractOf(each), each]));
        for (const contract of this.candles.keys()) {
            if (!wanted.has(contract)) this.candles.delete(contract);
        }
        const isDue = performance.now() - this.refreshedAt >= REFRESH_MS;
        const asked = [...wanted].filter(([contract]) => isDue || !this.candles.has(contract));
        if (!asked.length) return false;
        const [gaps, ...found] = await Promise.all([
            isDue ? fetchGaps(symbol, day, signal) : this.gaps,
            ...asked.map(([contract, each]) => this.fetch(symbol, day, contract, each, signal)),
        ]);
        if (subject !== this.subject) return false;
        this.gaps = gaps;
        this.version += 1;
        for (const [index, [contract]] of asked.entries()) this.candles.set(contract, found[index]);
        if (isDue) this.refreshedAt = performance.now();
        return true;
    }

    /** Forget another symbol or day. @param {string} symbol @param {string} timestamp */
    begin(symbol, timestamp) {
        const subject = `${symbol} ${isoDay(timestamp)}`;
        if (subject === this.subject) return;
        this.subject = subject;
        this.version += 1;
        this.candles = new Map();
        this.gaps = [];
        this.refreshedAt = -Infinity;
    }

    /**
     * The last candle may have grown, so those from it on are requested.
     * @param {string} symbol @param {string} day @param {string} contract
     * @param {PricedLeg} priced @param {AbortSignal} signal
     * @returns {Promise<LegCandle[]>} all of the day
     */
    async fetch(symbol, day, contract, priced, signal) {
        const known = this.candles.get(contract) ?? [];
        const { path, parameters: whole } = requestOfLeg(symbol, day, priced);
        const parameters = { ...whole, from: known.at(-1)?.timestamp ?? day };
        const records = await listIn("records", path, parameters, signal);
        /** @type {LegCandle[]} */
        const candles = records.map(({ timestamp, snapshot_timestamp, close, source }) => ({
            timestamp,
            snapshot_timestamp,
            close,
            source,
        }));
        return [...known.slice(0, -1), ...candles];
    }

    /**
     * The addresses of all candles of legs that have any, one a contract.
     * @param {Snapshot} snapshot to which they lead in a replay @param {PricedLeg[]} legs
     */
    addressesOf({ chain, at }, legs) {
        const known = legs.filter((each) => this.candles.get(contractOf(each))?.length);
        const found = known.map((each) => {
            const { path, parameters } = requestOfLeg(chain.symbol, isoDay(chain.timestamp), each);
            return addressOf(path, at ? { ...parameters, to: chain.timestamp } : parameters);
        });
        return [...new Set(found)];
    }

    /**
     * @param {PricedLeg[]} legs
     * @param {boolean} inRupees which needs the lot sizes
     * @returns {StrategyMinute[]}
     */
    worthOf(legs, inRupees) {
        const weighed = legs.map((each) => ({
            weight: each.leg.sign * each.leg.lots * (inRupees ? Number(each.lotSize.value) : 1),
            expiry: each.expiry,
            candles: this.candles.get(contractOf(each)) ?? [],
        }));
        return worthByMinute(weighed, this.gaps);
    }
}

/**
 * What brings the candles of a leg's day.
 * @param {string} symbol @param {string} day @param {PricedLeg} priced
 * @returns {{path: string, parameters: QueryParameters}}
 */
function requestOfLeg(symbol, day, { leg, expiry }) {
    return {
        path: `${chainPath(symbol)}/history`,
        parameters: {
            strike: leg.strike,
            option_type: leg.type,
            expiry,
            interval: "1m",
            from: day,
            to: day === isoDay(serverNow()) ? null : day,
            limit: LIMIT,
        },
    };
}

/** @param {string} symbol @param {string} day @param {AbortSignal} signal @returns {Promise<RecordGap[]>} */
function fetchGaps(symbol, day, signal) {
    return listIn("gaps", `${chainPath(symbol)}/gaps`, { date: day }, signal);
}

/**
 * A list of an answer, empty where nothing was recorded.
 * @param {string} name @param {string} path @param {QueryParameters} parameters
 * @param {AbortSignal} signal
 * @returns {Promise<any[]>}
 */
async function listIn(name, path, parameters, signal) {
    try {
        const { body } = await getJson(path, parameters, { signal });
        return body[name];
    } catch (error) {
        if (error instanceof ApiError && error.isNoData) return [];
        throw error;
    }
}
