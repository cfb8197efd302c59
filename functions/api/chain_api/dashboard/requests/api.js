/** Requests to the API that serves this page. URLs are relative, so a stage prefix is kept. */

import { readSetting } from "../browser/local_storage.js";
import { ApiError, errorOf } from "./api_error.js";

/** @import { Health } from "../api_types.d.ts" */
/** @typedef {Record<string, string | number | boolean | null>} QueryParameters */

const TIMEOUT_MS = 20000;
const SENDABLE = /^[\x21-\x7e]+$/;
/** @type {WeakMap<AbortSignal, Set<string>>} the addresses that were asked with a signal */
const asked = new WeakMap();
/** The root of the API, relative to this page. */
const ROOT = document.documentElement.dataset.root ?? "";

/**
 * @param {string} path like "symbols"
 * @param {QueryParameters} parameters those that are null are left out
 * @param {{signal: AbortSignal, etag?: string | null, cache?: RequestCache}} options
 * @returns {Promise<{status: number, body: any, headers: Headers}>} body is null for a 304
 * @throws {ApiError} and the signal's reason where the request was aborted
 */
export async function getJson(path, parameters, options) {
    const { signal, etag = null, cache = "no-store" } = options;
    const headers = requestHeaders(etag);
    asked.set(signal, new Set(asked.get(signal)).add(addressOf(path, parameters)));
    const response = await send(urlOf(path, parameters), { headers, cache }, signal);
    if (response.status === 304) return { status: 304, body: null, headers: response.headers };
    const body = await bodyOf(response, signal);
    if (!response.ok) throw errorOf(response, body);
    if (body === null) throw new ApiError("unavailable", "The API's answer was cut off.");
    return { status: response.status, body, headers: response.headers };
}

/**
 * The health of the service; a 503 is an answer too.
 * @param {AbortSignal} signal
 * @returns {Promise<Health>}
 */
export async function getHealth(signal) {
    const response = await send(urlOf("health", {}), { cache: "no-store" }, signal);
    const body = await bodyOf(response, signal);
    if (!body?.status || !body.reasons) throw errorOf(response, body);
    return body;
}

/** The whole address of a request. @param {string} path @param {QueryParameters} parameters */
export function addressOf(path, parameters) {
    return new URL(urlOf(path, parameters), document.baseURI).href;
}

/** The addresses that were asked with a signal. @param {AbortSignal | null} signal */
export function addressesAsked(signal) {
    return signal ? [...(asked.get(signal) ?? [])] : [];
}

/** @param {string} path @param {QueryParameters} parameters */
function urlOf(path, parameters) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
        if (value !== null) query.set(name, String(value));
    }
    return query.size ? `${ROOT}${path}?${query}` : ROOT + path;
}

/** Whether a text can be sent as a key: a header has no other characters. @param {string} text */
export function isKey(text) {
    return SENDABLE.test(text);
}

/** The key that this browser stores, null without one that can be sent. */
export function storedKey() {
    const key = readSetting("key");
    return key !== null && isKey(key) ? key : null;
}

/** @param {string | null} etag */
function requestHeaders(etag) {
    const headers = new Headers({ Accept: "application/json" });
    const key = storedKey();
    if (key) headers.set("X-Api-Key", key);
    if (etag) headers.set("If-None-Match", etag);
    return headers;
}

/** @param {string} url @param {RequestInit} options @param {AbortSignal} signal */
async function send(url, options, signal) {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
        return await fetch(url, { ...options, signal: AbortSignal.any([signal, timeout]) });
    } catch (error) {
        if (signal.aborted) throw error;
        const late = timeout.aborted;
        throw new ApiError(
            "unavailable",
            late ? "The API takes too long to answer." : "The API cannot be reached.",
        );
    }
}

/**
 * The JSON of a body, null where it is none.
 * @param {Response} response
 * @param {AbortSignal} signal
 */
async function bodyOf(response, signal) {
    try {
        return await response.json();
    } catch (error) {
        if (signal.aborted) throw error;
        return null;
    }
}
