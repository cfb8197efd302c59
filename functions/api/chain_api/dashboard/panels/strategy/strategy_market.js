/** The chains that a strategy needs, all of one moment: that of the page, and other expiries. */

import { chosenVolatility } from "../../figures/volatility_choice.js";
import { ApiError } from "../../requests/api_error.js";
import { fetchSnapshot } from "../../requests/snapshot.js";

/** @import { Analytics, Chain } from "../../api_types.d.ts" */
/** @import { Snapshot } from "../../requests/snapshot.js" */

/** So long the chains of before are shown while those of now are on their way. */
const LONGEST_HOLD_MS = 120000;

/**
 * Null where the expiry is not listed.
 * @typedef {{chain: Chain, analytics: Analytics | null} | null} ExpiryChain
 */
/**
 * `expiries` has each expiry that was asked for. `timestamp` is that of the page's chain.
 * @typedef {{symbol: string, timestamp: string, shownExpiry: string,
 *     expiries: Record<string, ExpiryChain>}} StrategyMarket
 */

export class StrategyChains {
    constructor() {
        /** @type {StrategyMarket | null} of the shown snapshot, as far as it has come */
        this.current = null;
        /** @type {StrategyMarket | null} the last one that had all that was needed */
        this.whole = null;
        this.subject = "";
    }

    /** Begin a new moment, if it is one. @param {Snapshot} snapshot */
    begin(snapshot) {
        const { chain, analytics } = snapshot;
        const { symbol, timestamp, expiry_date: shownExpiry } = chain;
        const subject = [symbol, timestamp, chain.model.iv_source].join();
        const known = subject === this.subject ? this.current : null;
        const before = known?.shownExpiry === shownExpiry ? known.expiries[shownExpiry] : null;
        if (before?.chain === chain && before.analytics === analytics) return;
        const expiries = { ...known?.expiries, [shownExpiry]: { chain, analytics } };
        this.subject = subject;
        this.current = { symbol, timestamp, shownExpiry, expiries };
    }

    /**
     * What is to be shown of these expiries: all at the moment of the page or, while some are on
     * their way, all at the one just before.
     * @param {Iterable<string>} needed
     * @returns {StrategyMarket | null}
     */
    marketFor(needed) {
        const { current, whole } = this;
        if (current && isWhole(current, needed)) this.whole = current;
        else if (current && whole && isWhole(whole, needed) && isJustBefore(whole, current))
            return whole;
        return current;
    }

    /**
     * Get the chains that the current moment lacks. The page may show a later one before they come:
     * then they are those just before.
     * @param {Iterable<string>} needed @param {string[]} listed the expiries that there are
     * @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether there are new ones
     */
    async fetch(needed, listed, signal) {
        const { current } = this;
        if (!current) return false;
        const missing = [...new Set(needed)].filter((expiry) => !(expiry in current.expiries));
        // The volatilities of the page's chain may still be those chosen before.
        if (!this.subject.endsWith(chosenVolatility())) return false;
        await Promise.all(
            missing.map(async (expiry) => {
                const isListed = listed.includes(expiry);
                const found = isListed ? await chainAt(current, expiry, signal) : null;
                current.expiries = { ...current.expiries, [expiry]: found };
            }),
        );
        if (isWhole(current, needed)) this.whole = current;
        return missing.length > 0;
    }

    clear() {
        this.current = this.whole = null;
        this.subject = "";
    }
}

/** @param {StrategyMarket} market @param {Iterable<string>} needed */
function isWhole(market, needed) {
    return [...needed].every((expiry) => expiry in market.expiries);
}

/** @param {StrategyMarket} market @param {StrategyMarket} next */
function isJustBefore(market, next) {
    const passed = Date.parse(next.timestamp) - Date.parse(market.timestamp);
    return market.symbol === next.symbol && passed >= 0 && passed <= LONGEST_HOLD_MS;
}

/**
 * @param {StrategyMarket} market @param {string} expiry @param {AbortSignal} signal
 * @returns {Promise<ExpiryChain>}
 */
async function chainAt({ symbol, timestamp }, expiry, signal) {
    const selection = {
        symbol,
        expiry,
        at: timestamp,
        against: null,
        panels: null,
        contracts: null,
        legs: null,
    };
    try {
        const found = await fetchSnapshot(selection, null, signal);
        const { chain, analytics, analyticsError } = found;
        // What is kept of a moment is not asked for again.
        if (analyticsError) throw analyticsError;
        return { chain, analytics };
    } catch (error) {
        if (error instanceof ApiError && error.isNoData) return null;
        throw error;
    }
}
