/** The key figures above the chain. */

import { DASH, age, dayAndTime, isNumber, number, raw, signed, strike } from "./format.js";

/** @param {string} name @returns {HTMLElement} */
function tile(name) {
    return document.querySelector(`[data-tile="${name}"]`);
}

/** @param {string} name @param {unknown} value @param {string} text @param {string} note @param {string} [reason] */
function writeTile(name, value, text, note, reason = "") {
    const node = tile(name);
    const [, figure, beside] = node.children;
    if (node.dataset.value !== raw(value)) node.dataset.value = raw(value);
    if (figure.textContent !== text) figure.textContent = text;
    if (beside.textContent !== note) beside.textContent = note;
    if (node.title !== reason) node.title = reason;
}

/** @param {import("./picture.js").Picture} picture */
export function showTiles({ chain, figures }) {
    const spot = chain.underlying_value;
    const found = figures ?? {};
    const reason = (name) =>
        isNumber(found[name])
            ? ""
            : figures
              ? (found.reasons?.[name] ?? "")
              : "no analytics of this snapshot";
    const put = (name, text, note) => writeTile(name, found[name] ?? null, text, note, reason(name));
    writeTile(
        "underlying_value",
        spot,
        number(spot, 2),
        forwardNote(found.model),
        isNumber(spot) ? "" : "the exchange sent none",
    );
    put("pcr_oi", number(found.pcr_oi, 2), labelled("volume", number(found.pcr_volume, 2)));
    put("max_pain", strike(found.max_pain), fromSpot(found.max_pain, spot));
    put("atm_iv", percent(found.atm_iv), labelled("at", strike(found.atm_strike)));
    put(
        "straddle_price",
        number(found.straddle_price, 2),
        labelled("implies ±", percent(found.implied_move_percent), ""),
    );
    put("support", strike(found.support), fromSpot(found.support, spot));
    put("resistance", strike(found.resistance), fromSpot(found.resistance, spot));
    put(
        "skew_25_delta",
        signed(found.skew_25_delta, 2),
        isNumber(found.skew_25_delta) ? "points, put − call" : "",
    );
}

/** @param {number | null} seconds @param {string} note */
export function showAge(seconds, note) {
    const whole = isNumber(seconds) ? Math.floor(seconds) : null;
    writeTile("age", whole, age(whole), note);
}

/** @param {any} health of the API, null where it is not known @param {boolean} replayed */
export function showMarket(health, replayed) {
    if (replayed) return writeTile("market", "replay", "Replay", "");
    if (!health) return writeTile("market", null, DASH, "");
    const next = health.next_opening ? `opens ${dayAndTime(health.next_opening)}` : "";
    return writeTile(
        "market",
        health.market,
        health.market === "open" ? "Open" : "Closed",
        next,
        health.next_opening ?? "",
    );
}

function percent(value) {
    return isNumber(value) ? `${number(value, 2)} %` : DASH;
}

function labelled(label, text, gap = " ") {
    return text === DASH ? "" : `${label}${gap}${text}`;
}

function fromSpot(value, spot) {
    return isNumber(value) && isNumber(spot) ? `${signed(value - spot, 0)} from spot` : "";
}

function forwardNote(model) {
    return isNumber(model?.forward) && model.forward_source !== "spot"
        ? `forward ${number(model.forward, 2)}`
        : "";
}
