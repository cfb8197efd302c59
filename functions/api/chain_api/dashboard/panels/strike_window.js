/** How many strikes around the money a panel shows. */

/**
 * So many strikes on each side of the one nearest to a price, or all.
 * @param {number[]} strikes in order @param {number | null} price @param {string} size
 */
export function strikesAround(strikes, price, size) {
    if (size === "all" || price === null || !strikes.length) return strikes;
    const nearest = strikes.reduce((best, strike) =>
        Math.abs(strike - price) < Math.abs(best - price) ? strike : best,
    );
    const centre = strikes.indexOf(nearest);
    return strikes.slice(Math.max(0, centre - Number(size)), centre + Number(size) + 1);
}
