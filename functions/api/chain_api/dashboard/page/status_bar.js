/**
 * How the page and the service are: the badge, the notice, the lamp, the tiles of age and market,
 * and the title of the tab.
 */

import { elementById, setText } from "../browser/dom.js";
import { whenIdle } from "../browser/idle.js";
import { showAge, showMarket } from "../figures/tiles.js";
import { currentAge } from "../requests/snapshot.js";
import { BADGES } from "../words/badges.js";
import { formatTime } from "../words/format.js";
import { concerningFirst, stateOf } from "../words/page_state.js";
import { titleOfPage } from "../words/page_title.js";

/** @import { Health } from "../api_types.d.ts" */
/** @import { PageState } from "../words/page_state.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */

const REMARK_SHOWN_MS = 15000;
const SECOND_MS = 1000;

export class StatusBar {
    constructor() {
        /** @type {PageState | null} after a request that failed */
        this.failure = null;
        /** A notice that is shown where there is nothing worse to say. */
        this.remark = "";
        /** What has not come beside the chain, in words. */
        this.lacking = "";
        /** @type {Snapshot | null} */
        this.shown = null;
        /** @type {Health | null} */
        this.health = null;
        /** Of the tab, as it was written last. */
        this.title = "";
        // A hidden tab asks for nothing, so its data grow old.
        setInterval(() => document.hidden && this.showTitle(), SECOND_MS);
    }

    /**
     * Show age, market, health and state as they are now.
     * @param {Snapshot | null} shown the snapshot that the page shows
     * @param {boolean} isLoading whether the page waits for another one
     * @param {Health | null} health null where it is not known
     * @param {string | null} at the selected time of the past
     */
    show(shown, isLoading, health, at) {
        this.shown = shown;
        this.health = health;
        this.showTitle();
        const isSilent = this.failure?.state === "unavailable";
        const otherwise = isSilent ? BADGES.unavailable : "Unknown";
        showHealth(health, shown?.chain.symbol ?? null, otherwise);
        // What is shown may be of a day before the selected moment.
        showMarket(health, at && shown?.at === at ? shown.chain.timestamp : at);
        showAgeOf(shown);
        if (this.failure) showState(this.failure);
        else if (!shown || isLoading) this.showLoading();
        else showState(stateOf(shown, health, this.remark || this.lacking));
    }

    /** The browser takes its time for a title, which nothing in the page waits for. */
    async showTitle() {
        const title = titleOfPage(this.shown, this.health);
        if (title === this.title) return;
        this.title = title;
        await whenIdle();
        document.title = this.title;
    }

    showLoading() {
        showState({ state: "loading", notice: "" });
    }

    /** @param {string} remark */
    setRemark(remark) {
        this.remark = remark;
        setTimeout(() => {
            this.remark = "";
        }, REMARK_SHOWN_MS);
    }
}

/** @param {PageState} pageState */
function showState({ state, notice }) {
    document.body.dataset.state = state;
    setText(elementById("badge", HTMLElement), BADGES[state]);
    setText(elementById("notice", HTMLElement), notice);
}

/**
 * The age of live data grows by itself, the one of a replay stands.
 * @param {Snapshot | null} shown
 */
function showAgeOf(shown) {
    if (!shown) return showAge(null, "");
    const { freshness } = shown;
    const age = shown.at ? freshness.ageSeconds : currentAge(freshness);
    return showAge(age, `confirmed ${formatTime(freshness.lastSeenAt)} IST`);
}

/**
 * What concerns the symbol that is shown comes first.
 * @param {Health | null} health null where the API gave none
 * @param {string | null} symbol
 * @param {string} otherwise what is said where it gave none
 */
function showHealth(health, symbol, otherwise) {
    const lamp = elementById("health", HTMLElement);
    const reasons = concerningFirst(health?.reasons, symbol);
    const notices = concerningFirst(health?.notices, symbol);
    const details = [...reasons, ...notices].map((each) => each.detail);
    const text = health ? details.join("; ") || "Healthy" : otherwise;
    lamp.dataset.status = health?.status ?? "unknown";
    const label = elementById("health-text", HTMLElement);
    if (label.textContent !== text) label.textContent = lamp.title = text;
    // A simulated market is still a simulated one while nobody answers.
    if (health) elementById("simulated", HTMLElement).hidden = health.simulated !== true;
}
