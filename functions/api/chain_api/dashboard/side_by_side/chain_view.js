/** One of the chains that stand side by side: its head, its key figures, its table. */

import { setText } from "../browser/dom.js";
import { ChainTable } from "../chain/chain_table.js";
import { usualColumns } from "../chain/columns.js";
import { scaledRows, scaleOf } from "../figures/snapshot_scale.js";
import { fillPicker, optionsOf } from "../page/expiry_picker.js";
import { againText } from "../page/service_notes.js";
import { getJson } from "../requests/api.js";
import { apiErrorOf } from "../requests/api_error.js";
import { Poller } from "../requests/polling.js";
import { chainPath, currentAge, fetchSnapshot, isSameSnapshot } from "../requests/snapshot.js";
import {
    attributeValue,
    DASH,
    formatAge,
    formatNumber,
    formatStrike,
    formatTime,
    isNumber,
} from "../words/format.js";
import { reasonText, whyNoAnalytics } from "../words/reasons.js";
import { atmStrikeOf, referencePriceOf } from "../words/reference.js";

/** @import { Metric } from "../api_types.d.ts" */
/** @import { ErrorKind } from "../requests/api_error.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */
/** @import { ViewChoice } from "./views_in_url.js" */

const EXPIRIES_PERIOD_MS = 300000;
/** @type {{name: Metric, label: string, format: (value: unknown) => string}[]} */
const FIGURES = [
    { name: "underlying_value", label: "Spot", format: (value) => formatNumber(value, 2) },
    { name: "pcr_oi", label: "PCR", format: (value) => formatNumber(value, 2) },
    { name: "max_pain", label: "Max pain", format: formatStrike },
    { name: "atm_iv", label: "ATM IV %", format: (value) => formatNumber(value, 2) },
    { name: "straddle_price", label: "Straddle", format: (value) => formatNumber(value, 2) },
];

/**
 * `onAnswer` is called after each answer and each error.
 * @typedef {{onChange: (choice: ViewChoice) => void, onRemove: () => void,
 *     onMove: (places: -1 | 1) => void, onAnswer: () => void}} ViewCallbacks
 */

export class ChainView {
    /** @param {ViewChoice} choice @param {ViewCallbacks} callbacks */
    constructor(choice, callbacks) {
        this.choice = choice;
        this.onAnswer = callbacks.onAnswer;
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** Whether anything has come yet, if only that there are no data. */
        this.isAnswered = false;
        /** @type {{kind: ErrorKind, message: string} | null} why the last poll brought nothing */
        this.failure = null;
        this.expiriesDueAt = -Infinity;
        /** Why the chain is in lots though another unit is chosen; "" where it is not. */
        this.whyInLots = "";
        this.element = document.createElement("section");
        this.element.className = "view";
        this.element.dataset.symbol = choice.symbol;
        this.title = document.createElement("h3");
        this.expiry = document.createElement("select");
        this.note = document.createElement("p");
        this.figures = document.createElement("dl");
        this.scroller = document.createElement("div");
        this.chain = this.scroller.appendChild(document.createElement("table"));
        this.link = document.createElement("a");
        this.closing = buttonOf("Close", `Close ${choice.symbol}`, callbacks.onRemove);
        this.build(callbacks);
        this.table = new ChainTable(this.chain, this.scroller, () => this.updateColumns());
        this.resized = new ResizeObserver(() => this.updateColumns());
        this.resized.observe(this.scroller);
        // Each chain has its own: a slow one must not keep the others waiting.
        this.poller = new Poller(
            (signal) => this.poll(signal),
            (error, wait) => this.showError(error, wait),
            { beside: (signal) => this.fetchExpiries(signal) },
        );
    }

    /** @param {ViewCallbacks} callbacks */
    build({ onChange, onMove }) {
        const { symbol } = this.choice;
        const bar = this.element.appendChild(document.createElement("div"));
        bar.className = "toolbar";
        this.title.textContent = symbol;
        this.expiry.setAttribute("aria-label", `Expiry of ${symbol}`);
        this.expiry.disabled = true;
        this.expiry.addEventListener("change", () =>
            onChange({ symbol, expiry: this.expiry.value }),
        );
        this.link.textContent = "Open";
        this.link.setAttribute("aria-label", `Open the option chain of ${symbol}`);
        bar.append(
            this.title,
            this.expiry,
            this.link,
            buttonOf("◂", `Move ${symbol} to the left`, () => onMove(-1)),
            buttonOf("▸", `Move ${symbol} to the right`, () => onMove(1)),
            this.closing,
        );
        for (const { name, label } of FIGURES) {
            const pair = this.figures.appendChild(document.createElement("div"));
            pair.dataset.figure = name;
            pair.appendChild(document.createElement("dt")).textContent = label;
            pair.appendChild(document.createElement("dd")).textContent = DASH;
        }
        this.note.className = "view-note";
        this.note.role = "status";
        this.scroller.className = "scroller";
        this.scroller.tabIndex = 0;
        this.scroller.role = "group";
        this.scroller.setAttribute("aria-label", `Chain of ${symbol}`);
        this.chain.className = "chain-table";
        this.chain.append(document.createElement("colgroup"), document.createElement("tbody"));
        this.element.append(this.figures, this.note, this.scroller);
    }

    updateColumns() {
        const { widths } = this.table;
        const columns = usualColumns(this.scroller.clientWidth, (each) => widths.ofTable(each));
        if (columns !== this.table.columns) this.table.setColumns(columns);
    }

