/** The tiles with the key figures, above the chain. */

import { setText } from "../browser/dom.js";
import { serverNow } from "../requests/server_clock.js";
import { dayOfMoment, formatShortDay } from "../words/calendar_days.js";
import {
    attributeValue,
    DASH,
    formatAge,
    formatDayOfMonth,
    formatNumber,
    formatSigned,
    formatStrike,
    formatTime,
    isNumber,
    isoDay,
} from "../words/format.js";
import { senderName } from "../words/provenance.js";
import { reasonText, whyNoAnalytics } from "../words/reasons.js";
import { referenceName, referencePriceOf } from "../words/reference.js";

/** @import { Analytics, Health, Metric } from "../api_types.d.ts" */
/** @import { Snapshot } from "../requests/snapshot.js" */

/** @param {Snapshot | null} snapshot */
export function showTiles(snapshot) {
    const analytics = snapshot?.analytics ?? null;
    const reference = {
        price: snapshot && referencePriceOf(snapshot),
        name: referenceName(snapshot).toLowerCase(),
    };
    showSpot(snapshot);
    /** @param {Metric} metric @param {string} text @param {string} note */
    const show = (metric, text, note) =>
        showTile(metric, {
            value: analytics?.[metric] ?? null,
            text,
            note,
            title: reasonFor(metric, snapshot),
        });
    const { pcr_oi, pcr_volume, max_pain, atm_iv, atm_strike } = analytics ?? {};
    const { straddle_price, implied_move_percent, support, resistance, skew_25_delta } =
        analytics ?? {};
    show("pcr_oi", formatNumber(pcr_oi, 2), labelled("volume ", formatNumber(pcr_volume, 2)));
    show("max_pain", formatStrike(max_pain), distanceNote(max_pain, reference));
    show("atm_iv", formatPercent(atm_iv), labelled("at ", formatStrike(atm_strike)));
    const move = labelled("implies ±", formatPercent(implied_move_percent));
    show("straddle_price", formatNumber(straddle_price, 2), move);
    show("support", formatStrike(support), distanceNote(support, reference));
    show("resistance", formatStrike(resistance), distanceNote(resistance, reference));
    const unit = isNumber(skew_25_delta) ? "points, put − call" : "";
    show("skew_25_delta", formatSigned(skew_25_delta, 2), unit);
}

/** @param {number | null} seconds @param {string} note */
export function showAge(seconds, note) {
    const value = isNumber(seconds) ? Math.floor(seconds) : null;
    showTile("age", { value, text: formatAge(value), note });
}

/**
 * @param {Health | null} health null where it is not known
 * @param {string | null} at the selected time of the past: the market of now is not shown beside it
 */
export function showMarket(health, at) {
    const day = dayOfMoment(at);
    if (at !== null) {
        const text = day && day < isoDay(serverNow()) ? "Past day" : "Replay";
        showTile("market", { value: "replay", text, note: day ? formatShortDay(day) : "" });
    } else if (!health) {
        showTile("market", { value: null, text: DASH, note: "" });
    } else {
        const { market, next_opening: opening } = health;
        showTile("market", {
            value: market,
            text: market === "open" ? "Open" : "Closed",
            note: opening
                ? `opens ${formatDayOfMonth(opening)}, ${formatTime(opening).slice(0, 5)} IST`
                : "",
            title: opening ?? "",
        });
    }
}

/**
 * @param {string} name
 * @param {{value: number | string | null, text: string, note: string, title?: string}} content
 */
export function showTile(name, { value, text, note, title = "" }) {
    const tile = document.querySelector(`[data-tile="${name}"]`);
    if (!(tile instanceof HTMLElement)) return;
    const [, textElement, noteElement] = tile.children;
    if (tile.dataset.value !== attributeValue(value)) tile.dataset.value = attributeValue(value);
    setText(textElement, text);
    setText(noteElement, note);
    if (tile.title !== title) tile.title = title;
}

/** Why a figure is missing. @param {Metric} metric @param {Snapshot | null} snapshot */
function reasonFor(metric, snapshot) {
    const analytics = snapshot?.analytics;
    if (!analytics) return whyNoAnalytics(snapshot);
    return isNumber(analytics[metric]) ? "" : reasonText(analytics.reasons?.[metric]);
}

/** @param {unknown} value */
function formatPercent(value) {
    return isNumber(value) ? `${formatNumber(value, 2)} %` : DASH;
}

/** @param {string} label @param {string} text */
function labelled(label, text) {
    return text === DASH ? "" : label + text;
}

/**
 * How far a strike is from the spot or the forward.
 * @param {unknown} strike @param {{price: number | null, name: string}} reference
 */
function distanceNote(strike, { price, name }) {
    if (!isNumber(strike) || !isNumber(price)) return "";
    return `${formatSigned(strike - price)} from ${name}`;
}

/** @param {Snapshot | null} snapshot */
function showSpot(snapshot) {
    const spot = snapshot?.chain.underlying_value ?? null;
    const since = snapshot?.chain.frozen_since;
    const note = since
        ? `still since ${formatTime(since).slice(0, 5)} IST`
        : forwardNote(snapshot?.analytics ?? null);
    showTile("underlying_value", {
        value: spot,
        text: formatNumber(spot, 2),
        note,
        title: isNumber(spot) || !snapshot ? "" : `${senderName(snapshot.chain)} sent none`,
    });
}

/** @param {Analytics | null} analytics */
function forwardNote(analytics) {
    const model = analytics?.model;
    if (!isNumber(model?.forward) || model.forward_source === "spot") return "";
    return `forward ${formatNumber(model.forward, 2)}`;
}
