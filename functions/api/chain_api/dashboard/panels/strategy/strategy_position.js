/** The legs of a strategy as one position, and what is missing to price it. */

import { dayOfExpiry } from "../../words/calendar_days.js";
import { formatStrike } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";

/** @import { Known, PricedLeg } from "./priced_legs.js" */
/** @import { OptionType } from "./black76.js" */

/** Points of one unit of the underlying, times the lots; or rupees. @typedef {"points" | "rupees"} StrategyUnit */
/**
 * `weight`: the lots with their sign, in rupees times the lot size. `entry` in points; `days` to its
 * expiry; `ratio` of its forward to that of the first expiry; `rate` and `iv` in percent. What is not
 * known is NaN, and the position says why.
 * @typedef {{weight: number, type: OptionType, strike: number, entry: number, days: number,
 *     ratio: number, rate: number, iv: number, isFirst: boolean}} PositionLeg
 */
/**
 * `forward` and `days` are of the first expiry. A reason is "" where nothing is missing: `atExpiry`
 * for profits at the first expiry, `before` for those before it, `model` for the Greeks.
 * @typedef {{legs: PositionLeg[], firstExpiry: string, forward: number, days: number,
 *     atExpiry: string, before: string, model: string}} StrategyPosition
 */

/**
 * Why a unit cannot be used; "" where it can.
 * @param {PricedLeg[]} priced @param {StrategyUnit} unit
 */
export function reasonAgainst(priced, unit) {
    const unknown = priced.find(({ lotSize }) => lotSize.value === null);
    if (unit === "rupees") return unknown ? named(unknown, unknown.lotSize.reason) : "";
    const lots = new Set(priced.map(({ lotSize }) => lotSize.value));
    return !unknown && lots.size > 1 ? reasonText("expiries_differ") : "";
}

/**
 * @param {PricedLeg[]} priced at least one
 * @param {StrategyUnit} unit one that can be used
 * @returns {StrategyPosition}
 */
export function positionOf(priced, unit) {
    const [first] = [...priced].sort((one, other) => placeOfExpiry(one) - placeOfExpiry(other));
    const forward = first.model?.forward ?? Number.NaN;
    const legs = priced.map((each) => {
        const { leg, expiry, model, entry, iv, lotSize } = each;
        const isFirst = expiry === first.expiry;
        return {
            weight: leg.sign * leg.lots * (unit === "rupees" ? Number(lotSize.value) : 1),
            type: leg.type,
            strike: leg.strike,
            entry: entry.value ?? Number.NaN,
            days: model?.days ?? Number.NaN,
            ratio: isFirst ? 1 : (model?.forward ?? Number.NaN) / forward,
            rate: model?.rate ?? Number.NaN,
            iv: iv.value ?? Number.NaN,
            isFirst,
        };
    });
    const entries = reasonOf(priced, ({ entry }) => entry);
    const later = priced.filter(({ expiry }) => expiry !== first.expiry);
    const model = reasonOf(priced, ({ iv }) => iv) || forwardReason(priced);
    const noForward = later.length ? forwardReason([first, ...later]) : "";
    return {
        legs,
        firstExpiry: first.expiry,
        forward,
        days: first.model?.days ?? Number.NaN,
        atExpiry: entries || reasonOf(later, ({ iv }) => iv) || noForward,
        before: entries || model,
        model,
    };
}

/** @param {PricedLeg} priced */
function placeOfExpiry({ expiry }) {
    return dayOfExpiry(expiry) ?? Infinity;
}

/**
 * @param {PricedLeg[]} priced
 * @param {(priced: PricedLeg) => Known} read
 * @returns {string} the reason of the first leg that lacks a number
 */
function reasonOf(priced, read) {
    const missing = priced.find((each) => read(each).value === null);
    return missing ? named(missing, read(missing).reason) : "";
}

/** @param {PricedLeg[]} priced */
function forwardReason(priced) {
    const missing = priced.find(({ model }) => model?.forward == null);
    return missing ? named(missing, reasonText("no_forward")) : "";
}

/** @param {PricedLeg} priced @param {string} reason */
function named({ leg, expiry }, reason) {
    return `${formatStrike(leg.strike)} ${leg.type} ${expiry}: ${reason || "not known"}`;
}
