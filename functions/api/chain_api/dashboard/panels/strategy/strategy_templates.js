/**
 * Well-known structures of options, around the strike at the money of a chain. Strikes beside it are
 * one standard deviation away, and two for the wings of an iron condor.
 */

import { isNumber } from "../../words/format.js";
import { atmStrikeOf } from "../../words/reference.js";
import { DAYS_PER_YEAR } from "./black76.js";

/** @import { Chain } from "../../api_types.d.ts" */
/** @import { Snapshot } from "../../requests/snapshot.js" */
/** @import { StrategyLeg } from "./strategy_legs.js" */

/** Sign and lots, type, and how many deviations from the money. @typedef {[number, "CE" | "PE", number]} TemplateLeg */

/** @type {Record<string, TemplateLeg[]>} */
const TEMPLATES = {
    "Long straddle": [
        [1, "CE", 0],
        [1, "PE", 0],
    ],
    "Short straddle": [
        [-1, "CE", 0],
        [-1, "PE", 0],
    ],
    "Long strangle": [
        [1, "PE", -1],
        [1, "CE", 1],
    ],
    "Short strangle": [
        [-1, "PE", -1],
        [-1, "CE", 1],
    ],
    "Iron condor": [
        [1, "PE", -2],
        [-1, "PE", -1],
        [-1, "CE", 1],
        [1, "CE", 2],
    ],
    "Iron butterfly": [
        [1, "PE", -1],
        [-1, "PE", 0],
        [-1, "CE", 0],
        [1, "CE", 1],
    ],
    "Bull call spread": [
        [1, "CE", 0],
        [-1, "CE", 1],
    ],
    "Bear call spread": [
        [-1, "CE", 0],
        [1, "CE", 1],
    ],
    "Bull put spread": [
        [1, "PE", -1],
        [-1, "PE", 0],
    ],
    "Bear put spread": [
        [-1, "PE", -1],
        [1, "PE", 0],
    ],
    "Call ratio spread": [
        [1, "CE", 0],
        [-2, "CE", 1],
    ],
    "Put ratio spread": [
        [1, "PE", 0],
        [-2, "PE", -1],
    ],
};
/** It needs the chain of the next expiry as well. */
export const CALENDAR = "Calendar spread";
export const TEMPLATE_NAMES = [...Object.keys(TEMPLATES), CALENDAR];
/** Strikes from the money to the next place, where no volatility tells a deviation. */
const STRIKES_A_DEVIATION = 4;

/**
 * @param {string} name of the structure
 * @param {Snapshot} snapshot
 * @param {Chain | null} next the chain of the next expiry, for a calendar
 * @returns {StrategyLeg[] | null} null where the chain has not the strikes for it
 */
export function legsOfTemplate(name, snapshot, next) {
    const atm = atmStrikeOf(snapshot);
    if (atm === null) return null;
    if (name === CALENDAR) return next && calendarLegs(snapshot.chain, next, atm);
    const { chain } = snapshot;
    const legs = (TEMPLATES[name] ?? []).map(([signedLots, type, deviations]) => {
        const strike = strikeAway(snapshot, type, atm, deviations);
        return strike === null ? null : legOfTemplate(signedLots, strike, type, chain);
    });
    const known = legs.filter((leg) => leg !== null);
    const strikes = new Set(known.map(({ strike, type }) => `${type} ${strike}`));
    return known.length && strikes.size === legs.length ? known : null;
}

/**
 * @param {number} signedLots @param {number} strike @param {"CE" | "PE"} type @param {Chain} chain
 * @returns {StrategyLeg}
 */
function legOfTemplate(signedLots, strike, type, chain) {
    const sign = signedLots > 0 ? 1 : -1;
    const lots = Math.abs(signedLots);
    return { sign, lots, strike, type, expiry: chain.expiry_date, price: null };
}

/**
 * The near call is sold and the far one bought, at the strike of both that is nearest to the money.
 * @param {Chain} near @param {Chain} far @param {number} atm
 */
function calendarLegs(near, far, atm) {
    const inBoth = new Set(strikesWith(far, "CE"));
    const strikes = strikesWith(near, "CE").filter((strike) => inBoth.has(strike));
    const strike = nearestTo(strikes, atm);
    if (strike === null) return null;
    return [legOfTemplate(-1, strike, "CE", near), legOfTemplate(1, strike, "CE", far)];
}

/**
 * The listed strike that is nearest to so many standard deviations from the money, and at least so
 * many strikes away.
 * @param {Snapshot} snapshot @param {"CE" | "PE"} type @param {number} atm
 * @param {number} deviations
 * @returns {number | null}
 */
function strikeAway({ chain, analytics }, type, atm, deviations) {
    const strikes = strikesWith(chain, type);
    if (deviations === 0) return strikes.includes(atm) ? atm : null;
    const side = Math.sign(deviations);
    const beyond = strikes
        .filter((strike) => side * (strike - atm) > 0)
        .sort((one, other) => side * (one - other));
    const distant = beyond.slice(Math.abs(deviations) - 1);
    const { forward, days_to_expiry: days } = chain.model;
    const iv = analytics?.atm_iv;
    if (!isNumber(iv) || !isNumber(forward) || days <= 0) {
        return beyond[Math.abs(deviations) * STRIKES_A_DEVIATION - 1] ?? beyond.at(-1) ?? null;
    }
    const deviation = (iv / 100) * Math.sqrt(days / DAYS_PER_YEAR);
    return nearestTo(distant, forward * Math.exp(deviations * deviation));
}

/** @param {Chain} chain @param {"CE" | "PE"} type */
function strikesWith({ rows }, type) {
    return rows
        .filter((row) => (type === "CE" ? row.call : row.put))
        .map((row) => row.strike_price);
}

/** @param {number[]} strikes @param {number} price @returns {number | null} */
function nearestTo(strikes, price) {
    if (!strikes.length) return null;
    return strikes.reduce((best, strike) =>
        Math.abs(strike - price) < Math.abs(best - price) ? strike : best,
    );
}
