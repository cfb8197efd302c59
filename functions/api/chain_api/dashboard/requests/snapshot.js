/** One snapshot of the chain with its analytics, both of the same instant. */

import { chosenVolatility } from "../figures/volatility_choice.js";
import { addressOf, getJson } from "./api.js";
import { ApiError } from "./api_error.js";

/** @import { Analytics, Chain, IvChoice } from "../api_types.d.ts" */
/** @import { Selection } from "../page/page_url.js" */

/**
 * How fresh a snapshot is by the API's own clock; `receivedAt` is a time of performance.now().
 * @typedef {{ageSeconds: number | null, gap: boolean, lastSeenAt: string,
 *     receivedAt: number}} Freshness
 */

/**
 * `analytics` is null where the API has none, and where they have not come yet for the error beside
 * them. `at` is the moment that is replayed, at or after the chain's, null when live. `request` tells
 * two requests apart, so that an ETag goes out only with the request it belongs to.
 * @typedef {{analytics: Analytics | null, analyticsError: ApiError | null}} FoundAnalytics
 * @typedef {{chain: Chain, at: string | null, etag: string | null, request: string,
 *     freshness: Freshness} & FoundAnalytics} Snapshot
 */

/**
 * Get the chain first, then the analytics of its timestamp: numbers of two snapshots never mix. Where
 * the analytics alone cannot be had the chain is worth showing.
 * @param {Selection} selection
 * @param {Snapshot | null} previous what the same request brought before
 * @param {AbortSignal} signal
 * @returns {Promise<Snapshot>} the previous one with its new freshness, where nothing has changed,
 *     and with the analytics that it lacked
 */
export async function fetchSnapshot(selection, previous, signal) {
    const path = chainPath(selection.symbol ?? "");
    const { at } = selection;
    const iv_source = chosenVolatility();
    const parameters = {
        expiry: selection.expiry ?? "nearest",
        as_of: at,
        greeks: true,
        iv_source,
        layout: "rows",
    };
    const request = JSON.stringify([path, parameters]);
    const known = previous?.request === request ? previous : null;
    // The past does not change, so the browser may cache it.
    const cache = at ? "default" : "no-store";
    const answer = await getJson(path, parameters, { signal, cache, etag: known?.etag });
    const { headers } = answer;
    if (answer.status === 304 && known) {
        const { chain, analyticsError } = known;
        const found = analyticsError && (await fetchAnalytics(path, chain, iv_source, signal));
        return { ...known, ...found, freshness: freshnessOf304(headers, known.freshness) };
    }
    const chain = /** @type {Chain} */ (answer.body);
    const analytics = known && isSameInstant(known.chain, chain) ? known.analytics : null;
    const found = analytics
        ? { analytics, analyticsError: null }
        : await fetchAnalytics(path, chain, iv_source, signal);
    return {
        chain,
        ...found,
        at,
        etag: headers.get("ETag"),
        request,
        freshness: freshnessOf(chain),
    };
}

/**
 * @param {string} symbol
 * @returns {string} the path of its chain, below which its other data are
 */
export function chainPath(symbol) {
    return `option-chain/${encodeURIComponent(symbol)}`;
}

/** The requests that bring a snapshot again at any time. @param {Pick<Snapshot, "chain">} snapshot @returns {string[]} */
export function addressesOf({ chain: { symbol, expiry_date: expiry, timestamp: as_of, model } }) {
    const path = chainPath(symbol);
    const moment = { expiry, as_of, iv_source: model.iv_source };
    return [addressOf(path, { ...moment, greeks: true }), addressOf(`${path}/analytics`, moment)];
}

/** @param {Snapshot | null} one @param {Snapshot} other */
export function isSameSnapshot(one, other) {
    if (one?.chain !== other.chain || one.analytics !== other.analytics) return false;
    return one.analyticsError?.message === other.analyticsError?.message;
}

/** Seconds from the exchange's last confirmation until now. @param {Freshness} freshness */
export function currentAge({ ageSeconds, receivedAt }) {
    return ageSeconds === null ? null : ageSeconds + (performance.now() - receivedAt) / 1000;
}

/** @param {Chain} one @param {Chain} other */
function isSameInstant(one, other) {
    return one.timestamp === other.timestamp && one.expiry_date === other.expiry_date;
}

/** @param {Chain} chain @returns {Freshness} */
function freshnessOf(chain) {
    return {
        ageSeconds: chain.age_seconds,
        gap: chain.gap === true,
        lastSeenAt: chain.last_seen_at,
        receivedAt: performance.now(),
    };
}

/**
 * A 304 has no body, but headers with these values.
 * @param {Headers} headers
 * @param {Freshness} before
 */
function freshnessOf304(headers, before) {
    const age = headers.get("X-Age-Seconds");
    const gap = headers.get("X-Gap");
    return {
        ageSeconds: age === null ? before.ageSeconds : Number(age),
        gap: gap === null ? before.gap : gap === "true",
        lastSeenAt: headers.get("X-Last-Seen-At") ?? before.lastSeenAt,
        receivedAt: performance.now(),
    };
}

/**
 * @param {string} path @param {Chain} chain @param {IvChoice} iv_source
 * @param {AbortSignal} signal
 * @returns {Promise<FoundAnalytics>} without an error and null where the API has none of this instant
 * @throws {ApiError} for an error that concerns every request
 */
async function fetchAnalytics(path, chain, iv_source, signal) {
    const parameters = { expiry: chain.expiry_date, as_of: chain.timestamp, iv_source };
    try {
        const { body } = await getJson(`${path}/analytics`, parameters, { signal });
        const analytics = body.timestamp === chain.timestamp ? body : null;
        return { analytics, analyticsError: null };
    } catch (error) {
        if (signal.aborted || !(error instanceof ApiError)) throw error;
        if (error.kind === "key" || error.kind === "limited") throw error;
        return { analytics: null, analyticsError: error.isNoData ? null : error };
    }
}
