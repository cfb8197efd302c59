/** What the panel of a strategy says of its legs: of which time their prices are, and how they are valued. */

import { formatTime } from "../../words/format.js";
import { MOST_LEGS } from "./strategy_legs.js";

/** @import { StrategyMarket } from "./strategy_market.js" */

const INVITATION =
    "Use a structure, add a leg, or click an ask (buys) or a bid (sells) in the chain.";
const HIDDEN_QUOTES = "The button Columns of the chain shows Bid and Ask.";
const LATER =
    "A leg of a later expiry is valued at the first one with its own forward and volatility, as they are now.";

/**
 * @param {number} legs how many there are
 * @param {string[]} expiries of the legs
 * @param {StrategyMarket | null} market
 * @param {boolean} hasQuotes whether the chain shows both bid and ask
 */
export function noteOfStrategy(legs, expiries, market, hasQuotes) {
    if (!legs) return hasQuotes ? INVITATION : `${INVITATION} ${HIDDEN_QUOTES}`;
    const times = expiries.flatMap((expiry) => {
        const chain = market?.expiries[expiry]?.chain;
        return chain ? [`${expiry} of ${formatTime(chain.timestamp)} IST`] : [];
    });
    const sentences = [
        legs >= MOST_LEGS ? `${MOST_LEGS} legs are the most.` : "",
        times.length ? `Prices: ${times.join(", ")}.` : "",
        expiries.length > 1 ? LATER : "",
    ];
    return sentences.filter(Boolean).join(" ");
}
