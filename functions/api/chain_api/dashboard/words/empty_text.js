/** Why nothing is shown of a moment, in words. */

import { serverNow } from "../requests/server_clock.js";
import { isoInstant, momentText } from "./against.js";
import { formatWholeDay, isDay, timeOfMoment } from "./calendar_days.js";
import { inQuotes, isoDay } from "./format.js";

/** @param {string} symbol @param {string} at the moment as the page's address names it */
export function emptyText(symbol, at) {
    const now = serverNow();
    if (isDay(at)) {
        const day = formatWholeDay(at);
        if (at > isoDay(now)) return `${day} is still to come.`;
        return `Nothing was recorded of ${symbol} on ${day}.`;
    }
    const time = timeOfMoment(at);
    if (time === null) {
        return `${inQuotes(at)} is no moment. One is a day, 2026-06-19, or a time of today, 10:15.`;
    }
    const moment = momentText(isoInstant(time), isoInstant(now));
    if (time > now) return `${moment} is still to come.`;
    return `Nothing of ${symbol} was recorded before ${moment}.`;
}
