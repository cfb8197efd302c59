/**
 * The page: what the user selects, when it is requested, and what an answer or an error changes.
 */

import { setUpAlarm, soundAlarm } from "./alerts/alarm.js";
import { alertWatch } from "./alerts/alert_watch.js";
import { keepMeasure } from "./browser/measures.js";
import { setUpVolatilityChoice } from "./figures/volatility_choice.js";
import { Calendar } from "./page/calendar.js";
import { EmptyDay } from "./page/empty_day.js";
import { KeyDialog } from "./page/key_dialog.js";
import { MomentChoice } from "./page/moment_choice.js";
import { isAnotherSelection, namesStrikes, selectionInUrl, writeUrl } from "./page/page_url.js";
import { Pickers } from "./page/pickers.js";
import { Player } from "./page/player.js";
import { SnapshotView } from "./page/snapshot_view.js";
import { StatusBar } from "./page/status_bar.js";
import { TimeBar } from "./page/time_bar.js";
import { contractsAtExpiry } from "./panels/contracts/contracts_choice.js";
import { apiErrorOf } from "./requests/api_error.js";
import { DayHistory } from "./requests/day_history.js";
import { fetchOrFallBack, firstSymbol } from "./requests/fallback.js";
import { PeriodicRequests } from "./requests/periodic_requests.js";
import { Poller } from "./requests/polling.js";
import { serverNow } from "./requests/server_clock.js";
import { isSameSnapshot } from "./requests/snapshot.js";
import { againstOf } from "./words/against.js";
import { lastingMoment } from "./words/calendar_days.js";
import { showDayNote } from "./words/day_note.js";
import { inQuotes, isoDay } from "./words/format.js";
import { lackingText, stateAfter } from "./words/page_state.js";

/** @import { Chain, Problem } from "./api_types.d.ts" */
/** @import { Selection } from "./page/page_url.js" */
/** @import { Snapshot } from "./requests/snapshot.js" */

const POLLS_MISSED_AFTER_MS = 20000;

class Page {
    constructor() {
        this.selection = selectionInUrl();
        /** @type {Snapshot | null} the one that is shown */
        this.shown = null;
        /** @type {Snapshot | null} the last live one, which a 304 refers to */
        this.latest = null;
        /** Whether the snapshot that is shown has other volatilities than the chosen ones. */
        this.isOutdated = false;
        /** The time of the last live answer, by performance.now(). */
        this.answeredAt = -Infinity;
        this.history = new DayHistory();
        this.statusBar = new StatusBar();
        // Contracts and legs name strikes of the symbol before.
        /** @param {string} symbol */
        const onSymbol = (symbol) =>
            this.select({ symbol, expiry: null, contracts: null, legs: null });
        this.pickers = new Pickers({
            onSymbol,
            onExpiry: (expiry) => this.select({ expiry, contracts: this.contractsAt(expiry) }),
        });
        /** @param {string} day */
        const onDay = (day) => this.select({ at: day === isoDay(serverNow()) ? null : day });
        this.timeBar = new TimeBar({
            onTime: (at) => this.select({ at }),
            onLive: () => this.select({ at: null }),
            onDay,
        });
        this.moment = new MomentChoice(this.history, {
            onAgainst: (against) => this.select({ against }),
            onCompared: (shown, compared) => this.view.compare(shown, compared),
        });
        const { day } = this.timeBar;
        this.calendar = new Calendar(
            () => ({ symbol: this.selection.symbol, day: day.value }),
            onDay,
        );
        this.emptyDay = new EmptyDay({
            onDay,
            onTime: (at) => this.select({ at }),
            onLive: () => this.select({ at: null }),
            onSymbol,
        });
        this.view = new SnapshotView({
            onTime: (at) => this.select({ at }),
            onChoice: (change) => this.select(change),
            askNow: () => this.poller.pollNow(),
        });
        this.view.desk.select(this.selection);
        this.moment.select(this.selection.against);
        this.requests = new PeriodicRequests(this.pickers, this.history);
        this.player = new Player(this.history, {
            // The nearest expiry may become another one through the day.
            selection: () => ({
                ...this.selection,
                expiry: this.shown?.chain.expiry_date ?? this.selection.expiry,
            }),
            shown: () => this.shown,
            prepare: (snapshot, signal) => this.moment.prepare(snapshot, signal),
            onSnapshot: (snapshot) => {
                this.accept(snapshot);
                this.poller.besideNow();
            },
            onStep: (at) => this.select({ at }),
            onMoment: (isFirst) => this.writePlayed(isFirst),
            onError: (error) => this.poller.fail(error),
        });
        this.poller = new Poller(
            (signal) => this.poll(signal),
            (error, wait) => this.showError(error, wait),
            {
                pollsHidden: () => alertWatch.isWaiting,
                beside: (signal) => this.fetchBeside(signal),
            },
        );
        setUpAlarm(() => alertWatch.isWaiting);
        alertWatch.onRing = soundAlarm;
        setUpVolatilityChoice(() => this.askAgain());
        this.keyDialog = new KeyDialog(() => this.poller.pollNow());
        addEventListener("popstate", () => {
            if (!isAnotherSelection()) return;
            this.goTo(selectionInUrl());
            this.dropAgainst();
        });
        this.dropAgainst();
        // Data grow old without any request, so the age is written each second.
        setInterval(() => document.hidden || this.showStatus(), 1000);
        this.poller.pollNow();
    }

