/** The page of several chains side by side: which they are, and when they are requested. */

import { writeLinkedChoices } from "./browser/address.js";
import { elementById, setText } from "./browser/dom.js";
import { setUpUnitChoice, shownUnit } from "./figures/position_unit.js";
import { KeyDialog } from "./page/key_dialog.js";
import { againText, readHealth } from "./page/service_notes.js";
import { SymbolSearch } from "./page/symbol_search.js";
import { setUpTheme } from "./page/theme.js";
import { getJson } from "./requests/api.js";
import { apiErrorOf } from "./requests/api_error.js";
import { Poller } from "./requests/polling.js";
import { ChainView } from "./side_by_side/chain_view.js";
import { MOST_VIEWS, viewsInUrl, writeViews } from "./side_by_side/views_in_url.js";

/** @import { ErrorKind } from "./requests/api_error.js" */
/** @import { ViewChoice } from "./side_by_side/views_in_url.js" */

const LISTS_EVERY_POLLS = 60;
const HEALTH_EVERY_POLLS = 6;

class SideBySidePage {
    constructor() {
        /** @type {ChainView[]} in their order */
        this.views = [];
        /** @type {{kind: ErrorKind, message: string} | null} why the lists cannot be had */
        this.failure = null;
        this.polls = 0;
        this.place = elementById("views", HTMLElement);
        this.search = new SymbolSearch(elementById("add-symbol", HTMLInputElement), (symbol) =>
            this.add(symbol),
        );
        setUpUnitChoice(() => this.showUnit());
        writeLinkedChoices();
        setUpTheme(() => {});
        this.poller = new Poller(
            (signal) => this.poll(signal),
            (error, wait) => this.showError(error, wait),
        );
        this.keyDialog = new KeyDialog(() => this.pollNow());
        addEventListener("popstate", () => this.show(viewsInUrl()));
        setInterval(() => document.hidden || this.showAges(), 1000);
        this.show(viewsInUrl());
        this.poller.pollNow();
    }

    /** @returns {ViewChoice[]} */
    get choices() {
        return this.views.map(({ choice }) => choice);
    }

    /** Show other chains that the user has chosen. @param {ViewChoice[]} choices */
    choose(choices) {
        writeViews(choices);
        this.show(choices);
    }

    /** Those that stay keep what they show. @param {ViewChoice[]} choices */
    show(choices) {
        const before = [...this.views];
        /** @type {ChainView[]} */
        const added = [];
        this.views = choices.map((choice) => {
            const known = before.findIndex(
                (view) =>
                    view.choice.symbol === choice.symbol && view.choice.expiry === choice.expiry,
            );
            if (known >= 0) return before.splice(known, 1)[0];
            const view = this.newView(choice);
            added.push(view);
            return view;
        });
        for (const view of before) view.remove();
        for (const [index, view] of this.views.entries()) {
            const there = this.place.children[index] ?? null;
            if (there !== view.element) view.moveTo(this.place, there);
        }
        this.place.dataset.count = String(this.views.length);
        this.search.input.disabled =
            this.search.symbols.length === 0 || this.views.length >= MOST_VIEWS;
        const names = choices.map(({ symbol }) => symbol).join(", ");
        document.title = names ? `${names} side by side` : "Side by side: NSE options";
        this.showState();
        for (const view of added) view.poller.pollNow();
    }

    /** @param {ViewChoice} choice */
    newView(choice) {
        /** @type {ChainView} */
        const view = new ChainView(choice, {
            onChange: (other) => {
                view.choose(other);
                this.choose(this.choices);
            },
            onRemove: () => this.remove(view),
            onMove: (places) => this.move(this.views.indexOf(view), places),
            onAnswer: () => this.onAnswer(view.failure?.kind),
        });
        return view;
    }

    /** The focus goes to the button that is in its place then. @param {ChainView} view */
    remove(view) {
        const index = this.views.indexOf(view);
        this.choose(this.choices.filter((each) => each !== view.choice));
        const next = this.views[Math.min(index, this.views.length - 1)];
        (next?.closing ?? this.search.input).focus();
    }

    /** @param {string} symbol */
    add(symbol) {
        this.search.selected = "";
        this.search.restore();
        this.choose([...this.choices, { symbol, expiry: null }].slice(0, MOST_VIEWS));
    }

    /** @param {number} index @param {-1 | 1} places */
    move(index, places) {
        const choices = this.choices;
        const other = index + places;
        if (other < 0 || other >= choices.length) return;
        [choices[index], choices[other]] = [choices[other], choices[index]];
        this.choose(choices);
    }

    /** Poll at once whatever is polled. */
    pollNow() {
        for (const { poller } of [this, ...this.views]) poller.pollNow();
    }

    /** Get what concerns all chains. @param {AbortSignal} signal */
    async poll(signal) {
        if (this.polls % LISTS_EVERY_POLLS === 0) await this.fetchSymbols(signal);
        if (this.polls % HEALTH_EVERY_POLLS === 0) await readHealth(signal);
        signal.throwIfAborted();
        this.polls += 1;
        this.failure = null;
        this.onAnswer(undefined);
    }

    /** @param {AbortSignal} signal */
    async fetchSymbols(signal) {
        const { body } = await getJson("symbols", { columns: "symbol" }, { signal });
        /** @type {{symbol: string}[]} */
        const rows = body.symbols;
        const names = rows.map(({ symbol }) => symbol);
        this.search.show(names, null);
        this.search.input.disabled = names.length === 0 || this.views.length >= MOST_VIEWS;
    }

    /** Each chain says itself where the unit is not known of it. */
    showUnit() {
        shownUnit(() => true, "");
        for (const view of this.views) view.showUnit();
    }

    showAges() {
        for (const view of this.views) view.showAge();
    }

    /** Tell how the chains are, once each has come or one could not. */
    showState() {
        const failed = this.views.filter(({ failure }) => failure);
        const failure = this.failure ?? failed[0]?.failure;
        if (!failure && !this.views.every(({ isAnswered }) => isAnswered)) return;
        const isAlone = !this.failure && failed.length < this.views.length;
        const names = failed.map(({ choice }) => choice.symbol).join(", ");
        const notice = failure ? (isAlone ? `${names}: ` : "") + failure.message : "";
        document.body.dataset.state = failure?.kind ?? "live";
        setText(elementById("badge", HTMLElement), failure ? "No answer" : "Live");
        setText(elementById("notice", HTMLElement), notice);
    }

    /** @param {ErrorKind | undefined} kind of the error that a request has brought, if any */
    onAnswer(kind) {
        if (kind === "key") this.keyDialog.askForKey();
        this.showState();
    }

    /** @param {unknown} error @param {number} wait milliseconds until the next poll */
    showError(error, wait) {
        const { kind, message } = apiErrorOf(error);
        this.failure = { kind, message: message + (kind === "limited" ? againText(wait) : "") };
        this.onAnswer(kind);
    }
}

new SideBySidePage();