    /**
     * Get what is new, and show it.
     * @param {AbortSignal} signal
     * @throws {ApiError}
     */
    async poll(signal) {
        const { symbol, expiry } = this.choice;
        const selection = { ...NOTHING_ELSE, symbol, expiry };
        const snapshot = await fetchSnapshot(selection, this.snapshot, signal);
        signal.throwIfAborted();
        const isNew = !isSameSnapshot(this.snapshot, snapshot);
        const isFirst = this.snapshot === null;
        this.snapshot = snapshot;
        if (isNew) this.show(snapshot);
        if (isFirst) this.table.centre();
        this.answer(null);
    }

    /**
     * Where the API works, but has no data of this chain, nothing has failed.
     * @param {unknown} error
     * @param {number} wait milliseconds until the next poll
     */
    showError(error, wait) {
        const apiError = apiErrorOf(error);
        const { kind, isNoData } = apiError;
        const message = apiError.message + (kind === "limited" ? againText(wait) : "");
        if (isNoData) this.clear(message);
        this.answer(isNoData ? null : { kind, message });
    }

    /** @param {typeof this.failure} failure */
    answer(failure) {
        this.isAnswered ||= failure === null;
        this.failure = failure;
        this.showAge();
        this.onAnswer();
    }

    /** @param {AbortSignal} signal */
    async fetchExpiries(signal) {
        if (!this.snapshot || performance.now() < this.expiriesDueAt) return;
        const { chain } = this.snapshot;
        const path = `${chainPath(chain.symbol)}/expiry-dates`;
        const { body } = await getJson(path, {}, { signal });
        this.expiriesDueAt = performance.now() + EXPIRIES_PERIOD_MS;
        fillPicker(this.expiry, body.expiry_dates, chain.expiry_date);
    }

    /** @param {Snapshot} snapshot */
    show(snapshot) {
        const { chain, analytics } = snapshot;
        this.element.dataset.timestamp = chain.timestamp;
        const query = new URLSearchParams({ symbol: chain.symbol, expiry: chain.expiry_date });
        this.link.href = `../dashboard?${query}`;
        fillPicker(this.expiry, optionsOf(this.expiry), chain.expiry_date);
        for (const [index, { name, format }] of FIGURES.entries()) {
            const value =
                name === "underlying_value" ? chain.underlying_value : (analytics?.[name] ?? null);
            const [, text] = this.figures.children[index].children;
            setText(text, format(value));
            const cell = /** @type {HTMLElement} */ (text);
            cell.dataset.value = attributeValue(value);
            const why = analytics ? reasonText(analytics.reasons[name]) : whyNoAnalytics(snapshot);
            cell.title = isNumber(value) ? "" : why;
        }
        this.showChain(snapshot);
    }

    /** Show the chain in the chosen unit. @param {Snapshot} snapshot */
    showChain(snapshot) {
        const scale = scaleOf(snapshot);
        this.whyInLots = scale.why;
        const rows = scaledRows(snapshot.chain.rows, scale);
        this.table.show(rows, referencePriceOf(snapshot), atmStrikeOf(snapshot), scale.unit);
    }

    /** Another unit has been chosen. */
    showUnit() {
        if (!this.snapshot) return;
        this.showChain(this.snapshot);
        this.table.writer.writeAll();
        this.showAge();
    }

    /** Show another expiry from now on. @param {ViewChoice} choice of the same symbol */
    choose(choice) {
        this.choice = choice;
        this.clear("Loading");
        this.poller.pollNow();
    }

    /**
     * Say how old the numbers are, which grow old without any request, why they are in lots, and why
     * nothing newer comes.
     */
    showAge() {
        this.element.classList.toggle("unanswered", this.failure !== null);
        if (!this.snapshot) {
            if (this.failure) setText(this.note, this.failure.message);
            return;
        }
        // No screen reader should tell each second.
        this.note.ariaLive = "off";
        const { freshness, chain } = this.snapshot;
        const age = formatAge(currentAge(freshness));
        const gap = freshness.gap ? " The record has a gap here." : "";
        const failure = this.failure ? `${this.failure.message} ` : "";
        const unit = this.whyInLots && ` In lots: ${this.whyInLots}.`;
        setText(
            this.note,
            `${failure}${formatTime(chain.timestamp)} IST, confirmed ${age} ago.${gap}${unit}`,
        );
        this.element.classList.toggle("old", freshness.gap);
    }

    /** @param {string} message why there are no numbers */
    clear(message) {
        this.snapshot = null;
        this.element.dataset.timestamp = "";
        this.element.classList.remove("old");
        for (const { children } of this.figures.children) {
            const number = /** @type {HTMLElement} */ (children[1]);
            setText(number, DASH);
            number.dataset.value = number.title = "";
        }
        this.table.show([], null, null, "lots");
        this.note.ariaLive = "polite";
        setText(this.note, message);
    }

    /**
     * Put it before another element, without losing the strikes in sight and the focus.
     * @param {Element} place @param {Element | null} next
     */
    moveTo(place, next) {
        const { scrollTop, scrollLeft } = this.scroller;
        const focused = this.element.contains(document.activeElement) && document.activeElement;
        place.insertBefore(this.element, next);
        this.scroller.scrollTo(scrollLeft, scrollTop);
        if (focused instanceof HTMLElement) focused.focus();
    }

    remove() {
        this.poller.close();
        this.resized.disconnect();
        this.table.close();
        this.element.remove();
    }
}

/** What the chains side by side have none of. */
const NOTHING_ELSE = { at: null, against: null, panels: null, contracts: null, legs: null };

/** @param {string} text @param {string} label @param {() => void} action */
function buttonOf(text, label, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", action);
    return button;
}
