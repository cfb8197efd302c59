/**
 * The time as the API knows it. The browser's clock may be wrong, and a simulated market may live at
 * another moment.
 */

/** By how many milliseconds the API's clock is ahead of the browser's, as of the last answer. */
let ahead = 0;

/** @param {string} timestamp the time of an answer that has just come */
export function setServerTime(timestamp) {
    ahead = Date.parse(timestamp) - Date.now();
}

/** @returns {number} the API's time as Date.now() gives it; the browser's before the first answer */
export function serverNow() {
    return Date.now() + ahead;
}
