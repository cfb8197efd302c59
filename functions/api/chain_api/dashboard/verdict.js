/** What the page says of what it shows. */

import { time } from "./format.js";
import { ageNow } from "./picture.js";

const STALE_AFTER_SECONDS = 30;

/**
 * @param {import("./picture.js").Picture} picture @param {any} health of the API, null where it is not known
 * @param {string} remark what is said where all is well
 * @returns {{state: "replay" | "live" | "stale", words: string}}
 */
export function verdict(picture, health, remark) {
    if (picture.at) return { state: "replay", words: remark };
    const { gap, lastSeenAt } = picture.seen;
    const old = health?.market === "open" && ageNow(picture.seen) > STALE_AFTER_SECONDS;
    if (!old && !gap) return { state: "live", words: remark };
    const why = gap ? "The record has a gap here" : "There are no fresh data";
    const words = [
        `${why}: the exchange last confirmed these numbers at ${time(lastSeenAt)} IST.`,
        ...causes(health),
    ];
    return { state: "stale", words: words.join(" ") };
}

/** What keeps data from coming; reasons that count seconds say no more than the age does. */
function causes(health) {
    const known = (health?.reasons ?? []).filter((reason) => reason.age_seconds === undefined);
    return known.length ? [`Reported: ${known.map((reason) => reason.detail).join("; ")}.`] : [];
}

/** @param {import("./api.js").Refusal} refusal @param {number} wait until the next question, in ms @param {import("./picture.js").Picture | null} picture */
export function troubleInWords({ kind, message }, wait, picture) {
    if (kind === "limited") return `${message} Asking again at ${time(Date.now() + wait)} IST.`;
    const shown = picture ? ` What is shown is of ${time(picture.chain.timestamp)} IST.` : "";
    return kind === "away" ? `${message}${shown} Trying again.` : message;
}
