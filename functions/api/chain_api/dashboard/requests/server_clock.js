/**
 * The time as the API knows it. The browser's clock may be wrong, and a simulated market may live at
 * another moment.
 */

/** @type {{ time: number, at: number } | null} the API's time, and performance.now() of its answer */
let last = null;

/** @param {string} timestamp the time of an answer that has just come */
export function setServerTime(timestamp) {
    last = { time: Date.parse(timestamp), at: performance.now() };
}

/** @returns {number} the API's time, as Date.now() counts; the browser's before the first answer */
export function serverNow() {
    return last ? last.time + performance.now() - last.at : Date.now();
}
