/** How many strikes around the money a panel shows. */

import { addKeptChoice } from "./kept_choice.js";

const STRIKE_WINDOWS = /** @type {const} */ ([
    ["10", "ATM ± 10"],
    ["20", "ATM ± 20"],
    ["all", "All"],
]);

/** @typedef {typeof STRIKE_WINDOWS[number][0]} StrikeWindow */

/**
 * @param {HTMLElement} bar @param {{name: string, initial: StrikeWindow}} content
 * @param {() => void} onChange
 * @returns {() => StrikeWindow} what is chosen
 */
export function addWindowChoice(bar, { name, initial }, onChange) {
    const content = { name, label: "Strikes", options: STRIKE_WINDOWS, initial };
    return addKeptChoice(bar, content, onChange);
}

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
