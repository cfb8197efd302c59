/**
 * When the page polls: every five seconds, one poll at a time, less often after errors, and in a
 * hidden tab only where it has a reason to. What is slow has a round of its own beside the polls.
 */

import { ApiError } from "./api_error.js";

const INTERVAL_MS = 5000;
/** In a hidden tab; browsers make it a minute after a while. */
const HIDDEN_INTERVAL_MS = 15000;
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_WAIT_MS = 60000;

export class Poller {
    /**
     * @param {(signal: AbortSignal) => Promise<void>} poll one round of requests
     * @param {(error: unknown, wait: number) => void} onError gets the ms until the next poll
     * @param {{pollsHidden?: () => boolean, beside?: (signal: AbortSignal) => Promise<void>}} [options]
     *     whether to poll in a hidden tab too; the requests after a poll for which the next poll does
     *     not wait
     */
    constructor(poll, onError, { pollsHidden = () => false, beside = async () => {} } = {}) {
        this.poll = poll;
        this.onError = onError;
        this.pollsHidden = pollsHidden;
        this.beside = beside;
        this.failures = 0;
        /** Before this time, of Date.now(), the server wants no request. */
        this.notBefore = 0;
        this.needsKey = false;
        /** @type {AbortController | null} of the poll that is under way */
        this.controller = null;
        /** @type {AbortController | null} of the round beside the polls that is under way */
        this.besideController = null;
        /** Whether another round beside the polls begins when the one that is under way has come. */
        this.isBesideDue = false;
        /** @type {number | undefined} */
        this.timer = undefined;
        this.listening = new AbortController();
        const { signal } = this.listening;
        document.addEventListener("visibilitychange", () => this.onVisibilityChange(), { signal });
        addEventListener("online", () => this.onVisibilityChange(), { signal });
    }

    /** Never poll again. */
    close() {
        this.listening.abort();
        clearTimeout(this.timer);
        this.abort();
    }

    /** Poll at once, or as soon as the server's Retry-After allows. What is under way is aborted. */
    pollNow() {
        this.needsKey = false;
        this.abort();
        const wait = this.notBefore - Date.now();
        if (wait > 0) this.pollAfter(wait);
        else this.run();
    }

    abort() {
        this.controller?.abort();
        this.controller = null;
        this.abortBeside();
    }

    /** Let go of the round beside the polls: the next poll begins another one. */
    abortBeside() {
        this.besideController?.abort();
        this.besideController = null;
        this.isBesideDue = false;
    }

    /**
     * Something else is shown without a poll: ask for what stands beside it at once or, while a round
     * is under way, when that has come. So there is never more than one.
     */
    besideNow() {
        // After an error the next poll says when something may be asked for again.
        if (this.failures) return;
        if (this.besideController) this.isBesideDue = true;
        else this.runBeside();
    }

    onVisibilityChange() {
        clearTimeout(this.timer);
        if (this.needsKey || this.controller) return;
        if (!document.hidden) this.pollNow();
        else if (this.mayPoll) this.pollAfter(HIDDEN_INTERVAL_MS);
    }

    get mayPoll() {
        return !document.hidden || this.pollsHidden();
    }

    /** @param {number} wait in milliseconds */
    pollAfter(wait) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.run(), wait);
    }

    /** A request beside the polls has failed: wait as after a poll. @param {unknown} error */
    fail(error) {
        this.abort();
        const wait = this.waitAfter(error);
        this.onError(error, wait);
        this.goOn(wait);
    }

    /** @param {number} wait in milliseconds */
    goOn(wait) {
        if (!this.needsKey && this.mayPoll) this.pollAfter(wait);
    }

    async run() {
        clearTimeout(this.timer);
        if (!this.mayPoll) return;
        const controller = new AbortController();
        const startedAt = Date.now();
        this.controller = controller;
        let wait;
        try {
            await this.poll(controller.signal);
            if (this.controller === controller) this.runBeside();
            const interval = document.hidden ? HIDDEN_INTERVAL_MS : INTERVAL_MS;
            wait = Math.max(SHORTEST_PAUSE_MS, interval - (Date.now() - startedAt));
        } catch (error) {
            if (controller.signal.aborted) return;
            wait = this.waitAfter(error);
            this.onError(error, wait);
        }
        if (this.controller !== controller) return;
        this.controller = null;
        this.goOn(wait);
    }

    /** Begin another round beside the polls, unless one is under way. */
    async runBeside() {
        if (this.besideController) return;
        const controller = new AbortController();
        this.besideController = controller;
        this.isBesideDue = false;
        try {
            await this.beside(controller.signal);
            this.failures = 0;
        } catch (error) {
            if (!controller.signal.aborted) this.fail(error);
        }
        if (this.besideController !== controller) return;
        this.besideController = null;
        if (this.isBesideDue) this.runBeside();
    }

    /** @param {unknown} error @returns {number} the milliseconds to wait after it */
    waitAfter(error) {
        const apiError = error instanceof ApiError ? error : null;
        // Without the right key every further request would fail as well.
        this.needsKey = apiError?.kind === "key";
        if (apiError?.isNoData) return INTERVAL_MS;
        const backoff = Math.min(LONGEST_WAIT_MS, INTERVAL_MS * 2 ** this.failures);
        this.failures += 1;
        const retryAfter = (apiError?.retryAfter ?? 0) * 1000;
        if (retryAfter > 0) this.notBefore = Date.now() + retryAfter;
        // With the jitter, many pages that lost the same server do not come back at one instant.
        return Math.max(
            backoff * (0.8 + 0.2 * Math.random()),
            retryAfter * (1 + 0.1 * Math.random()),
        );
    }
}
