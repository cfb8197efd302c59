/** The close of the trading day before: when it was, and the underlying's price then. */

import { isoDay } from "../words/format.js";
import { getJson } from "./api.js";
import { ApiError } from "./api_error.js";
import { recordedDays } from "./recorded_days.js";
import { chainPath } from "./snapshot.js";

/** @import { Chain } from "../api_types.d.ts" */

const CLOSE_RETRY_MS = 15000;
const NO_CLOSE_RETRY_MS = 300000;

/**
 * `at` is the tick of the day's last chain of this expiry, the settled one if there is any. `reason`
 * is a name of the API: why there is none; "" while it is being asked for.
 * @typedef {{value: number | null, at: string | null, settled: boolean, reason: string}} DayClose
 */

/** @type {DayClose} */
const CLOSE_NOT_YET = { value: null, at: null, settled: false, reason: "" };
/** @type {[DayClose, number]} */
const NO_CLOSE = [{ ...CLOSE_NOT_YET, reason: "no_previous_close" }, NO_CLOSE_RETRY_MS];

export class PreviousClose {
    constructor() {
        /** Symbol, expiry and day of the chain before whose day the close is. */
        this.subject = "";
        this.close = CLOSE_NOT_YET;
        this.dueAt = -Infinity;
    }

    /** @param {Chain} chain @returns {DayClose} */
    of(chain) {
        return this.subject === subjectOfDay(chain) ? this.close : CLOSE_NOT_YET;
    }

    /**
     * Ask once a day and expiry: a close of the past does not change.
     * @param {Chain} chain @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether there is news
     */
    async fetch(chain, signal) {
        const subject = subjectOfDay(chain);
        if (subject === this.subject && performance.now() < this.dueAt) return false;
        const [close, wait] = await askClose(chain, signal);
        signal.throwIfAborted();
        this.subject = subject;
        this.close = close;
        this.dueAt = performance.now() + wait;
        return true;
    }
}

/** @param {Chain} chain */
function subjectOfDay({ symbol, expiry_date, timestamp }) {
    return [symbol, expiry_date, isoDay(timestamp)].join();
}

/**
 * @param {Chain} chain @param {AbortSignal} signal
 * @returns {Promise<[DayClose, number]>} the close, and the milliseconds until the next request
 * @throws {ApiError} for an error that concerns every request
 */
async function askClose(chain, signal) {
    const path = `${chainPath(chain.symbol)}/changes`;
    const parameters = {
        expiry: chain.expiry_date,
        from: "previous_close",
        to: chain.timestamp,
        strikes_around_atm: 0,
        limit: 1,
    };
    try {
        if (isNewlyListed(chain) || (await isFirstDay(chain))) return NO_CLOSE;
        const { body } = await getJson(path, parameters, { signal, cache: "default" });
        const { underlying_value: value, timestamp: at, settled } = body.from;
        return [{ value, at, settled, reason: value === null ? "not_sent" : "" }, Infinity];
    } catch (error) {
        if (signal.aborted || !(error instanceof ApiError)) throw error;
        if (error.kind === "key" || error.kind === "limited") throw error;
        return error.isNoData ? NO_CLOSE : [CLOSE_NOT_YET, CLOSE_RETRY_MS];
    }
}

/** Whether all contracts of a chain were listed that day. @param {Chain} chain */
function isNewlyListed({ rows }) {
    const legs = rows.flatMap(({ call, put }) => [call, put]).filter((leg) => leg !== null);
    return legs.length > 0 && legs.every((leg) => leg.newly_listed === true);
}

/** Whether nothing of a chain's symbol was recorded before its day. @param {Chain} chain */
async function isFirstDay({ symbol, timestamp }) {
    const day = isoDay(timestamp);
    return (await recordedDays(symbol, day, day)).before === null;
}
