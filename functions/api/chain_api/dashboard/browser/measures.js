/** How long the page works on something, kept for whoever measures it. */

const MOST_MEASURES = 1000;

/** @type {Map<string, number>} how many are kept, by name: to ask for them takes longer than to count */
const kept = new Map();

/**
 * Keep a measure of this name, from a moment until now.
 * @param {string} name @param {number} startedAt by performance.now()
 */
export function keepMeasure(name, startedAt) {
    const end = performance.now();
    const before = kept.get(name) ?? 0;
    const isFull = before >= MOST_MEASURES;
    if (isFull) performance.clearMeasures(name);
    kept.set(name, isFull ? 1 : before + 1);
    performance.measure(name, { start: startedAt, end });
}
