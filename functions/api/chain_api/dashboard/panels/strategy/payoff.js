/** What a position gains or loses at a price of the underlying, where it breaks even, and at most. */

import { black76Greeks, black76Price, DAYS_PER_YEAR } from "./black76.js";

/** @import { PositionLeg, StrategyPosition } from "./strategy_position.js" */
/** @import { Black76Input } from "./black76.js" */

const SAMPLES = 240;
/** Of bisection and of the search for an extreme: the rest is far below a paisa. */
const SEARCH_STEPS = 60;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * A moment before the first expiry: calendar days ahead, and points by which each volatility differs.
 * @typedef {{daysAhead: number, shift: number}} Scenario
 */
/**
 * An extreme, in the unit of the weights. `range` is null where it holds for all prices, and else has
 * the lowest and the highest price that were looked at.
 * @typedef {{gain: number, loss: number, range: [number, number] | null}} Extremes
 */

/**
 * @param {PositionLeg} leg @param {number} price of the first expiry's forward
 * @param {Scenario} scenario
 * @returns {Black76Input}
 */
function inputOf(leg, price, { daysAhead, shift }) {
    const { type, strike, days, ratio, rate, iv } = leg;
    return {
        type,
        forward: price * ratio,
        strike,
        years: Math.max(0, days - daysAhead) / DAYS_PER_YEAR,
        rate: rate / 100,
        sigma: Math.max(0, iv + shift) / 100,
    };
}

/**
 * @param {StrategyPosition} position
 * @param {number} price that the forward of the first expiry then has
 * @param {Scenario} scenario volatilities and the ratios of the forwards stay as they are
 * @returns {number} the profit, in the unit of the weights; NaN where it is not known
 */
export function profitAt({ legs }, price, scenario) {
    return legs.reduce((sum, leg) => {
        const value = black76Price(inputOf(leg, price, scenario));
        return sum + leg.weight * (value - leg.entry);
    }, 0);
}

/**
 * The same at the first expiry: its legs are worth what exercising pays.
 * @param {StrategyPosition} position @param {number} price @param {number} [shift]
 */
export function profitAtExpiry({ legs, days }, price, shift = 0) {
    return legs.reduce((sum, leg) => {
        const value = leg.isFirst
            ? Math.max(0, leg.type === "CE" ? price - leg.strike : leg.strike - price)
            : black76Price(inputOf(leg, price, { daysAhead: days, shift }));
        return sum + leg.weight * (value - leg.entry);
    }, 0);
}

/**
 * The sums of the legs' Greeks at a price, in the unit of the weights.
 * @param {StrategyPosition} position @param {number} price @param {Scenario} scenario
 */
export function netGreeks({ legs }, price, scenario) {
    const net = { delta: 0, gamma: 0, theta: 0, vega: 0 };
    for (const leg of legs) {
        const greeks = black76Greeks(inputOf(leg, price, scenario));
        net.delta += leg.weight * greeks.delta;
        net.gamma += leg.weight * greeks.gamma;
        net.theta += leg.weight * greeks.theta;
        net.vega += leg.weight * greeks.vega;
    }
    return net;
}

/** @param {StrategyPosition} position */
function hasOneExpiry({ legs }) {
    return legs.every((leg) => leg.isFirst);
}

/** @param {PositionLeg[]} legs */
function strikesOf(legs) {
    return [...new Set(legs.map((leg) => leg.strike))].sort((one, other) => one - other);
}

/** What each further point gains above all strikes. @param {PositionLeg[]} legs */
function slopeAbove(legs) {
    return legs.reduce((sum, { type, weight }) => sum + (type === "CE" ? weight : 0), 0);
}

/**
 * The prices at the first expiry without gain or loss: exact if all legs expire then, else those
 * within a range of prices.
 * @param {StrategyPosition} position @param {[number, number]} range
 * @param {number} [shift] points of volatility
 * @returns {number[]} in ascending order
 */
export function breakEvensOf(position, range, shift = 0) {
    const value = (/** @type {number} */ price) => profitAtExpiry(position, price, shift);
    const isExact = hasOneExpiry(position);
    const places = isExact ? [0, ...strikesOf(position.legs)] : samplesOf(position, range);
    const found = places.flatMap((place, index) => {
        if (index === 0) return value(place) === 0 && place > 0 ? [place] : [];
        const before = places[index - 1];
        if (value(place) === 0) return [place];
        if (value(before) * value(place) >= 0) return [];
        if (!isExact) return [bisected(value, before, place)];
        return [before + ((place - before) * value(before)) / (value(before) - value(place))];
    });
    if (!isExact) return found;
    const last = places[places.length - 1];
    const slope = slopeAbove(position.legs);
    return value(last) * slope < 0 ? [...found, last - value(last) / slope] : found;
}

/** @param {(price: number) => number} value @param {number} low @param {number} high */
function bisected(value, low, high) {
    let [below, above] = [low, high];
    for (let step = 0; step < SEARCH_STEPS; step += 1) {
        const middle = (below + above) / 2;
        if (value(below) * value(middle) <= 0) above = middle;
        else below = middle;
    }
    return (below + above) / 2;
}

/** Prices of a range, with the kinks in it. @param {StrategyPosition} position @param {[number, number]} range */
function samplesOf({ legs }, [low, high]) {
    const step = (high - low) / SAMPLES;
    const even = Array.from({ length: SAMPLES + 1 }, (_, index) => low + index * step);
    const kinks = strikesOf(legs).filter((strike) => strike > low && strike < high);
    return [...new Set([...even, ...kinks])].sort((one, other) => one - other);
}

/**
 * The largest gain and loss at the first expiry. They are infinite where calls that are not covered
 * make them so. If a leg expires later, they are those within a range of prices.
 * @param {StrategyPosition} position @param {[number, number]} range
 * @param {number} [shift] points of volatility
 * @returns {Extremes}
 */
export function extremesOf(position, range, shift = 0) {
    const value = (/** @type {number} */ price) => profitAtExpiry(position, price, shift);
    const slope = slopeAbove(position.legs);
    const isExact = hasOneExpiry(position);
    const places = isExact ? [0, ...strikesOf(position.legs)] : samplesOf(position, range);
    const highest = isExact ? Math.max(...places.map(value)) : highestOf(value, places);
    const lowest = isExact
        ? Math.min(...places.map(value))
        : -highestOf((price) => -value(price), places);
    return {
        gain: slope > 0 ? Infinity : highest,
        loss: slope < 0 ? -Infinity : lowest,
        range: isExact ? null : range,
    };
}

/** @param {(price: number) => number} value @param {number[]} places in ascending order */
function highestOf(value, places) {
    const values = places.map(value);
    const best = values.indexOf(Math.max(...values));
    let low = places[Math.max(0, best - 1)];
    let high = places[Math.min(places.length - 1, best + 1)];
    for (let step = 0; step < SEARCH_STEPS; step += 1) {
        const reach = GOLDEN * (high - low);
        if (value(high - reach) > value(low + reach)) high = low + reach;
        else low = high - reach;
    }
    return Math.max(values[best], value((low + high) / 2));
}
