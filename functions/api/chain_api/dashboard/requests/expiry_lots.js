/** The lot sizes of a symbol's expiries on one day. */

import { isoDay } from "../words/format.js";
import { reasonText } from "../words/reasons.js";
import { addressOf, getJson } from "./api.js";
import { DueOfDay } from "./contract_days.js";
import { chainPath } from "./snapshot.js";

/** @import { TermRecord } from "../panels/structure.d.ts" */
/** @import { Snapshot } from "./snapshot.js" */

const LOT_NOT_RECORDED = "the lot size is not known: nothing of this expiry was recorded by then";

export class ExpiryLots {
    constructor() {
        this.subject = "";
        this.due = new DueOfDay();
        /** By expiry. @type {Map<string, TermRecord>} */
        this.records = new Map();
        /** The requests that have brought them. @type {string[]} */
        this.addresses = [];
    }

    /** Forget what is of another day. @param {Snapshot} snapshot */
    begin({ chain }) {
        const subject = `${chain.symbol} ${isoDay(chain.timestamp)}`;
        if (subject === this.subject) return;
        this.subject = subject;
        this.due = new DueOfDay();
        this.records.clear();
        this.addresses = [];
    }

    /**
     * Get the lots of a snapshot's day, if one of these expiries is not known.
     * @param {string[]} expiries @param {Snapshot} snapshot @param {AbortSignal} signal
     * @returns {Promise<boolean>} whether they may have changed
     */
    async refresh(expiries, snapshot, signal) {
        this.begin(snapshot);
        if (expiries.every((expiry) => this.lotOf(expiry).size !== null)) return false;
        if (!this.due.isDue(snapshot)) return false;
        const { symbol, timestamp: as_of } = snapshot.chain;
        const path = `${chainPath(symbol)}/analytics/term-structure`;
        const { body } = await getJson(path, { as_of }, { signal });
        /** @type {TermRecord[]} */
        const records = body.records;
        for (const record of records) this.records.set(record.expiry_date, record);
        this.addresses = [addressOf(path, { as_of })];
        this.due.markDone(snapshot);
        return true;
    }

    /** @param {string} expiry @returns {{size: number | null, reason: string}} */
    lotOf(expiry) {
        const record = this.records.get(expiry);
        if (!record) return { size: null, reason: LOT_NOT_RECORDED };
        return { size: record.lot_size, reason: reasonText(record.reasons.lot_size) };
    }
}
