/** When to ask: every five seconds, one question at a time, less often when refused, not at all unseen. */

import { Refusal } from "./api.js";

const INTERVAL_MS = 5000;
const LEAST_PAUSE_MS = 1000;
const LONGEST_WAIT_MS = 60000;

export class Pulse {
    /**
     * @param {(signal: AbortSignal) => Promise<void>} beat asks and shows; throws what kept it from that
     * @param {(error: unknown, wait: number) => void} failed is told why, and after how many ms the next beat comes
     */
    constructor(beat, failed) {
        this.beat = beat;
        this.failed = failed;
        this.failures = 0;
        this.notBefore = 0;
        this.halted = false;
        /** @type {AbortController | null} */
        this.control = null;
        this.timer = 0;
        document.addEventListener("visibilitychange", () => this.seen());
    }

    /** Beat at once and give up what is under way; only a server that said when is waited for. */
    now() {
        this.halted = false;
        this.control?.abort();
        this.control = null;
        const left = this.notBefore - Date.now();
        if (left > 0) this.later(left);
        else this.run();
    }

    seen() {
        clearTimeout(this.timer);
        if (!document.hidden && !this.halted && !this.control) this.now();
    }

    later(wait) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.run(), wait);
    }

    async run() {
        clearTimeout(this.timer);
        if (document.hidden) return;
        const control = new AbortController();
        const began = Date.now();
        this.control = control;
        let wait;
        try {
            await this.beat(control.signal);
            this.failures = 0;
            wait = Math.max(LEAST_PAUSE_MS, INTERVAL_MS - (Date.now() - began));
        } catch (error) {
            if (control.signal.aborted) return;
            wait = this.waitAfter(error);
            this.failed(error, wait);
        }
        if (this.control !== control) return;
        this.control = null;
        if (!this.halted && !document.hidden) this.later(wait);
    }

    waitAfter(error) {
        const kind = error instanceof Refusal ? error.kind : "away";
        this.halted = kind === "key"; // until there is one
        if (kind === "empty" || kind === "unknown") return INTERVAL_MS;
        const doubled = Math.min(LONGEST_WAIT_MS, INTERVAL_MS * 2 ** this.failures);
        this.failures += 1;
        // Many pages that lost the same server do not come back at the same instant.
        const wait = doubled * (0.8 + 0.2 * Math.random());
        const asked = error instanceof Refusal ? error.wait * 1000 : 0;
        if (asked > 0) this.notBefore = Date.now() + asked;
        return Math.max(wait, asked * (1 + 0.1 * Math.random()));
    }
}
