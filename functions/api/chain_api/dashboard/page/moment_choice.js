/** What happens when the user chooses another moment to compare with: the pickers, the requests, the heads. */

import { showSpotChange } from "../figures/day_tiles.js";
import { Comparison } from "../requests/comparison.js";
import { AgainstPicker } from "./against_picker.js";

/** @import { Compared } from "../requests/comparison.js" */
/** @import { DayHistory } from "../requests/day_history.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */

export class MomentChoice {
    /**
     * @param {DayHistory} history of the day that is shown
     * @param {{onAgainst: (against: string | null) => void,
     *     onCompared: (shown: Snapshot, compared: Compared | null) => void}} callbacks the user has
     *     chosen something else; the shown snapshot is compared with something else
     */
    constructor(history, { onAgainst, onCompared }) {
        this.comparison = new Comparison(history);
        this.picker = new AgainstPicker(onAgainst);
        this.onCompared = onCompared;
        /** @type {string | null} of the page's address */
        this.against = null;
        /** @type {Snapshot | null} */
        this.shown = null;
        /** @type {Compared | null} what it is compared with */
        this.compared = null;
    }

    /** @param {string | null} against of the page's address */
    select(against) {
        this.against = against;
        this.comparison.select(against);
        this.update();
    }

    /**
     * Show another snapshot, or none.
     * @param {Snapshot | null} snapshot
     * @returns {Compared | null} what it is compared with
     */
    show(snapshot) {
        this.shown = snapshot;
        this.compared = snapshot && this.comparison.of(snapshot.chain);
        this.showControls(this.compared);
        return this.compared;
    }

    /** Get what a snapshot is compared with, before it is shown. @param {Snapshot} snapshot @param {AbortSignal} signal */
    async prepare({ chain }, signal) {
        await this.comparison.fetch(chain, signal);
        signal.throwIfAborted();
    }

    /** Get what the shown snapshot still lacks. @param {AbortSignal} signal */
    async fetch(signal) {
        if (!this.shown) return;
        const { chain } = this.shown;
        await Promise.all([
            this.comparison.previousClose.fetch(chain, signal),
            this.comparison.fetch(chain, signal),
        ]);
        signal.throwIfAborted();
        this.update();
    }

    update() {
        const compared = this.shown && this.comparison.of(this.shown.chain);
        this.showControls(compared);
        if (!this.shown) return;
        if (compared === this.compared) return;
        this.compared = compared;
        this.onCompared(this.shown, compared);
    }

    /** @param {Compared | null} compared */
    showControls(compared) {
        const { shown } = this;
        this.picker.show(this.against, shown?.chain.timestamp ?? null, compared?.reason ?? "");
        showSpotChange(shown, shown && this.comparison.previousClose.of(shown.chain));
    }
}
