/** The requests behind what the page shows, which bring the same again at any time. */

import { addressOf } from "./api.js";
import { DayHistory } from "./day_history.js";
import { addressesOf, chainPath } from "./snapshot.js";

/** @import { Compared } from "./comparison.js" */
/** @import { Snapshot } from "./snapshot.js" */

/**
 * Behind the chain: the chain with its analytics, and the earlier one that it is compared with.
 * @param {Snapshot} snapshot @param {Compared | null} compared
 * @returns {string[]}
 */
export function addressesOfChain(snapshot, compared) {
    const earlier = compared?.chain;
    if (!earlier) return addressesOf(snapshot);
    const { symbol, expiry_date: expiry, timestamp: as_of, model } = earlier;
    const moment = { expiry, as_of, iv_source: model.iv_source, greeks: true };
    return [...addressesOf(snapshot), addressOf(chainPath(symbol), moment)];
}

/**
 * Behind the charts: the same, and the day through which their lines run.
 * @param {Snapshot} snapshot @param {Compared | null} compared
 * @returns {string[]}
 */
export function addressesOfCharts(snapshot, compared) {
    return [...addressesOfChain(snapshot, compared), new DayHistory().addressOf(snapshot)];
}
