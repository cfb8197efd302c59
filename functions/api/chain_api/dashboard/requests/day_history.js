/**
 * The analytics of one expiry through a day: the steps of the slider, and the lines of the day's
 * charts.
 */

import { DayRecords } from "./day_records.js";

/** @import { RecordOfDay } from "./day_records.js" */
/** @import { Snapshot } from "./snapshot.js" */

const HISTORY_METRICS = /** @type {const} */ ([
    "underlying_value",
    "reference_price",
    "pcr_oi",
    "straddle_price",
    "atm_iv",
    "legs_missing",
]);

/** @typedef {RecordOfDay & Record<typeof HISTORY_METRICS[number], number | null>} DayRecord */

/** @extends {DayRecords<DayRecord>} */
export class DayHistory extends DayRecords {
    constructor() {
        super(HISTORY_METRICS);
    }

    /** @param {Snapshot} snapshot @returns {DayRecord} */
    recordOf(snapshot) {
        const { chain, analytics } = snapshot;
        // A line of volatilities from prices takes none of the exchange's; the API fills that in.
        const isOfPrices = analytics?.model.iv_source === "price";
        const known = this.recordAt(chain.timestamp);
        return {
            ...super.recordOf(snapshot),
            underlying_value: chain.underlying_value,
            atm_iv: (isOfPrices ? analytics?.atm_iv : known?.atm_iv) ?? null,
        };
    }

    /** Whether the snapshot of a time is the settled chain of the day. @param {string} timestamp */
    isSettled(timestamp) {
        return this.records.some((record) => record.timestamp === timestamp && record.settled);
    }
}
