/** The alerts of this browser: kept, looked after at each poll, and rung. */

import { readSetting, watchSetting, writeSetting } from "../browser/local_storage.js";
import { getJson } from "../requests/api.js";
import { ApiError } from "../requests/api_error.js";
import { serverNow } from "../requests/server_clock.js";
import { alertText, causeOfRing, columnsOf, HEALTH_ALERT, storedRules } from "./alert_rules.js";

/** @import { Health } from "../api_types.d.ts" */
/** @import { AlertRow, AlertRule } from "./alert_rules.js" */

const ALERTS_SETTING = "alerts";
/** One answer that did not come is no news: the next one may. */
const HEALTH_MISSED_TIMES = 2;

export class AlertWatch {
    constructor() {
        this.rules = storedRules(readSetting(ALERTS_SETTING));
        /** @type {Map<string, AlertRow>} the newest rows, by symbol */
        this.rows = new Map();
        /** @type {Set<string>} the symbols that the rows were asked of */
        this.asked = new Set();
        this.healthMissed = 0;
        /** @type {Set<() => void>} those who show alerts, told when these or their numbers have changed */
        this.listeners = new Set();
        /** @type {(text: string) => void} */
        this.onRing = () => {};
        // Each tab writes all alerts: one that does not know those of another would remove them.
        watchSetting(ALERTS_SETTING, () => this.show(storedRules(readSetting(ALERTS_SETTING))));
    }

    /** Whether any alert can still ring. */
    get isWaiting() {
        return this.rules.some(({ rangAt }) => rangAt === null);
    }

    /** @param {Pick<AlertRule, "metric" | "symbol" | "isAbove" | "value" | "unit">} wanted */
    add(wanted) {
        const id = crypto.randomUUID?.() ?? `${Date.now()}-${this.rules.length}`;
        const setAt = new Date(serverNow()).toISOString();
        this.keep([...this.rules, { ...wanted, id, setAt, rangAt: null, rangBy: null }]);
    }

    /** @param {string} id */
    remove(id) {
        this.keep(this.rules.filter((rule) => rule.id !== id));
    }

    /** Let an alert that has rung ring again. @param {string} id */
    setAgain(id) {
        const setAt = new Date(serverNow()).toISOString();
        const again = { setAt, rangAt: null, rangBy: null };
        this.keep(this.rules.map((rule) => (rule.id === id ? { ...rule, ...again } : rule)));
    }

    /** @param {AlertRule[]} rules */
    keep(rules) {
        writeSetting(ALERTS_SETTING, rules.length ? JSON.stringify(rules) : null);
        this.show(rules);
    }

    /** @param {AlertRule[]} rules */
    show(rules) {
        this.rules = rules;
        for (const listener of this.listeners) listener();
    }

    /**
     * Get the numbers of all alerts, of all symbols by one request, and ring: while one waits for its
     * number, or somebody looks at them.
     * @param {AbortSignal} signal
     */
    async fetch(signal) {
        const ofNumbers = this.rules.filter(({ metric }) => metric !== HEALTH_ALERT);
        const isNeeded = this.listeners.size > 0 || ofNumbers.some(({ rangAt }) => rangAt === null);
        if (!ofNumbers.length || !isNeeded) {
            // A number that is not asked for any more is not the one of now.
            if (this.asked.size) this.accept([], []);
            return;
        }
        const symbols = [...new Set(ofNumbers.map(({ symbol }) => symbol))];
        const needed = new Set(ofNumbers.flatMap(columnsOf));
        const columns = ["symbol", "timestamp", "last_seen_at", "gap", ...needed].join();
        try {
            const parameters = { symbols: symbols.join(), columns };
            const { body } = await getJson("screener", parameters, { signal });
            this.accept(body.records, symbols);
        } catch (error) {
            // A symbol that is not recorded any more has no number, and its alert stays silent.
            if (signal.aborted || !(error instanceof ApiError) || !error.isNoData) throw error;
            this.accept([], symbols);
        }
    }

    /** @param {AlertRow[]} rows @param {string[]} asked the symbols that they were asked of */
    accept(rows, asked) {
        this.asked = new Set(asked);
        this.rows = new Map(rows.map((row) => [row.symbol, row]));
        for (const rule of this.rules) {
            const cause = causeOfRing(rule, this.rows.get(rule.symbol));
            if (cause) this.ring(rule, cause);
        }
        for (const listener of this.listeners) listener();
    }

    /** Whether nothing is recorded of a rule's symbol, as far as was asked. @param {AlertRule} rule */
    isOfNothing({ symbol }) {
        return this.asked.has(symbol) && !this.rows.has(symbol);
    }

    /** @param {Health | null} health null where it did not come */
    acceptHealth(health) {
        this.healthMissed = health ? 0 : this.healthMissed + 1;
        const isBad = health ? health.status !== "healthy" : false;
        if (!isBad && this.healthMissed < HEALTH_MISSED_TIMES) return;
        const cause = health?.reasons[0]?.detail ?? "the API does not answer";
        for (const rule of this.rules) {
            if (rule.metric === HEALTH_ALERT && rule.rangAt === null) this.ring(rule, cause);
        }
    }

    /** @param {AlertRule} rule @param {string} cause */
    ring(rule, cause) {
        const rung = { rangAt: new Date(serverNow()).toISOString(), rangBy: cause };
        this.keep(this.rules.map((each) => (each.id === rule.id ? { ...each, ...rung } : each)));
        this.onRing(`${alertText(rule)}: ${cause}`);
    }
}

/** The one of this page. */
export const alertWatch = new AlertWatch();
