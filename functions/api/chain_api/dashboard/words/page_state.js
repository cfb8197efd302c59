/** The state that the page is in, and the notice that explains it to the user. */

import { serverNow } from "../requests/server_clock.js";
import { currentAge } from "../requests/snapshot.js";
import { formatTime } from "./format.js";
import { senderName } from "./provenance.js";

/** @import { ApiError } from "../requests/api_error.js" */
/** @import { Health, Remark } from "../api_types.d.ts" */
/** @import { Snapshot } from "../requests/snapshot.js" */

/**
 * "stale": the newest data are old or follow a gap. The other names are those of errors.
 * @typedef {"loading" | "live" | "replay" | "stale" | "unavailable" | "key" | "limited" |
 *     "empty"} State
 * @typedef {{state: State, notice: string}} PageState
 */

const LEAST_STALE_AFTER_SECONDS = 30;
const STALE_AFTER_INTERVALS = 3;

/**
 * The state while requests succeed.
 * @param {Snapshot} snapshot the one that is shown
 * @param {Health | null} health null where it is not known
 * @param {string} remark the notice where there is nothing worse to say
 * @returns {PageState}
 */
export function stateOf(snapshot, health, remark) {
    if (snapshot.at) return { state: "replay", notice: remark };
    const { gap, lastSeenAt } = snapshot.freshness;
    const age = currentAge(snapshot.freshness) ?? 0;
    const old = health !== null && isSessionOn(health) && age > staleAfter(health);
    if (!old && !gap) return { state: "live", notice: remark };
    const problem = gap ? "The record has a gap here" : "There are no fresh data";
    const sentences = [
        `${problem}: ${senderName(snapshot.chain)} last confirmed these numbers ` +
            `at ${formatTime(lastSeenAt)} IST.`,
        ...reportedCauses(health, snapshot.chain.symbol),
    ];
    return { state: "stale", notice: sentences.join(" ") };
}

/** What the requests beside the chain bring, by their names. @type {Record<string, string>} */
const BESIDE_THE_CHAIN = {
    analytics: "the analytics",
    history: "the history of the day",
    expiries: "the list of expiries",
    symbols: "the list of symbols",
    alerts: "the numbers of alerts",
};

/**
 * What has not come beside the chain, and why.
 * @param {Map<string, ApiError>} failures by the names of the requests
 * @returns {string} "" where all has come
 */
export function lackingText(failures) {
    const [error] = failures.values();
    if (!error) return "";
    const names = [...failures.keys()].map((name) => BESIDE_THE_CHAIN[name]);
    return `Not answered: ${names.join(", ")}. ${error.message} Trying again.`;
}

/** A hidden tab asks for no health: the market may have opened since, long enough for news. @param {Health} health */
function isSessionOn(health) {
    const { market, next_opening: opening } = health;
    if (market === "open") return true;
    return opening !== null && Date.parse(opening) + 1000 * staleAfter(health) <= serverNow();
}

/** The age in seconds from which data are old. @param {Health} health */
function staleAfter({ interval_seconds: interval }) {
    return Math.max(LEAST_STALE_AFTER_SECONDS, STALE_AFTER_INTERVALS * (interval ?? 0));
}

/**
 * Reasons or notices, first those that concern a symbol.
 * @param {Remark[] | undefined} remarks
 * @param {string | null} symbol the one that is shown
 */
export function concerningFirst(remarks = [], symbol) {
    /** @param {Remark} remark */
    const concerns = (remark) => remark.symbol === undefined || remark.symbol === symbol;
    return [...remarks.filter(concerns), ...remarks.filter((remark) => !concerns(remark))];
}

/**
 * Reasons that only count seconds are left out: the tile with the age says the same.
 * @param {Health | null} health
 * @param {string} symbol
 */
function reportedCauses(health, symbol) {
    const causes = concerningFirst(health?.reasons, symbol).filter(
        (reason) => reason.age_seconds === undefined,
    );
    return causes.length ? [`Reported: ${causes.map((cause) => cause.detail).join("; ")}.`] : [];
}

/**
 * The state after a request that failed.
 * @param {ApiError} error
 * @param {number} wait milliseconds until the next request
 * @param {Snapshot | null} shown the snapshot that is still shown
 * @returns {PageState}
 */
export function stateAfter(error, wait, shown) {
    const { kind, message } = error;
    const state = kind === "invalid" ? "empty" : kind;
    if (kind === "limited") {
        return {
            state,
            notice: `${message} Asking again at ${formatTime(Date.now() + wait)} IST.`,
        };
    }
    if (kind !== "unavailable") return { state, notice: message };
    const old = shown ? ` What is shown is of ${formatTime(shown.chain.timestamp)} IST.` : "";
    return { state, notice: `${message}${old} Trying again.` };
}
