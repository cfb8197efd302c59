/** What the pages beside the dashboard tell of the service. */

import { elementById } from "../browser/dom.js";
import { getHealth } from "../requests/api.js";
import { ApiError } from "../requests/api_error.js";
import { setServerTime } from "../requests/server_clock.js";
import { formatTime } from "../words/format.js";

/**
 * Take the time, and whether the market is a simulated one. Without an answer both stay.
 * @param {AbortSignal} signal
 */
export async function readHealth(signal) {
    try {
        const health = await getHealth(signal);
        setServerTime(health.timestamp);
        elementById("simulated", HTMLElement).hidden = !health.simulated;
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
    }
}

/** When a page asks again that has asked too often. @param {number} wait milliseconds */
export function againText(wait) {
    return ` Asking again at ${formatTime(Date.now() + wait)} IST.`;
}
