/**
 * The legs of a strategy, and how the page's address writes them:
 * `+2x24000CE:30-Dec-2026@152.45,-1x24200PE`.
 */

import { dayOfExpiry } from "../../words/calendar_days.js";

/** @import { PickedCell } from "../../chain/picked_cell.js" */
/** @import { Snapshot } from "../../requests/snapshot.js" */

/** More are not read, so that no link makes a browser work for seconds. */
export const MOST_LEGS = 12;
/**
 * Side, lots, strike, type, and with `:` the expiry, with `@` the price. A + that is written into an
 * address without being encoded arrives as a space, and one at the beginning is lost.
 */
const LEG_PATTERN =
    /^([+ -]?)([1-9]\d{0,3})x(\d{1,7}(?:\.\d{1,2})?)(CE|PE)(?::(\d{2}-[A-Z][a-z]{2}-\d{4}))?(?:@(\d{1,7}(?:\.\d{1,4})?))?$/;

/**
 * So many lots of a contract: bought with the sign 1, sold with -1. `expiry` is null for the one
 * that the page shows, and `price` null for what the market asks or bids at the shown moment.
 * @typedef {{sign: 1 | -1, lots: number, strike: number, type: "CE" | "PE",
 *     expiry: string | null, price: number | null}} StrategyLeg
 */

/**
 * @param {string | null} text of the page's address
 * @returns {{legs: StrategyLeg[], refused: string[]}} what is understood, and the parts that are not
 */
export function parseLegs(text) {
    /** @type {StrategyLeg[]} */
    const legs = [];
    /** @type {string[]} */
    const refused = [];
    for (const part of text?.split(",") ?? []) {
        const leg = legs.length < MOST_LEGS ? legIn(part) : null;
        if (leg) legs.push(leg);
        else refused.push(part);
    }
    return { legs, refused };
}

/** @param {string} part @returns {StrategyLeg | null} */
function legIn(part) {
    const found = LEG_PATTERN.exec(part);
    if (!found) return null;
    const [, sign, lots, strike, type, expiry, price] = found;
    if (Number(strike) === 0 || (expiry && dayOfExpiry(expiry) === null)) return null;
    return {
        sign: sign === "-" ? -1 : 1,
        lots: Number(lots),
        strike: Number(strike),
        type: type === "CE" ? "CE" : "PE",
        expiry: expiry ?? null,
        price: price === undefined ? null : Number(price),
    };
}

/** @param {StrategyLeg[]} legs @returns {string | null} null without a leg */
export function formatLegs(legs) {
    const parts = legs.map(({ sign, lots, strike, type, expiry, price }) => {
        const contract = `${sign > 0 ? "+" : "-"}${lots}x${strike}${type}`;
        return contract + (expiry ? `:${expiry}` : "") + (price === null ? "" : `@${price}`);
    });
    return parts.join() || null;
}

/**
 * The legs after a click in the chain: on the ask one lot is bought, on the bid one is sold. A leg
 * of the same side that has no price of its own grows.
 * @param {PickedCell} picked @param {string | null} choice @param {Snapshot} snapshot
 * @returns {string | undefined} undefined where the click means no leg
 */
export function legsAfterClick({ strike, side, column }, choice, { chain }) {
    const isQuote = column === "ask_price" || column === "bid_price";
    const row = chain.rows.find((each) => each.strike_price === strike);
    if (!isQuote || !side || !row?.[side]) return undefined;
    const expiry = chain.expiry_date;
    const legs = parseLegs(choice).legs.map((leg) => ({ ...leg, expiry: leg.expiry ?? expiry }));
    const sign = column === "ask_price" ? 1 : -1;
    const type = side === "call" ? "CE" : "PE";
    const same = legs.find(
        (leg) =>
            leg.sign === sign &&
            leg.strike === strike &&
            leg.type === type &&
            leg.expiry === expiry &&
            leg.price === null,
    );
    if (same) same.lots += 1;
    else if (legs.length === MOST_LEGS) return undefined;
    else legs.push({ sign, lots: 1, strike, type, expiry, price: null });
    return formatLegs(legs) ?? undefined;
}
