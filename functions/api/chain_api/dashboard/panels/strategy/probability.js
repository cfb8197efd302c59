/**
 * How probable a profit is: the price at the expiry is taken as lognormal around the forward, with
 * the volatility at the money.
 */

import { DAYS_PER_YEAR, normalDistribution } from "./black76.js";

/** The standard deviation of the logarithm of the price. @typedef {{forward: number, deviation: number}} PriceDistribution */

/**
 * @param {number} forward @param {number} atmIv percent a year @param {number} days to the expiry
 * @returns {PriceDistribution}
 */
export function distributionOf(forward, atmIv, days) {
    return { forward, deviation: (atmIv / 100) * Math.sqrt(Math.max(0, days) / DAYS_PER_YEAR) };
}

/**
 * The price that so many standard deviations are above the median.
 * @param {PriceDistribution} distribution @param {number} deviations
 */
export function priceAtDeviation({ forward, deviation }, deviations) {
    return forward * Math.exp(deviations * deviation - (deviation * deviation) / 2);
}

/**
 * @param {PriceDistribution} distribution @param {number} price
 * @returns {number} the probability of a lower price
 */
export function probabilityBelow({ forward, deviation }, price) {
    if (price <= 0) return 0;
    return normalDistribution(
        (Math.log(price / forward) + (deviation * deviation) / 2) / deviation,
    );
}

/**
 * The probability of the prices at which there is a profit.
 * @param {PriceDistribution} distribution
 * @param {number[]} breakEvens in ascending order; between two the sign does not change
 * @param {(price: number) => number} profit
 * @returns {number} from 0 to 1
 */
export function probabilityOfProfit(distribution, breakEvens, profit) {
    const edges = [0, ...breakEvens, Infinity];
    return edges.slice(1).reduce((sum, edge, index) => {
        const start = edges[index];
        const inside =
            edge < Infinity ? (start + edge) / 2 : Math.max(2 * start, distribution.forward);
        if (!(profit(inside) > 0)) return sum;
        const above = edge < Infinity ? probabilityBelow(distribution, edge) : 1;
        return sum + above - probabilityBelow(distribution, start);
    }, 0);
}
