/** How long the page works on something, kept for whoever measures it. */

const MOST_MEASURES = 1000;

/**
 * Keep a measure of this name, from a moment until now.
 * @param {string} name @param {number} startedAt by performance.now()
 */
export function keepMeasure(name, startedAt) {
    if (performance.getEntriesByName(name).length >= MOST_MEASURES) performance.clearMeasures(name);
    performance.measure(name, { start: startedAt, end: performance.now() });
}
