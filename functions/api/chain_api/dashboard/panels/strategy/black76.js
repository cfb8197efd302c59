/**
 * Black-76 on the forward, as the API prices: continuous rate, years of 365 days. All values are for
 * one unit of the underlying.
 */

/** @typedef {"CE" | "PE"} OptionType */
/**
 * `forward` and `strike` in points, `years` to the expiry, `rate` and `sigma` as fractions a year.
 * @typedef {{type: OptionType, forward: number, strike: number, years: number, rate: number,
 *     sigma: number}} Black76Input
 */

export const DAYS_PER_YEAR = 365;
/** Beyond it no normal distribution of a double has anything left. */
const FARTHEST_DEVIATION = 37;
/** From here on so many steps of the continued fraction are as exact as the polynomials. */
const TAIL_FROM = 4;
const TAIL_STEPS = 60;
const ROOT_OF_2_PI = Math.sqrt(2 * Math.PI);
/** Of J. F. Hart's approximation 5666 (Computer Approximations, 1968), from the highest power. */
const HART_ABOVE = [
    3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
    221.213596169931, 220.206867912376,
];
const HART_BELOW = [
    8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
    637.333633378831, 793.826512519948, 440.413735824752,
];

/**
 * The standard normal distribution, to 1e-12 of its value in the lower tail.
 * @param {number} deviation
 * @returns {number} the probability of a lower value
 */
export function normalDistribution(deviation) {
    const lower = lowerTail(Math.abs(deviation));
    return deviation > 0 ? 1 - lower : lower;
}

/** The probability below -distance. @param {number} distance at least 0 */
function lowerTail(distance) {
    if (distance > FARTHEST_DEVIATION) return 0;
    const density = Math.exp((-distance * distance) / 2);
    if (distance < TAIL_FROM) {
        return (density * polynomial(HART_ABOVE, distance)) / polynomial(HART_BELOW, distance);
    }
    let fraction = distance;
    for (let step = TAIL_STEPS; step > 0; step -= 1) fraction = distance + step / fraction;
    return density / (fraction * ROOT_OF_2_PI);
}

/** @param {number[]} coefficients @param {number} at */
function polynomial(coefficients, at) {
    return coefficients.reduce((sum, coefficient) => sum * at + coefficient, 0);
}

/**
 * The price of an option; without time or volatility what exercising pays, discounted.
 * @param {Black76Input} input
 * @returns {number} points
 */
export function black76Price({ type, forward, strike, years, rate, sigma }) {
    const sign = type === "CE" ? 1 : -1;
    const discount = Math.exp(-rate * years);
    const deviation = sigma * Math.sqrt(years);
    if (deviation === 0 || forward <= 0) {
        return discount * Math.max(0, sign * (forward - strike));
    }
    const d1 = Math.log(forward / strike) / deviation + deviation / 2;
    const gets = forward * normalDistribution(sign * d1);
    const pays = strike * normalDistribution(sign * (d1 - deviation));
    return discount * sign * (gets - pays);
}

/**
 * Delta and gamma per point of the forward, theta per calendar day, vega per point of volatility.
 * @param {Black76Input} input with time and volatility left
 */
export function black76Greeks(input) {
    const { type, forward, strike, years, rate, sigma } = input;
    const sign = type === "CE" ? 1 : -1;
    const discount = Math.exp(-rate * years);
    const deviation = sigma * Math.sqrt(years);
    const d1 = Math.log(forward / strike) / deviation + deviation / 2;
    const density = (discount * Math.exp((-d1 * d1) / 2)) / ROOT_OF_2_PI;
    const decay = (forward * density * sigma) / (2 * Math.sqrt(years));
    return {
        delta: sign * discount * normalDistribution(sign * d1),
        gamma: density / (forward * deviation),
        theta: (rate * black76Price(input) - decay) / DAYS_PER_YEAR,
        vega: (forward * density * Math.sqrt(years)) / 100,
    };
}
