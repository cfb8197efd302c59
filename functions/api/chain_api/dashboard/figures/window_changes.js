/** The rows of a chain with what has changed since an earlier one, contract by contract. */

import { isNumber, isoDay } from "../words/format.js";

/** @import { Chain, Leg, StrikeRow } from "../api_types.d.ts" */
/** @import { Compared } from "../requests/comparison.js" */

/** Each field that is compared, and the one of its change, as in the API's changes. */
const COMPARED = /** @type {const} */ ({
    open_interest: "open_interest_change",
    total_traded_volume: "total_traded_volume_change",
    last_price: "last_price_change",
    iv: "iv_change",
});
/** @typedef {keyof typeof COMPARED} ComparedField */
const COMPARED_FIELDS = /** @type {ComparedField[]} */ (Object.keys(COMPARED));
/** Numbers that count contracts: those of two lots are no difference. @type {Set<string>} */
const IN_LOT_UNITS = new Set(["open_interest", "total_traded_volume"]);
/** The API rounds its changes likewise: 101.35 - 101.3 is 0.04999999999999716 in doubles. */
const CHANGE_DECIMALS = 4;

/** The field with the reason why a change is null, in words. @param {string} changeField */
export function reasonField(changeField) {
    return `${changeField}_reason`;
}

/**
 * @param {Chain} chain @param {Compared | null} compared
 * @returns {StrikeRow[]} the rows of the chain, with the changes where it is compared
 */
export function withChanges(chain, compared) {
    if (!compared) return chain.rows;
    const { chain: earlier } = compared;
    const before = new Map(earlier?.rows.map((row) => [row.strike_price, row]));
    const ruledOut = earlier ? ruledOutBetween(chain, earlier) : {};
    return chain.rows.map((row) => {
        const then = before.get(row.strike_price);
        /** @param {"call" | "put"} side */
        const changed = (side) => {
            const leg = row[side];
            if (!leg) return null;
            const added = earlier
                ? changesOfLeg(leg, then?.[side] ?? null, ruledOut, compared.when)
                : withoutChanges(compared.reason);
            return { ...leg, ...added };
        };
        return { ...row, call: changed("call"), put: changed("put") };
    });
}

/** @param {string} reason @returns {Leg} */
function withoutChanges(reason) {
    /** @type {Leg} */
    const added = {};
    for (const field of COMPARED_FIELDS) {
        added[COMPARED[field]] = null;
        added[reasonField(COMPARED[field])] = reason;
    }
    return added;
}

/**
 * @param {Leg} now @param {Leg | null} then
 * @param {Partial<Record<string, string>>} ruledOut why no contract has a change of a field
 * @param {string} when the moment of the earlier one, in words
 */
function changesOfLeg(now, then, ruledOut, when) {
    if (!then) return withoutChanges(`not in the chain of ${when}`);
    /** @type {Leg} */
    const added = {};
    for (const field of COMPARED_FIELDS) {
        const [name, start, end] = [COMPARED[field], then[field], now[field]];
        const reason = ruledOut[field] ?? missingText(start, end, when);
        const isMixed = field === "iv" && isSent(now) !== isSent(then);
        if (!reason && !isMixed) {
            added[name] = Number((Number(end) - Number(start)).toFixed(CHANGE_DECIMALS));
        } else {
            added[name] = null;
            added[reasonField(name)] =
                reason || "one of the two volatilities is solved, the other one was sent";
        }
    }
    return added;
}

/** @param {Leg[string]} start @param {Leg[string]} end @param {string} when */
function missingText(start, end, when) {
    if (!isNumber(end)) return "there is no number to compare";
    return isNumber(start) ? "" : `there was no number at ${when}`;
}

/** Whether a volatility is the one that a source sent. @param {Leg} leg */
function isSent({ iv_source: source }) {
    return source === "exchange" || source === "vendor";
}

/**
 * Why no contract has a change of a field: as the API says of volumes, and where lots differ.
 * @param {Chain} chain @param {Chain} earlier
 * @returns {Partial<Record<string, string>>} by field
 */
function ruledOutBetween(chain, earlier) {
    const [now, then] = [chain.lot_size, earlier.lot_size];
    if (isNumber(now) && isNumber(then) && now !== then) {
        const reason = `the lot was ${then} then and is ${now} now`;
        return Object.fromEntries([...IN_LOT_UNITS].map((field) => [field, reason]));
    }
    if (isoDay(chain.timestamp) !== isoDay(earlier.timestamp)) {
        return { total_traded_volume: "volumes count from zero each day" };
    }
    if (chain.source === earlier.source) return {};
    return { total_traded_volume: "the volumes of two sources are never mixed" };
}