    /** Show something else that the user has chosen, at once. @param {Partial<Selection>} change */
    select(change) {
        this.player.pause();
        const selection = { ...this.selection, ...change };
        // Strikes mean other contracts as soon as another expiry is the nearest one.
        if (namesStrikes(selection) && this.shown?.chain.symbol === selection.symbol) {
            selection.expiry ??= this.shown.chain.expiry_date;
        }
        this.goTo(selection);
        writeUrl(this.selection, true);
    }

    /** Say that the address compares with what is no moment, and go on without it. */
    dropAgainst() {
        const { against } = this.selection;
        if (against === null || againstOf(against)) return;
        this.selection.against = null;
        writeUrl(this.selection);
        this.statusBar.setRemark(`Changes since ${inQuotes(against)} are not known.`);
    }

    /** The chosen contracts stay the same where another expiry is shown. @param {string} expiry */
    contractsAt(expiry) {
        return contractsAtExpiry(this.selection.contracts, this.shown?.chain.expiry_date, expiry);
    }

    /** @param {Selection} selection */
    goTo(selection) {
        this.player.stop();
        this.selection = selection;
        this.view.desk.select(selection);
        this.moment.select(selection.against);
        this.statusBar.remark = "";
        this.emptyDay.hide();
        if (this.showsAnother()) this.statusBar.showLoading();
        this.poller.pollNow();
    }

    /** Ask for what is selected with other volatilities, a replay included. */
    askAgain() {
        this.player.pause();
        this.isOutdated = true;
        this.poller.pollNow();
    }

    /** Whether the snapshot that is shown is of another symbol or expiry than the selected one. */
    showsAnother() {
        if (!this.shown) return false;
        const { symbol, expiry } = this.selection;
        const { chain } = this.shown;
        return chain.symbol !== symbol || (expiry !== null && chain.expiry_date !== expiry);
    }

    /** @param {AbortSignal} signal */
    async poll(signal) {
        this.fetchHealth(signal);
        if (document.hidden) {
            await alertWatch.fetch(signal);
            return;
        }
        this.requests.awaitsAlerts = true;
        const { selection } = this;
        if (!selection.symbol)
            selection.symbol = await firstSymbol(this.requests, this.pickers, signal);
        if (!this.showsReplay()) await this.fetchSelected(signal);
        signal.throwIfAborted();
        this.statusBar.failure = null;
        this.showStatus();
    }

    /** Ask for what stands beside the chain: the next chain does not wait for it. @param {AbortSignal} signal */
    async fetchBeside(signal) {
        if (document.hidden) return;
        await Promise.all([this.requests.runAlerts(signal), this.fetchDay(signal)]);
        signal.throwIfAborted();
        this.showStatus();
    }

    /** Ask for lists and the day's history, and for what the panels lack. @param {AbortSignal} signal */
    async fetchDay(signal) {
        const changed = this.shown && (await this.requests.run(this.shown, signal));
        await this.moment.fetch(signal);
        await this.view.desk.fetch(signal);
        signal.throwIfAborted();
        if (changed) this.showHistory();
    }

    /** Get and show the health if it is due. @param {AbortSignal} signal */
    async fetchHealth(signal) {
        if (!(await this.requests.fetchHealth(signal))) return;
        alertWatch.acceptHealth(this.requests.health);
        this.showStatus();
    }

    /** One request was lost, or nothing answers any more: the health says which. */
    checkHealth() {
        // Where none is known it is asked for with each poll.
        if (!this.requests.health || this.requests.isAskingHealth) return;
        this.requests.expireHealth();
        this.fetchHealth(new AbortController().signal);
    }

    /** Whether the selected time of the past is shown already: it does not change. */
    showsReplay() {
        const { at } = this.selection;
        if (at === null || this.isOutdated || this.shown?.analyticsError) return false;
        return this.shown?.at === at && !this.showsAnother();
    }

    /** @param {AbortSignal} signal */
    async fetchSelected(signal) {
        const { at } = this.selection;
        const previous = at ? null : this.latest;
        const { snapshot, remark } = await fetchOrFallBack(
            this.selection,
            previous,
            this.requests,
            this.pickers,
            signal,
        );
        // What it is compared with comes first, so that both are shown in one task.
        await this.moment.prepare(snapshot, signal);
        signal.throwIfAborted();
        // The replay has gone on in the meantime.
        if (at !== this.selection.at) return;
        if (remark) {
            this.selection.expiry = null;
            this.statusBar.setRemark(remark);
        }
        this.accept(snapshot);
    }

