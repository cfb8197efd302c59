/** What an alert waits for, and whether that has come. */

import { factorsOfRow, UNIT_NAMES } from "../figures/position_unit.js";
import { formatCrore, formatNumber, formatTime, isNumber } from "../words/format.js";
import { reasonText } from "../words/reasons.js";

/** @import { Unit } from "../figures/position_unit.js" */

/**
 * `name`: the column of the screener, or "health". `unit` follows the value; what `isCounted` has
 * that of its alert in its place.
 * @typedef {{name: string, label: string, unit: string, digits: number, isCounted?: boolean}}
 *     AlertMetric
 */

/** @type {AlertMetric[]} */
export const ALERT_METRICS = [
    { name: "underlying_value", label: "Spot", unit: "", digits: 2 },
    { name: "underlying_change_percent", label: "Spot change", unit: " %", digits: 2 },
    { name: "pcr_oi", label: "PCR", unit: "", digits: 3 },
    { name: "atm_iv", label: "ATM IV", unit: " %", digits: 2 },
    { name: "open_interest_change", label: "Change in OI", unit: "", digits: 0, isCounted: true },
    { name: "open_interest_change_percent", label: "Change in OI", unit: " %", digits: 2 },
];
/** @type {Record<Unit, string>} */
const UNIT_SIGNS = { lots: "lots", quantity: "quantity", rupees: "₹" };
/** What a number needs of a row beside itself. @type {Record<Unit, string[]>} */
const UNIT_COLUMNS = {
    lots: [],
    quantity: ["lot_size"],
    rupees: ["lot_size", "reference_price"],
};
export const HEALTH_ALERT = "health";
/** What the API takes for the name of a symbol: one that it refuses would silence all alerts. */
export const SYMBOL_PATTERN = "[A-Za-z0-9&\\-]{1,25}";
const SYMBOL = new RegExp(`^${SYMBOL_PATTERN}$`);

/**
 * An alert: it rings once, when the number of a symbol goes above or below a value. That of the
 * health has neither symbol nor value. `unit` is that of the value where this is counted, else
 * null. `setAt` and `rangAt` are ISO texts; no number of before `setAt` makes it ring.
 * @typedef {{id: string, metric: string, symbol: string, isAbove: boolean, value: number,
 *     unit: Unit | null, setAt: string, rangAt: string | null, rangBy: string | null}} AlertRule
 */

/**
 * A row of the screener, as far as alerts need it.
 * @typedef {Record<string, unknown> & {symbol: string, timestamp: string | null,
 *     last_seen_at: string | null, gap: boolean, reasons?: Record<string, string>}} AlertRow
 */

/** @param {string} name */
export function alertMetric(name) {
    return ALERT_METRICS.find((metric) => metric.name === name);
}

/** What the value of an alert is in, "" where it has no unit. @param {string} name @param {Unit} unit of what is counted */
export function unitSign(name, unit) {
    const metric = alertMetric(name);
    return metric?.isCounted ? UNIT_SIGNS[unit] : (metric?.unit.trim() ?? "");
}

/** The columns of the screener that an alert needs. @param {AlertRule} rule */
export function columnsOf({ metric, unit }) {
    return [metric, ...UNIT_COLUMNS[unit ?? "lots"], "reasons"];
}

/**
 * The number that an alert waits for, in its unit.
 * @param {AlertRule} rule
 * @param {AlertRow | undefined} row of its symbol
 * @returns {{value: number | null, reason: string}} why it is not known, in words
 */
export function numberNow({ metric, unit }, row) {
    if (!row) return { value: null, reason: "" };
    const { factors, reason } = factorsOfRow(row);
    const factor = factors[unit ?? "lots"];
    if (factor === null) return { value: null, reason: reasonText(reason) };
    const value = row[metric];
    if (isNumber(value)) return { value: value * factor, reason: "" };
    return { value: null, reason: reasonText(row.reasons?.[metric] ?? row.reasons?.timestamp) };
}

/** A number of an alert in its unit, which is not named. @param {AlertRule} rule @param {number} value */
export function numberText({ metric, unit }, value) {
    if (unit === "quantity" || unit === "rupees") return formatCrore(value);
    return formatNumber(value, alertMetric(metric)?.digits ?? 2);
}

/**
 * All digits of a number that is written in few characters, "" of any other.
 * @param {AlertRule} rule @param {number} value
 */
export function exactText({ unit }, value) {
    if (unit !== "quantity" && unit !== "rupees") return "";
    return `${formatNumber(value)} ${UNIT_NAMES[unit]}`;
}

/** @param {AlertRule} rule @param {number} value */
function textWithUnit(rule, value) {
    const text = numberText(rule, value);
    // The minus stays with its digits: a line may break between it and the sign of rupees.
    if (rule.unit === "rupees") return UNIT_SIGNS.rupees + text;
    if (rule.unit) return `${text} ${UNIT_SIGNS[rule.unit]}`;
    return text + (alertMetric(rule.metric)?.unit ?? "");
}

/** @param {AlertRule} rule @returns {string} NIFTY PCR above 1.200 */
export function alertText(rule) {
    const { metric, symbol, isAbove, value } = rule;
    if (metric === HEALTH_ALERT) return "The service is not healthy";
    const label = alertMetric(metric)?.label ?? metric;
    return `${symbol} ${label} ${isAbove ? "above" : "below"} ${textWithUnit(rule, value)}`;
}

/**
 * What makes an alert ring, if anything does: a number that is confirmed since the alert was set.
 * @param {AlertRule} rule
 * @param {AlertRow | undefined} row of its symbol
 * @returns {string | null} the number and its time in words
 */
export function causeOfRing(rule, row) {
    const { value } = numberNow(rule, row);
    if (rule.rangAt !== null || !row?.last_seen_at || row.gap || value === null) return null;
    if (Date.parse(row.last_seen_at) < Date.parse(rule.setAt)) return null;
    if (rule.isAbove ? value <= rule.value : value >= rule.value) return null;
    return `${textWithUnit(rule, value)} at ${formatTime(row.last_seen_at)} IST`;
}

/**
 * The alerts that a browser has stored; what is not one is left out. Those without a unit were set
 * when there were lots alone.
 * @param {string | null} text JSON
 * @returns {AlertRule[]}
 */
export function storedRules(text) {
    try {
        const found = JSON.parse(text ?? "[]");
        return Array.isArray(found) ? found.filter(isRule).map(withItsUnit) : [];
    } catch {
        return [];
    }
}

/** @param {AlertRule} rule @returns {AlertRule} */
function withItsUnit(rule) {
    const unit = alertMetric(rule.metric)?.isCounted ? (rule.unit ?? "lots") : null;
    return { ...rule, unit };
}

/** @param {any} found */
function isRule(found) {
    const isOfSymbol = alertMetric(found?.metric) !== undefined && SYMBOL.test(found.symbol);
    const isKnown = found?.metric === HEALTH_ALERT || isOfSymbol;
    const texts = [found?.id, found?.symbol, found?.setAt];
    const times = [found?.setAt, found?.rangAt ?? found?.setAt];
    const isTimed = times.every((time) => !Number.isNaN(Date.parse(time)));
    const hasUnit = Object.hasOwn(UNIT_SIGNS, found?.unit ?? "lots");
    const isWhole = isKnown && hasUnit && isTimed && isNumber(found.value);
    return isWhole && texts.every((text) => typeof text === "string");
}
