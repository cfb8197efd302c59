/** The next snapshots of a replay, requested before they are shown. */

import { fetchSnapshot } from "./snapshot.js";

/** @import { Selection } from "../page/page_url.js" */
/** @import { Snapshot } from "./snapshot.js" */

/** At ten snapshots in five seconds a request may take a second and a half. */
const MOST_AHEAD = 3;

export class SnapshotsAhead {
    constructor() {
        /** @type {Map<string, Promise<Snapshot>>} by time, in the order of the requests */
        this.requested = new Map();
        this.controller = new AbortController();
    }

    /**
     * Get the first of these times, and request the others ahead of their turn.
     * @param {Selection} selection what is replayed
     * @param {string[]} times of snapshots, the next ones by time
     * @returns {Promise<Snapshot>}
     */
    next(selection, times) {
        const wanted = times.slice(0, 1 + MOST_AHEAD);
        for (const at of this.requested.keys()) {
            if (!wanted.includes(at)) this.requested.delete(at);
        }
        for (const at of wanted) {
            if (this.requested.has(at)) continue;
            const asked = fetchSnapshot({ ...selection, at }, null, this.controller.signal);
            // One that nobody waits for yet fails when its turn comes.
            asked.catch(() => {});
            this.requested.set(at, asked);
        }
        return /** @type {Promise<Snapshot>} */ (this.requested.get(wanted[0]));
    }

    /** Forget them all, and end what is under way. */
    clear() {
        this.controller.abort();
        this.controller = new AbortController();
        this.requested.clear();
    }
}