    /** @param {Snapshot} snapshot the answer to the selection */
    accept(snapshot) {
        const startedAt = performance.now();
        const { chain } = snapshot;
        const isNew = !isSameSnapshot(this.shown, snapshot) || this.shown?.at !== snapshot.at;
        // What is asked for beside the chain would be of the one before.
        if (this.shown && !isOfSameDay(this.shown.chain, chain)) this.poller.abortBeside();
        const { selection } = this;
        if (selection.expiry || namesStrikes(selection)) selection.expiry = chain.expiry_date;
        // The chosen moment stays: each expiry has its newest snapshot by then.
        if (snapshot.at) selection.at = snapshot.at = lastingMoment(snapshot.at, chain.timestamp);
        else this.acceptLive(snapshot);
        this.shown = snapshot;
        this.emptyDay.hide();
        this.isOutdated = false;
        this.statusBar.failure = null;
        if (isNew) this.show(snapshot);
        this.showStatus();
        if (isNew) keepMeasure("render", startedAt);
    }

    /** @param {Snapshot} snapshot */
    acceptLive(snapshot) {
        this.latest = snapshot;
        const now = performance.now();
        if (now - this.answeredAt > POLLS_MISSED_AFTER_MS) this.history.expire();
        this.answeredAt = now;
    }

    /** @param {Snapshot} snapshot */
    show(snapshot) {
        const { chain, at } = snapshot;
        this.selection.symbol = chain.symbol;
        this.history.add(snapshot);
        const compared = this.moment.show(snapshot);
        this.view.show(snapshot, this.history.records, compared, this.requests.historyFailure);
        this.timeBar.show(this.history, chain.timestamp, at === null);
        this.pickers.showSelected(chain.symbol, chain.expiry_date);
        this.player.show();
        // Some browsers refuse an address that changes many times a minute.
        if (this.player.isPlaying) return;
        writeUrl({ ...this.selection, expiry: chain.expiry_date, at });
    }

    /** Let the address name what is shown of a replay. @param {boolean} isFirst of this replay: then Back leads to its start */
    writePlayed(isFirst) {
        const expiry = this.shown?.chain.expiry_date ?? this.selection.expiry;
        writeUrl({ ...this.selection, expiry }, isFirst);
    }

    /** Draw the day's history again: the slider goes back to the snapshot that is shown. */
    showHistory() {
        if (!this.shown) return;
        const { records } = this.history;
        this.view.showHistory(records, this.requests.historyFailure);
        this.view.desk.change({ records });
        this.player.show();
        this.timeBar.show(this.history, this.shown.chain.timestamp, this.shown.at === null);
    }

    /** @param {unknown} error @param {number} wait milliseconds until the next poll */
    showError(error, wait) {
        const apiError = apiErrorOf(error);
        if (apiError.isNoData || this.showsAnother()) this.clear();
        else this.showHistory();
        this.statusBar.failure = stateAfter(apiError, wait, this.shown);
        if (apiError.isNoData) this.showEmpty(apiError.problem);
        if (apiError.kind === "unavailable") this.checkHealth();
        if (apiError.kind === "key") {
            this.keyDialog.askForKey();
            // Nobody sees the dialog of a hidden tab, and alerts are waited for.
            if (document.hidden) soundAlarm("The alerts have stopped: the API asks for a key.");
        }
        this.showStatus();
    }

    /** Say in the chain's place what leads on. @param {Problem | null} problem of what found nothing */
    showEmpty(problem) {
        const { symbol, at } = this.selection;
        const isOfSymbol = problem?.field === "symbol";
        // The list to choose from has the selected one too.
        const listed = this.pickers.symbol.symbols.filter((each) => each !== symbol);
        const known = problem?.known_symbols ?? listed;
        if (symbol && isOfSymbol && known.length) this.emptyDay.showSymbols(symbol, known);
        else if (symbol && at && !isOfSymbol) this.emptyDay.show(symbol, at);
        else return this.emptyDay.hide();
        // The words in the chain's place say the same.
        this.statusBar.failure = { state: "empty", notice: "" };
    }

    clear() {
        this.shown = this.latest = null;
        this.moment.show(null);
        this.view.clear();
        this.timeBar.clear(this.selection.at);
    }

    showStatus() {
        const health = this.requests.healthOf(this.shown?.chain.symbol);
        this.statusBar.lacking = lackingText(this.requests.failuresWith(this.shown));
        this.statusBar.show(this.shown, this.showsAnother(), health, this.selection.at);
        showDayNote(this.shown, this.history, health);
    }
}

/** Whether two chains are of one symbol, expiry and day. @param {Chain} one @param {Chain} other */
function isOfSameDay(one, other) {
    const isSameExpiry = one.symbol === other.symbol && one.expiry_date === other.expiry_date;
    return isSameExpiry && isoDay(one.timestamp) === isoDay(other.timestamp);
}

new Page();
