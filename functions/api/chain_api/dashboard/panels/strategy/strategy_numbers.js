/** The numbers of a strategy: premium, extremes, break-evens, probability of profit, Greeks. */

import { isNumber } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";
import { breakEvensOf, extremesOf, netGreeks, profitAt, profitAtExpiry } from "./payoff.js";
import { distributionOf, probabilityOfProfit } from "./probability.js";
import { positionOf } from "./strategy_position.js";

/** @import { Analytics } from "../../api_types.d.ts" */
/** @import { Known, PricedLeg } from "./priced_legs.js" */
/** @import { Extremes, Scenario } from "./payoff.js" */
/** @import { PriceDistribution } from "./probability.js" */
/** @import { StrategyMarket } from "./strategy_market.js" */
/** @import { StrategyPosition, StrategyUnit } from "./strategy_position.js" */

/** What the user supposes: which part of the time to the first expiry has passed, and the points of volatility. @typedef {{part: number, shift: number}} Supposition */
/**
 * `premium` is paid, or received if it is negative. `breakEvens` and `extremes` are null without
 * payoff at the expiry, as `position.atExpiry` says. `profit` and the Greeks are of the supposed day at
 * today's forward. `range` are the prices to draw.
 * @typedef {{position: StrategyPosition, unit: StrategyUnit, scenario: Scenario, premium: Known,
 *     breakEvens: number[] | null, extremes: Extremes | null, distribution: PriceDistribution | null,
 *     probability: Known, profit: Known, delta: Known, gamma: Known, theta: Known, vega: Known,
 *     range: [number, number]}} StrategyNumbers
 */

const DRAWN_DEVIATIONS = 3;
const SEARCHED_DEVIATIONS = 5;

/**
 * @param {PricedLeg[]} priced at least one
 * @param {StrategyMarket} market
 * @param {StrategyUnit} unit one that can be used
 * @param {Supposition} supposed
 * @returns {StrategyNumbers}
 */
export function strategyNumbers(priced, market, unit, { part, shift }) {
    const position = positionOf(priced, unit);
    const scenario = { daysAhead: part * Math.max(0, position.days || 0), shift };
    const analytics = market.expiries[position.firstExpiry]?.analytics ?? null;
    const { distribution, reason } = priceDistribution(position, analytics);
    const range = drawnRange(position, distribution);
    const hasPayoff = position.atExpiry === "";
    const searched = searchedRange(range, distribution);
    const breakEvens = hasPayoff ? breakEvensOf(position, searched, shift) : null;
    const profit = (/** @type {number} */ price) => profitAtExpiry(position, price, shift);
    return {
        position,
        unit,
        scenario,
        premium: premiumOf(position, priced),
        breakEvens,
        extremes: hasPayoff ? extremesOf(position, searched, shift) : null,
        distribution,
        probability:
            breakEvens && distribution
                ? known(probabilityOfProfit(distribution, breakEvens, profit))
                : { value: null, reason: position.atExpiry || reason },
        ...numbersOfTheDay(position, scenario),
        range,
    };
}

/** @param {number} value @returns {Known} */
function known(value) {
    return isNumber(value)
        ? { value, reason: "" }
        : { value: null, reason: reasonText("not_finite") };
}

/** @param {StrategyPosition} position @param {PricedLeg[]} priced @returns {Known} */
function premiumOf({ legs, atExpiry }, priced) {
    if (priced.some(({ entry }) => entry.value === null)) return { value: null, reason: atExpiry };
    return known(legs.reduce((sum, { weight, entry }) => sum + weight * entry, 0));
}

/** @param {StrategyPosition} position @param {Scenario} scenario */
function numbersOfTheDay(position, scenario) {
    const { before, forward, model } = position;
    const profit = before
        ? { value: null, reason: before }
        : known(profitAt(position, forward, scenario));
    if (model) {
        const none = { value: null, reason: model };
        return { profit, delta: none, gamma: none, theta: none, vega: none };
    }
    const greeks = netGreeks(position, forward, scenario);
    return {
        profit,
        delta: known(greeks.delta),
        gamma: known(greeks.gamma),
        theta: known(greeks.theta),
        vega: known(greeks.vega),
    };
}

/**
 * @param {StrategyPosition} position
 * @param {Analytics | null} analytics of the first expiry
 * @returns {{distribution: PriceDistribution | null, reason: string}}
 */
function priceDistribution({ forward, days }, analytics) {
    /** @param {string} name */
    const without = (name) => ({ distribution: null, reason: reasonText(name) });
    if (!isNumber(forward)) return without("no_forward");
    if (!(days > 0)) return without("payoff_fixed");
    const iv = analytics?.atm_iv;
    if (!isNumber(iv) || iv <= 0) return without(analytics?.reasons.atm_iv ?? "no_iv");
    return { distribution: distributionOf(forward, iv, days), reason: "" };
}

/**
 * Three standard deviations to each side, and all strikes.
 * @param {StrategyPosition} position @param {PriceDistribution | null} distribution
 * @returns {[number, number]}
 */
function drawnRange({ legs, forward }, distribution) {
    const strikes = legs.map((leg) => leg.strike);
    const [lowest, highest] = [Math.min(...strikes), Math.max(...strikes)];
    const middle = isNumber(forward) ? forward : (lowest + highest) / 2;
    const reach = Math.max(
        middle * 0.01,
        1.25 * (highest - middle),
        1.25 * (middle - lowest),
        DRAWN_DEVIATIONS * (distribution?.deviation ?? 0) * middle,
    );
    return [Math.max(0, middle - reach), middle + reach];
}

/**
 * @param {[number, number]} range @param {PriceDistribution | null} distribution
 * @returns {[number, number]}
 */
function searchedRange([low, high], distribution) {
    if (!distribution) return [low, high];
    const { forward, deviation } = distribution;
    const factor = Math.exp(SEARCHED_DEVIATIONS * deviation);
    return [Math.min(low, forward / factor), Math.max(high, forward * factor)];
}
