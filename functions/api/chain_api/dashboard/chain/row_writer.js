/**
 * When the rows of the chain are written: what is seen of those in sight at once, all else right
 * after the browser has drawn that. So an update costs what is seen of it, and no row is old when it
 * is read.
 */

import { nextFrame, whenIdle } from "../browser/idle.js";
import { keepMeasure } from "../browser/measures.js";

/** Rows so near to what is in sight are written with it. */
const NEAR_PX = 80;
/** A browser at work draws and hears its user after so many rows. */
const ROWS_AT_ONCE = 60;

export class RowWriter {
    /** @param {HTMLTableElement} table @param {() => void} onWhole all rows are written */
    constructor(table, onWhole) {
        this.table = table;
        this.onWhole = onWhole;
        /** @type {Map<HTMLTableRowElement, (() => void)[]>} the steps that are left, by row */
        this.waiting = new Map();
        /** @type {Set<Element>} the rows of which the browser has told that nobody sees them */
        this.unseen = new Set();
        this.seen = new IntersectionObserver((entries) => this.see(entries), {
            rootMargin: `${NEAR_PX}px`,
        });
        this.closing = new AbortController();
        // Whoever scrolls, points somewhere, exports or prints has new numbers alone.
        for (const name of ["scroll", "focusin", "click", "keydown", "beforeprint"]) {
            addEventListener(name, () => this.writeAll(), {
                capture: true,
                passive: true,
                signal: this.closing.signal,
            });
        }
    }

    close() {
        this.closing.abort();
        this.seen.disconnect();
    }

    /** Take other rows in the place of those before. @param {HTMLTableRowElement[]} rows */
    setRows(rows) {
        this.waiting.clear();
        this.unseen.clear();
        this.seen.disconnect();
        for (const row of rows) this.seen.observe(row);
    }

    /** @param {IntersectionObserverEntry[]} entries */
    see(entries) {
        for (const { target, isIntersecting } of entries) {
            if (isIntersecting) this.unseen.delete(target);
            else this.unseen.add(target);
        }
        this.writeSome((row) => !this.unseen.has(row));
    }

    /**
     * Write rows. The first step of each writes what is seen of it, the second all else.
     * @param {Iterable<[HTMLTableRowElement, [() => void, () => void]]>} rows
     */
    write(rows) {
        const isAtWork = this.waiting.size > 0;
        this.waiting = new Map(rows);
        for (const [row, steps] of this.waiting) {
            if (!this.unseen.has(row)) steps.shift()?.();
        }
        if (!isAtWork) this.writeRest();
    }

    async writeRest() {
        if (!this.waiting.size) return;
        this.table.ariaBusy = "true";
        await nextFrame(); // which also draws the charts
        while (this.waiting.size) {
            await whenIdle();
            const startedAt = performance.now();
            let left = ROWS_AT_ONCE;
            this.writeSome(() => left-- > 0);
            keepMeasure("idle", startedAt);
        }
    }

    writeAll() {
        if (this.waiting.size) this.writeSome(() => true);
    }

    /** @param {(row: HTMLTableRowElement) => boolean} isWanted */
    writeSome(isWanted) {
        for (const [row, steps] of this.waiting) {
            if (!isWanted(row)) continue;
            this.waiting.delete(row);
            for (const step of steps) step();
        }
        if (this.waiting.size) return;
        this.table.ariaBusy = null;
        this.onWhole();
    }
}
