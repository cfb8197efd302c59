/** What an error of the API means to the page. */

/** @import { Problem } from "../api_types.d.ts" */

/**
 * "unavailable": not reached, or an answer from 500 on. "key": a key is missing or wrong.
 * "limited": too many requests, 429. "empty": nothing is recorded. "invalid": the API does not know
 * the symbol, expiry or path that was asked for.
 * @typedef {"unavailable" | "key" | "limited" | "empty" | "invalid"} ErrorKind
 */

/** A request that brought no data; the message can be shown to the user. */
export class ApiError extends Error {
    /**
     * @param {ErrorKind} kind
     * @param {string} message
     * @param {number} [retryAfter] seconds that the server asks to wait, 0 where it does not
     * @param {Problem | null} [problem]
     */
    constructor(kind, message, retryAfter = 0, problem = null) {
        super(message);
        this.kind = kind;
        this.retryAfter = retryAfter;
        this.problem = problem;
    }

    /** Whether the API works, but has no data of what was asked for. */
    get isNoData() {
        return this.kind === "empty" || this.kind === "invalid";
    }
}

/**
 * What an error of a poll means: one that is none of the API's is of the page itself, and is reported.
 * @param {unknown} error
 */
export function apiErrorOf(error) {
    if (error instanceof ApiError) return error;
    reportError(error);
    return new ApiError("unavailable", `The page failed: ${error}`);
}

/** @param {Response} response @param {Problem | null} problem its body */
export function errorOf(response, problem) {
    const message = problem?.detail ?? `The API answers ${response.status}.`;
    const retryAfter = secondsIn(response.headers.get("Retry-After"));
    return new ApiError(kindOf(response.status, problem), message, retryAfter, problem);
}

/** @param {number} status @param {Problem | null} problem @returns {ErrorKind} */
function kindOf(status, problem) {
    const type = String(problem?.type);
    if (status === 429) return "limited";
    if (status === 403 && type.endsWith("invalid-api-key")) return "key";
    if (status === 404) return type.endsWith("not-found") ? "invalid" : "empty";
    if (status === 422) return "invalid";
    return "unavailable";
}

/** The seconds of a Retry-After header, which is a number or a date. @param {string | null} text */
function secondsIn(text) {
    if (!text) return 0;
    const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
    return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
