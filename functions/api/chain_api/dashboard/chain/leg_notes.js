/** What a number of a contract means where its name does not say it: its source, age, or absence. */

import { reasonField } from "../figures/window_changes.js";
import { formatNumber, isNumber } from "../words/format.js";
import { reasonText } from "../words/reasons.js";

/** @import { Leg } from "../api_types.d.ts" */

/** @type {Record<string, string>} */
const IV_SOURCES = {
    exchange: "as the exchange sent it: the contract's own price gives none",
    mid: "solved from the mid of bid and ask",
    last: "solved from the last price",
    vendor: "as the vendor sent it: the contract's own price gives none",
};
/** Numbers that the API computes; `iv_reason` says why they are null. */
const COMPUTED = new Set(["iv", "delta", "gamma", "theta", "vega", "rho"]);
/** Numbers that count from a close of the day before. */
const CHANGES = new Set([
    "oi_since_previous_close",
    "pchange_in_oi",
    "change",
    "pchange",
    "buildup",
]);
const OF_LAST_TRADE = new Set(["last_price", "change", "pchange", "last_price_change"]);

/**
 * The number that a column shows. The 0 that the exchange sends as the change of a contract without
 * a day before is none, nor is one that may be such a 0: `change_reason` says which it is.
 * @param {Leg | null} leg null where the exchange lists no such contract
 * @param {string} field
 * @returns {Leg[string]}
 */
export function shownValue(leg, field) {
    const isChange = CHANGES.has(field) && field !== "oi_since_previous_close";
    if (leg?.change_reason && isChange) return null;
    return leg?.[field] ?? null;
}

/**
 * How a number is marked: "aside" where it says nothing of today, "last" or "exchange" for a
 * volatility that is not of the mid of bid and ask. A vendor's is marked as the exchange's is.
 * @param {Leg | null} leg @param {string} field
 * @returns {"" | "aside" | "last" | "exchange"}
 */
export function markOf(leg, field) {
    if (leg === null || shownValue(leg, field) === null) return "";
    if (OF_LAST_TRADE.has(field)) return leg.total_traded_volume ? "" : "aside";
    if (field !== "iv") return "";
    if (leg.iv_source === "vendor") return "exchange";
    return leg.iv_source === "last" || leg.iv_source === "exchange" ? leg.iv_source : "";
}

/**
 * What a number is, or why there is none.
 * @param {Leg | null} leg @param {string} field
 * @returns {string} "" where the name of the column says it all
 */
export function noteOfValue(leg, field) {
    if (leg === null) return "not listed, or not sent";
    const isMissing = shownValue(leg, field) === null;
    if (field === "iv") return [sourceOf(leg, isMissing), sentText(leg)].filter(Boolean).join("\n");
    if (field === "implied_volatility") return isMissing ? "none was sent" : ageOf(leg);
    if (CHANGES.has(field) && leg.change_reason) {
        if (isMissing) return reasonText(leg.change_reason);
        return leg.newly_listed ? "listed today: all of its open interest" : "";
    }
    if (isMissing) {
        return COMPUTED.has(field)
            ? reasonText(leg.iv_reason)
            : String(leg[reasonField(field)] ?? "");
    }
    if (markOf(leg, field) !== "aside") return "";
    return field === "last_price"
        ? "no trade today: this price is of an earlier day"
        : "no trade today: this change is of an earlier day's price";
}

/** @param {Leg} leg @param {boolean} isMissing */
function sourceOf(leg, isMissing) {
    return isMissing ? reasonText(leg.iv_reason) : (IV_SOURCES[String(leg.iv_source)] ?? "");
}

/** The volatility that was sent; a vendor's chain has no stamp. @param {Leg} leg */
function sentText(leg) {
    const sender = leg.exchange_timestamp === null ? "source" : "exchange";
    if (!isNumber(leg.implied_volatility)) return `${sender}: none sent`;
    return `${sender}: ${formatNumber(leg.implied_volatility, 2)} %, ${ageOf(leg)}`;
}

/** Since when the same volatility has been sent. @param {Leg} leg */
function ageOf({ iv_as_of: asOf, exchange_timestamp: stamp, fetched_at: tick }) {
    const seconds = (Date.parse(String(stamp ?? tick)) - Date.parse(String(asOf))) / 1000;
    if (!isNumber(seconds)) return "its age is not known";
    return seconds < 60 ? "new" : `${Math.floor(seconds / 60)} min old`;
}
