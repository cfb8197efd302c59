/** What the market says of each leg of a strategy: its price, its volatility, its lot. */

import { dayOfExpiry } from "../../words/calendar_days.js";
import { isNumber, isoDay } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";

/** @import { Leg } from "../../api_types.d.ts" */
/** @import { StrategyLeg } from "./strategy_legs.js" */
/** @import { ExpiryChain, StrategyMarket } from "./strategy_market.js" */

/**
 * A number, or null and why.
 * @typedef {{value: number | null, reason: string}} Known
 */
/**
 * `entry` is the price of the leg's beginning in points, and `entrySource` what it is: "own" as the
 * user has written it, "ask", "bid", or "last". `now` is the middle of bid and ask, or the last price
 * of today. `iv` is in percent, `lotSize` in units of the underlying.
 * @typedef {{leg: StrategyLeg, expiry: string, isListed: boolean, strikes: number[], entry: Known,
 *     entrySource: "own" | "ask" | "bid" | "last" | null, now: Known, iv: Known, lotSize: Known,
 *     model: {forward: number | null, rate: number, days: number} | null}} PricedLeg
 */

/**
 * @param {StrategyLeg[]} legs @param {StrategyMarket | null} market
 * @returns {PricedLeg[]} in the same order
 */
export function pricedLegs(legs, market) {
    return legs.map((leg) => {
        const expiry = leg.expiry ?? market?.shownExpiry ?? "";
        const found = market?.expiries[expiry];
        if (found && market && !isOver(expiry, market.timestamp)) return pricedIn(leg, found);
        return withoutMarket(leg, expiry, reasonWithoutChain(expiry, market));
    });
}

/** Whether the day of an expiry had passed by then, in India. @param {string} expiry @param {string} timestamp */
export function isOver(expiry, timestamp) {
    return (dayOfExpiry(expiry) ?? Infinity) < Date.parse(isoDay(timestamp));
}

/** @param {string} expiry @param {StrategyMarket | null} market */
function reasonWithoutChain(expiry, market) {
    if (!market) return "no chain is shown";
    if (isOver(expiry, market.timestamp)) return reasonText("expired");
    return expiry in market.expiries ? "this expiry is not listed" : "its chain is being read";
}

/** @param {StrategyLeg} leg @param {string} expiry @param {string} reason @returns {PricedLeg} */
function withoutMarket(leg, expiry, reason) {
    const none = { value: null, reason };
    const isOwn = leg.price !== null;
    return {
        leg,
        expiry,
        isListed: false,
        strikes: [],
        entry: isOwn ? { value: leg.price, reason: "" } : none,
        entrySource: isOwn ? "own" : null,
        now: none,
        iv: none,
        lotSize: none,
        model: null,
    };
}

/**
 * @param {StrategyLeg} leg @param {NonNullable<ExpiryChain>} found
 * @returns {PricedLeg}
 */
function pricedIn(leg, { chain }) {
    const row = chain.rows.find((each) => each.strike_price === leg.strike);
    const quote = (leg.type === "CE" ? row?.call : row?.put) ?? null;
    const { forward, rate, days_to_expiry: days } = chain.model;
    const notListed = "not listed";
    const side = leg.type === "CE" ? "call" : "put";
    const strikes = chain.rows.filter((each) => each[side]).map((each) => each.strike_price);
    return {
        ...withoutMarket(leg, chain.expiry_date, notListed),
        strikes,
        isListed: quote !== null,
        ...(quote ? quotedNumbers(leg, quote) : {}),
        lotSize: { value: chain.lot_size, reason: reasonText(chain.lot_size_reason) },
        model: { forward, rate, days },
    };
}

/** @param {StrategyLeg} leg @param {Leg} quote */
function quotedNumbers(leg, quote) {
    const { entry, entrySource } = entryOf(leg, quote);
    return {
        entry,
        entrySource,
        now: priceNow(quote),
        iv: {
            // One that was sent may be out of range: then it has a reason beside it, and no Greeks.
            value: isNumber(quote.iv) && !quote.iv_reason ? quote.iv : null,
            reason: reasonText(quote.iv_reason),
        },
    };
}

/**
 * The price of a leg's beginning: the user's own, else what a buyer pays or a seller gets now, else
 * the last price of today.
 * @param {StrategyLeg} leg @param {Leg} quote
 * @returns {Pick<PricedLeg, "entry" | "entrySource">}
 */
function entryOf(leg, quote) {
    if (leg.price !== null) {
        return { entry: { value: leg.price, reason: "" }, entrySource: "own" };
    }
    const price = leg.sign > 0 ? quote.ask_price : quote.bid_price;
    if (isNumber(price) && !isCrossed(quote)) {
        const entrySource = leg.sign > 0 ? "ask" : "bid";
        return { entry: { value: price, reason: "" }, entrySource };
    }
    const last = lastOfToday(quote);
    return { entry: last, entrySource: last.value === null ? null : "last" };
}

/** @param {Leg} quote @returns {Known} */
function priceNow(quote) {
    const { bid_price: bid, ask_price: ask } = quote;
    const isQuoted = isNumber(bid) && isNumber(ask) && !isCrossed(quote);
    return isQuoted ? { value: (bid + ask) / 2, reason: "" } : lastOfToday(quote);
}

/** @param {Leg} quote */
function isCrossed({ bid_price: bid, ask_price: ask }) {
    return isNumber(bid) && isNumber(ask) && bid > ask;
}

/** @param {Leg} quote @returns {Known} */
function lastOfToday({ last_price: last, total_traded_volume: volume }) {
    if (!isNumber(last)) return { value: null, reason: reasonText("no_price") };
    if (!volume) return { value: null, reason: reasonText("no_trade_today") };
    return { value: last, reason: "" };
}
