/** What an alert waits for, and whether that has come. */

import { formatNumber, formatTime, isNumber } from "../words/format.js";

/**
 * `name`: the column of the screener, or "health". `unit` follows the value.
 * @typedef {{name: string, label: string, unit: string, digits: number}} AlertMetric
 */

/** @type {AlertMetric[]} */
export const ALERT_METRICS = [
    { name: "underlying_value", label: "Spot", unit: "", digits: 2 },
    { name: "underlying_change_percent", label: "Spot change", unit: " %", digits: 2 },
    { name: "pcr_oi", label: "PCR", unit: "", digits: 3 },
    { name: "atm_iv", label: "ATM IV", unit: " %", digits: 2 },
    { name: "open_interest_change", label: "Change in OI", unit: " lots", digits: 0 },
    { name: "open_interest_change_percent", label: "Change in OI", unit: " %", digits: 2 },
];
export const HEALTH_ALERT = "health";
/** What the API takes for the name of a symbol: one that it refuses would silence all alerts. */
export const SYMBOL_PATTERN = "[A-Za-z0-9&\\-]{1,25}";
const SYMBOL = new RegExp(`^${SYMBOL_PATTERN}$`);

/**
 * An alert: it rings once, when the number of a symbol goes above or below a value. That of the
 * health has neither symbol nor value. `setAt` and `rangAt` are ISO texts; no number of before
 * `setAt` makes it ring.
 * @typedef {{id: string, metric: string, symbol: string, isAbove: boolean, value: number,
 *     setAt: string, rangAt: string | null, rangBy: string | null}} AlertRule
 */

/**
 * A row of the screener, as far as alerts need it.
 * @typedef {Record<string, unknown> & {symbol: string, timestamp: string | null,
 *     last_seen_at: string | null, gap: boolean}} AlertRow
 */

/** @param {string} name */
export function alertMetric(name) {
    return ALERT_METRICS.find((metric) => metric.name === name);
}

/** @param {AlertRule} rule @returns {string} NIFTY PCR above 1.200 */
export function alertText({ metric, symbol, isAbove, value }) {
    if (metric === HEALTH_ALERT) return "The service is not healthy";
    const { label = metric, unit = "", digits = 2 } = alertMetric(metric) ?? {};
    return `${symbol} ${label} ${isAbove ? "above" : "below"} ${formatNumber(value, digits)}${unit}`;
}

/**
 * What makes an alert ring, if anything does: a number that is confirmed since the alert was set.
 * @param {AlertRule} rule
 * @param {AlertRow | undefined} row of its symbol
 * @returns {string | null} the number and its time in words
 */
export function causeOfRing(rule, row) {
    const value = row?.[rule.metric];
    if (rule.rangAt !== null || !row?.last_seen_at || row.gap || !isNumber(value)) return null;
    if (Date.parse(row.last_seen_at) < Date.parse(rule.setAt)) return null;
    if (rule.isAbove ? value <= rule.value : value >= rule.value) return null;
    const { unit = "", digits = 2 } = alertMetric(rule.metric) ?? {};
    return `${formatNumber(value, digits)}${unit} at ${formatTime(row.last_seen_at)} IST`;
}

/**
 * The alerts that a browser has stored; what is not one is left out.
 * @param {string | null} text JSON
 * @returns {AlertRule[]}
 */
export function storedRules(text) {
    try {
        const found = JSON.parse(text ?? "[]");
        return Array.isArray(found) ? found.filter(isRule) : [];
    } catch {
        return [];
    }
}

/** @param {any} found */
function isRule(found) {
    const isOfSymbol = alertMetric(found?.metric) !== undefined && SYMBOL.test(found.symbol);
    const isKnown = found?.metric === HEALTH_ALERT || isOfSymbol;
    const texts = [found?.id, found?.symbol, found?.setAt];
    return isKnown && isNumber(found.value) && texts.every((text) => typeof text === "string");
}
