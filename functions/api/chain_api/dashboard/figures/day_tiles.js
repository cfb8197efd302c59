/** The tiles of the day: how the spot has moved, how long the contracts run, and how much is open. */

import { sparklineOf } from "../charts/sparkline.js";
import { sinceLabel } from "../words/against.js";
import {
    DASH,
    formatNumber,
    formatSigned,
    formatSignedSum,
    formatSum,
    isNumber,
} from "../words/format.js";
import { senderName } from "../words/provenance.js";
import { reasonText, whyNoAnalytics } from "../words/reasons.js";
import { UNIT_NAMES } from "./position_unit.js";
import { missingPartText, totalOf } from "./side_totals.js";
import { showTile } from "./tiles.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { Compared } from "../requests/comparison.js" */
/** @import { DayRecord } from "../requests/day_history.js" */
/** @import { DayClose } from "../requests/previous_close.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */
/** @import { Unit } from "./position_unit.js" */

const CHANGE_DIGITS = 4;
const DAY_CHANGE =
    "the change on the day is as the source sends it; alerts and the screener count from the recorded close of the day before";
/** The sparkline has a point for each pixel, about. */
const MOST_POINTS = 96;

/**
 * By how much the spot has changed, rounded as the API rounds changes.
 * @param {number | null} spot @param {number | null} before
 * @returns {{points: number | null, percent: number | null}}
 */
export function spotChange(spot, before) {
    if (!isNumber(spot) || !isNumber(before)) return { points: null, percent: null };
    const points = Number((spot - before).toFixed(CHANGE_DIGITS));
    const percent = before ? Number(((100 * points) / before).toFixed(CHANGE_DIGITS)) : null;
    return { points, percent };
}

/** @param {Snapshot | null} snapshot @param {DayClose | null} close of the day before */
export function showSpotChange(snapshot, close) {
    const before = close?.value ?? null;
    const spot = snapshot?.chain.underlying_value ?? null;
    const { points, percent } = spotChange(spot, before);
    const share = percent === null ? "" : `${formatSigned(percent, 2)} % `;
    showTile("underlying_change", {
        value: points,
        text: formatSigned(points, 2),
        note: isNumber(before) ? `${share}from ${formatNumber(before, 2)}` : "",
        title: snapshot && close ? closeTitle(snapshot, close) : "",
    });
}

/** @param {Snapshot} snapshot @param {DayClose} close */
function closeTitle({ chain }, { value, settled, reason }) {
    if (!isNumber(value)) return reasonText(reason) || "the close before has not come yet";
    const kind = settled ? "settled" : "last, not settled";
    const close = `the ${kind} price of the trading day before is ${formatNumber(value, 2)}`;
    return isNumber(chain.underlying_value)
        ? close
        : `${senderName(chain)} sent no price; ${close}`;
}

/** @param {Snapshot | null} snapshot */
export function showDaysToExpiry(snapshot) {
    const days = snapshot?.analytics?.model.days_to_expiry ?? null;
    showTile("days_to_expiry", {
        value: days,
        text: formatNumber(days, 2),
        note: snapshot ? `to ${snapshot.chain.expiry_date}` : "",
        title: isNumber(days)
            ? "calendar days until the payoff is fixed"
            : whyNoAnalytics(snapshot),
    });
}

/**
 * @param {StrikeRow[]} rows in the unit
 * @param {Unit} unit
 * @param {Compared | null} compared the changes count from there, else from the close before
 */
export function showInterest(rows, unit, compared) {
    const field = compared ? "open_interest_change" : "oi_since_previous_close";
    const since = compared ? sinceLabel(compared.against, compared.label) : "on the day";
    for (const side of /** @type {const} */ (["call", "put"])) {
        const [total, change] = [totalOf(rows, side, "open_interest"), totalOf(rows, side, field)];
        const changed = change.sum === null ? DASH : formatSignedSum(change.sum);
        const exact = total.sum === null ? "" : `${formatNumber(total.sum)} ${UNIT_NAMES[unit]}`;
        const left = change.missing ? `change: ${missingPartText(change)}` : "";
        showTile(`${side}_open_interest`, {
            value: total.sum,
            text: total.sum === null ? DASH : formatSum(total.sum),
            note: rows.length ? `${changed} ${since}` : "",
            title: [exact, missingPartText(total), compared ? compared.reason : DAY_CHANGE, left]
                .filter(Boolean)
                .join("\n"),
        });
    }
}

/** @param {DayRecord[]} records of the day, by time @param {string | null} until the shown moment */
export function showRatioLine(records, until) {
    const place = document.querySelector('[data-tile="pcr_oi"] .spark');
    const shown = records.filter((record) => until === null || record.timestamp <= until);
    const step = Math.ceil(shown.length / MOST_POINTS);
    const points = shown.filter((_record, index) => (shown.length - 1 - index) % step === 0);
    const line = sparklineOf(
        {
            at: points.map(({ timestamp }) => timestamp),
            values: points.map(({ pcr_oi }) => pcr_oi),
        },
        (value) => formatNumber(value, 2),
    );
    place?.replaceChildren(...(line ? [line] : []));
}
