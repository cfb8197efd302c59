/** One snapshot with its figures: chain and analytics of the same instant, or nothing new. */

import { Refusal, ask, isNothing } from "./api.js";

/**
 * chain: the body of option-chain/{symbol}, by rows; figures: that of its analytics, null where there are none;
 * at: the moment replayed, null live; seen: how long it is known to have held.
 * @typedef {{chain: any, figures: any, at: string | null, etag: string | null, question: string, seen: Seen}} Picture
 * @typedef {{age: number | null, gap: boolean, lastSeenAt: string, taken: number}} Seen
 */

/**
 * Ask for the chain first, and for the figures of just its instant: numbers of two snapshots never mix.
 * @param {import("./address.js").View} view
 * @param {Picture | null} known what was had of the same question
 * @param {AbortSignal} signal
 * @returns {Promise<Picture>} the known one, seen anew, where nothing has changed
 */
export async function take(view, known, signal) {
    const path = `option-chain/${encodeURIComponent(view.symbol ?? "")}`;
    const query = { expiry: view.expiry ?? "nearest", as_of: view.at, greeks: true, layout: "rows" };
    const question = JSON.stringify([path, query]);
    const same = known?.question === question ? known : null;
    // The past does not change: the browser may keep it.
    const cache = view.at ? "default" : "no-store";
    const { status, body, headers } = await ask(path, query, { signal, cache, etag: same?.etag });
    if (status === 304 && same) return { ...same, seen: seenIn(headers, same.seen) };
    const etag = headers.get("ETag");
    const seen = {
        age: body.age_seconds,
        gap: body.gap === true,
        lastSeenAt: body.last_seen_at,
        taken: performance.now(),
    };
    const unchanged =
        same &&
        same.figures &&
        same.chain.timestamp === body.timestamp &&
        same.chain.expiry_date === body.expiry_date;
    const figures = unchanged ? same.figures : await figuresOf(path, body, signal);
    return { chain: body, figures, at: view.at, etag, question, seen };
}

/** Whether two pictures are of the same snapshot. @param {Picture | null} one @param {Picture} other */
export function isSame(one, other) {
    return one !== null && one.chain === other.chain && one.figures === other.figures;
}

/** Seconds since the exchange last confirmed it, by now. @param {Seen} seen */
export function ageNow(seen) {
    return seen.age === null ? null : seen.age + (performance.now() - seen.taken) / 1000;
}

function seenIn(headers, before) {
    const age = headers.get("X-Age-Seconds");
    const gap = headers.get("X-Gap");
    return {
        age: age === null ? before.age : Number(age),
        gap: gap === null ? before.gap : gap === "true",
        lastSeenAt: headers.get("X-Last-Seen-At") ?? before.lastSeenAt,
        taken: performance.now(),
    };
}

async function figuresOf(path, chain, signal) {
    const query = { expiry: chain.expiry_date, as_of: chain.timestamp };
    try {
        const { body } = await ask(`${path}/analytics`, query, { signal });
        return body.timestamp === chain.timestamp ? body : null;
    } catch (error) {
        // A chain without figures is worth showing; a refusal of another kind is one of the whole.
        if (error instanceof Refusal && isNothing(error)) return null;
        throw error;
    }
}
