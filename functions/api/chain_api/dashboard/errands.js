/** What is asked beside the chain, each when it is due: symbols, expiries, the day's snapshots, the health. */

import { Refusal, ask, askHealth } from "./api.js";
import { isoDay } from "./format.js";

const SOON_MS = 15000;
const NOW_AND_THEN_MS = 300000;

export class Errands {
    /** @param {import("./pickers.js").Pickers} pickers @param {import("./day.js").Day} day */
    constructor(pickers, day) {
        this.pickers = pickers;
        this.day = day;
        this.health = null;
        /** @type {Map<string, {of: string, until: number}>} */
        this.done = new Map();
    }

    /** The recorded symbols. @param {AbortSignal} signal @returns {Promise<string[]>} */
    async symbols(signal) {
        const { body } = await ask("symbols", {}, { signal });
        this.finish("symbols", "", NOW_AND_THEN_MS);
        return body.symbols.map((row) => row.symbol);
    }

    /**
     * Run those that are due. What fails is tried again soon, and only what concerns every question is thrown.
     * @param {import("./picture.js").Picture} picture @param {AbortSignal} signal @returns {Promise<boolean>} whether the day has changed
     */
    async run(picture, signal) {
        const { chain } = picture;
        const [, , changed] = await Promise.all([
            this.attempt(
                "symbols",
                "",
                async () => this.pickers.showSymbols(await this.symbols(signal), chain.symbol),
                signal,
            ),
            this.attempt(
                "expiries",
                `${chain.symbol} ${isoDay(chain.timestamp)}`,
                () => this.expiries(picture, signal),
                signal,
            ),
            this.attempt("day", this.day.of, () => this.day.renew(chain, signal), signal, 0),
        ]);
        return changed === true;
    }

    async expiries({ chain, at }, signal) {
        const { body } = await ask(
            `option-chain/${encodeURIComponent(chain.symbol)}/expiry-dates`,
            { as_of: at },
            { signal },
        );
        this.pickers.showExpiries(body.expiry_dates, chain.expiry_date);
    }

    /** Ask how the service is, if that is due. @param {AbortSignal} signal @returns {Promise<boolean>} whether it was asked */
    async askHealth(signal) {
        if (!this.isDue("health", "")) return false;
        this.finish("health", "", SOON_MS);
        try {
            this.health = await askHealth(signal);
        } catch {
            if (signal.aborted) this.done.delete("health");
            else this.health = null;
        }
        return !signal.aborted;
    }

    async attempt(name, of, errand, signal, every = NOW_AND_THEN_MS) {
        if (!this.isDue(name, of)) return undefined;
        try {
            const found = await errand();
            this.finish(name, of, every);
            return found;
        } catch (error) {
            if (signal.aborted || !(error instanceof Refusal) || ["key", "limited"].includes(error.kind))
                throw error;
            this.finish(name, of, SOON_MS);
            return undefined;
        }
    }

    isDue(name, of) {
        const done = this.done.get(name);
        return !done || done.of !== of || performance.now() >= done.until;
    }

    finish(name, of, wait) {
        this.done.set(name, { of, until: performance.now() + wait });
    }
}
