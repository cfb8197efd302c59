/** Why a number is missing, in plain words; the API names each reason. */

/** @import { Snapshot } from "../requests/snapshot.js" */

/** By the names of the API; docs/analytics.md lists them. @type {Record<string, string>} */
const REASONS = {
    expired: "these contracts have expired",
    payoff_fixed: "what these contracts pay is fixed: no volatility is left",
    no_forward: "no prices of today tell the forward",
    no_underlying: "there is no price of the underlying, and no forward",
    no_price: "there is no bid with an ask, and no last price",
    no_trade_today: "no trade today, and no bid with an ask",
    below_intrinsic: "the price is less than what exercising would pay",
    no_time_value: "the price is only what exercising would pay",
    above_maximum: "the price is more than the contract can be worth",
    iv_out_of_range: "the volatility is too high or too low to be one",
    not_solvable: "no volatility gives this price",
    no_iv: "no contract at the money has a volatility",
    no_25_delta: "there are no strikes on both sides of delta 0.25",
    missing_leg: "the source left out a number that is needed",
    one_sided: "the chain has calls only, or puts only",
    zero_calls: "the sum of the calls is 0",
    no_open_interest: "nobody holds a position",
    not_finite: "the result is too large or too small to be a number",
    no_crossing: "it has one sign at all prices that were looked at",
    no_expiry_around: "there is no expiry within 30 days, or none beyond",
    too_few_days: "fewer than 20 recorded days are there to compare with",
    one_value: "it has been the same on all recorded days",
    no_previous_close: "the trading day before, or this expiry on it, was not recorded",
    zero_before: "the value before was 0",
    unchanged: "the spot or the open interest has not changed",
    not_sent: "the source did not send a number that is needed",
    not_derived: "an older recorder derived it in another way, or not at all",
    nothing_recorded: "nothing of this symbol is recorded",
    newly_listed: "new: there is no close of the day before to count from",
    day_before_unknown: "perhaps new: nothing recorded shows a day before to count from",
    not_read: "the lot size is not known: no list of contracts that states it was read",
    not_listed: "the lot size is not known: no list of contracts has this expiry",
    sources_differ: "the lot size is not known: two lists of contracts name different ones",
    expiries_differ: "these expiries have different lot sizes",
};

/**
 * Why numbers of the analytics are missing.
 * @param {Snapshot | null} snapshot
 * @returns {string} "" where they are there
 */
export function whyNoAnalytics(snapshot) {
    if (snapshot?.analytics) return "";
    const error = snapshot?.analyticsError;
    return `no analytics of this snapshot${error ? ` yet: ${error.message}` : ""}`;
}

/** @param {unknown} reason null where there is none @returns {string} "" without a reason */
export function reasonText(reason) {
    if (typeof reason !== "string") return "";
    return REASONS[reason] ?? reason.replaceAll("_", " ");
}
