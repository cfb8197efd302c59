/** Questions to the API beside this page, and what a refusal means. */

import { recall } from "./remembered.js";

const PATIENCE_MS = 20000;

/**
 * Why there is no answer.
 * kind: away (unreachable, 5xx), key (wanted or wrong), limited (429), empty (nothing recorded), unknown (not served).
 */
export class Refusal extends Error {
    /** @param {string} kind @param {string} detail @param {number} [wait] seconds asked for @param {any} [problem] */
    constructor(kind, detail, wait = 0, problem = null) {
        super(detail);
        this.kind = kind;
        this.wait = wait;
        this.problem = problem;
    }
}

/**
 * Ask by GET; addresses are relative to the page, so a stage prefix holds.
 * @param {string} path like "symbols"
 * @param {Record<string, unknown>} query members that are null are left out
 * @param {{signal?: AbortSignal, etag?: string | null, cache?: RequestCache}} [options]
 * @returns {Promise<{status: number, body: any, headers: Headers}>} body is null for a 304
 * @throws {Refusal} and the signal's reason where the question was given up
 */
export async function ask(path, query, { signal, etag = null, cache = "no-store" } = {}) {
    const response = await answerTo(address(path, query), { headers: headersWith(etag), cache }, signal);
    if (response.status === 304) return { status: 304, body: null, headers: response.headers };
    const body = await parsed(response, signal);
    if (!response.ok) throw refused(response, body);
    if (body === null) throw new Refusal("away", "The API's answer was cut off.");
    return { status: response.status, body, headers: response.headers };
}

/** The health of the service; a 503 is an answer too. @param {AbortSignal} signal */
export async function askHealth(signal) {
    const response = await answerTo("health", { cache: "no-store" }, signal);
    const body = await parsed(response, signal);
    if (!body?.status || !body.reasons) throw refused(response, body);
    return body;
}

function address(path, query) {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return text ? `${path}?${text}` : path;
}

function headersWith(etag) {
    const headers = { Accept: "application/json" };
    const key = recall("key");
    if (key) headers["X-Api-Key"] = key;
    if (etag) headers["If-None-Match"] = etag;
    return headers;
}

async function answerTo(url, options, signal) {
    const late = AbortSignal.timeout(PATIENCE_MS);
    try {
        return await fetch(url, { ...options, signal: signal ? AbortSignal.any([signal, late]) : late });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new Refusal(
            "away",
            late.aborted ? "The API takes too long to answer." : "The API cannot be reached.",
        );
    }
}

async function parsed(response, signal) {
    try {
        return await response.json();
    } catch (error) {
        if (signal?.aborted) throw error;
        return null;
    }
}

function refused(response, problem) {
    const detail = problem?.detail ?? `The API answers ${response.status}.`;
    return new Refusal(
        kindOf(response.status, problem),
        detail,
        secondsIn(response.headers.get("Retry-After")),
        problem,
    );
}

function kindOf(status, problem) {
    if (status === 429) return "limited";
    if (status === 403 && String(problem?.type).endsWith("invalid-api-key")) return "key";
    if (status === 404) return String(problem?.type).endsWith("not-found") ? "unknown" : "empty";
    if (status === 422) return "unknown";
    return "away";
}

/** Whether the API answers, and has nothing of what is asked for. @param {Refusal} refusal */
export function isNothing({ kind }) {
    return kind === "empty" || kind === "unknown";
}

/** Seconds of a Retry-After, which is a number or a date; 0 for none. @param {string | null} text */
function secondsIn(text) {
    if (!text) return 0;
    const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
    return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
