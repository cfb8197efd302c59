/**
 * The requests beside the chain, each with its own period: symbols, expiries, the day's history,
 * health.
 */

import { alertWatch } from "../alerts/alert_watch.js";
import { isoDay } from "../words/format.js";
import { getHealth, getJson } from "./api.js";
import { ApiError } from "./api_error.js";
import { setServerTime } from "./server_clock.js";
import { chainPath } from "./snapshot.js";

/** @import { Health } from "../api_types.d.ts" */
/** @import { DayHistory } from "./day_history.js" */
/** @import { Pickers } from "../page/pickers.js" */
/** @import { Snapshot } from "./snapshot.js" */

const LISTS_PERIOD_MS = 300000;
const HEALTH_PERIOD_MS = 15000;
const RETRY_MS = 15000;

export class PeriodicRequests {
    /** @param {Pickers} pickers @param {DayHistory} history */
    constructor(pickers, history) {
        this.pickers = pickers;
        this.history = history;
        /** @type {Health | null} */
        this.health = null;
        this.isAskingHealth = false;
        /** Whether a poll has begun since the numbers of alerts were asked for: a replay needs none. */
        this.awaitsAlerts = false;
        /** @type {Map<string, string>} the tier of each symbol */
        this.tiers = new Map();
        /** @type {Map<string, {subject: string, dueAt: number}>} the last request of each name */
        this.done = new Map();
        /** @type {Map<string, ApiError>} those that failed last, by name */
        this.failures = new Map();
    }

    /** @param {AbortSignal} signal @returns {Promise<string[]>} the recorded symbols */
    async fetchSymbols(signal) {
        const { body } = await getJson("symbols", { columns: "symbol,tier" }, { signal });
        this.markDone("symbols", "", LISTS_PERIOD_MS);
        /** @type {{symbol: string, tier: string}[]} */
        const rows = body.symbols;
        this.tiers = new Map(rows.map((row) => [row.symbol, row.tier]));
        return rows.map((row) => row.symbol);
    }

    /**
     * The health, with the time in which this symbol is read once.
     * @param {string | undefined} symbol
     * @returns {Health | null} null where it is not known
     */
    healthOf(symbol) {
        const tier = this.tiers.get(symbol ?? "");
        const period = this.health?.tiers?.find((each) => each.tier === tier)?.period_seconds;
        if (!this.health || period === undefined) return this.health;
        return { ...this.health, interval_seconds: period };
    }

    /**
     * Make those requests that are due. One that fails is tried again soon.
     * @param {Snapshot} snapshot the one that is shown
     * @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether the day's history has changed, or why it has not come
     * @throws {ApiError} only for errors that concern every request
     */
    async run(snapshot, signal) {
        const { chain } = snapshot;
        const day = `${chain.symbol} ${isoDay(chain.timestamp)}`;
        const showSymbols = async () =>
            this.pickers.showSymbols(await this.fetchSymbols(signal), chain.symbol);
        const showExpiries = () => this.fetchExpiries(snapshot, signal);
        const failure = this.failures.get("history");
        // The history knows by itself when it is due.
        const refreshHistory = () => this.history.refresh(chain, signal);
        const [, , changed] = await Promise.all([
            this.runIfDue("symbols", "", LISTS_PERIOD_MS, showSymbols, signal),
            this.runIfDue("expiries", day, LISTS_PERIOD_MS, showExpiries, signal),
            this.runIfDue("history", this.history.subject, 0, refreshHistory, signal),
        ]);
        return changed === true || this.failures.get("history") !== failure;
    }

    /** Look after the alerts, once a poll; the chain does not wait for those that cannot be. @param {AbortSignal} signal */
    async runAlerts(signal) {
        if (!this.awaitsAlerts) return;
        this.awaitsAlerts = false;
        await this.runIfDue("alerts", "", 0, () => alertWatch.fetch(signal), signal);
    }

    /** Why the history of the day has not come, "" where it has. */
    get historyFailure() {
        return this.failures.get("history")?.message ?? "";
    }

    /** The requests beside the chain that failed last. @param {Snapshot | null} shown */
    failuresWith(shown) {
        const error = shown?.analyticsError;
        return new Map([
            ...(error ? [/** @type {const} */ (["analytics", error])] : []),
            ...this.failures,
        ]);
    }

    /** @param {Snapshot} snapshot @param {AbortSignal} signal */
    async fetchExpiries({ chain, at }, signal) {
        const path = `${chainPath(chain.symbol)}/expiry-dates`;
        const { body } = await getJson(path, { as_of: at }, { signal });
        this.pickers.showExpiries(body.expiry_dates, chain.expiry_date);
    }

    /**
     * Get the health if it is due.
     * @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether it was due
     */
    async fetchHealth(signal) {
        if (!this.isDue("health", "")) return false;
        this.markDone("health", "", HEALTH_PERIOD_MS);
        this.isAskingHealth = true;
        try {
            this.health = await getHealth(signal);
            setServerTime(this.health.timestamp);
        } catch {
            // What was known may not be so any more; it is asked for again with the next poll.
            this.done.delete("health");
            if (!signal.aborted) this.health = null;
        } finally {
            this.isAskingHealth = false;
        }
        return !signal.aborted;
    }

    /** Let the health be due: a request beside it has failed. */
    expireHealth() {
        this.done.delete("health");
    }

    /**
     * @template T
     * @param {string} name of the request
     * @param {string} subject what it is about; for another subject it is due at once
     * @param {number} period in milliseconds
     * @param {() => Promise<T>} request
     * @param {AbortSignal} signal
     * @returns {Promise<T | undefined>}
     */
    async runIfDue(name, subject, period, request, signal) {
        if (!this.isDue(name, subject)) return undefined;
        try {
            const result = await request();
            this.markDone(name, subject, period);
            this.failures.delete(name);
            return result;
        } catch (error) {
            if (signal.aborted || !(error instanceof ApiError)) throw error;
            if (error.kind === "key" || error.kind === "limited") throw error;
            this.markDone(name, subject, RETRY_MS);
            this.failures.set(name, error);
            return undefined;
        }
    }

    /** @param {string} name @param {string} subject */
    isDue(name, subject) {
        const last = this.done.get(name);
        return !last || last.subject !== subject || performance.now() >= last.dueAt;
    }

    /** @param {string} name @param {string} subject @param {number} period in milliseconds */
    markDone(name, subject, period) {
        this.done.set(name, { subject, dueAt: performance.now() + period });
    }
}
