/** The panel of contracts: the day of each, several side by side, and two of them together. */

import { setText } from "../../browser/dom.js";
import { keepMeasure } from "../../browser/measures.js";
import { ContractDays } from "../../requests/contract_days.js";
import { addressOfGaps, DayLedger } from "../../requests/day_ledger.js";
import { ExpiryLots } from "../../requests/expiry_lots.js";
import { knownBy } from "../../requests/known_by.js";
import { breaksOfGaps } from "../../requests/record_breaks.js";
import { isoDay } from "../../words/format.js";
import { atmStrikeOf } from "../../words/reference.js";
import { INTERVAL } from "../panel_choices.js";
import { ContractControls, isOfPair } from "./contract_controls.js";
import { ContractFigures } from "./contract_figures.js";
import { gapText, problemText } from "./contract_notes.js";
import { lotScaleOf } from "./contract_unit.js";
import { pickContracts, readContracts, writeContracts } from "./contracts_choice.js";
import { breaksOfContract } from "./held_values.js";
import { shownContracts } from "./shown_contract.js";

/** @import { Panel, PanelHost, PanelView } from "../panel.d.ts" */
/** @import { ShownContract } from "./shown_contract.js" */

/** @param {PanelHost} host @returns {Panel} */
export function openContracts(host) {
    return new ContractsPanel(host);
}

class ContractsPanel {
    /** @param {PanelHost} host */
    constructor(host) {
        this.host = host;
        this.days = new ContractDays();
        this.ledger = new DayLedger();
        this.lots = new ExpiryLots();
        /** @type {PanelView | null} */
        this.view = null;
        this.choice = readContracts(null).choice;
        /** What the figures are of. */
        this.subject = "";
        /** @type {ShownContract[]} those that the view is of */
        this.contracts = [];
        /** @type {string | null} the time that is replayed */
        this.at = null;
        /** How many records of the underlying are drawn. */
        this.drawn = 0;
        host.body.classList.add("contracts");
        this.controls = new ContractControls(host.body, {
            onChoice: (choice) => host.choose(writeContracts(choice)),
            onInterval: () => {
                if (this.view) this.show(this.view);
                host.askNow();
            },
            onAtTheMoney: () => this.addAtTheMoney(),
        });
        this.problemNote = addNote(host.body);
        this.gapNote = addNote(host.body);
        this.figures = new ContractFigures(host.body, (time) => this.goToLast(time));
    }

    addAtTheMoney() {
        if (!this.view) return;
        const { snapshot, choice } = this.view;
        const strike = atmStrikeOf(snapshot);
        if (strike === null) return;
        const picked = { strike, side: null, column: null };
        const wanted = pickContracts(picked, choice, snapshot);
        if (wanted) this.host.choose(wanted);
    }

    /** Show the chain of the last snapshot by a time. @param {number} time */
    goToLast(time) {
        const record = this.view?.records.findLast((each) => Date.parse(each.timestamp) <= time);
        if (record) this.host.goTo(record.timestamp);
    }

    /**
     * Draw another choice, moment, day or unit, and late records of the day. What a new snapshot brings
     * is drawn by `fetch`, together with the records of the contracts.
     * @param {PanelView} view
     */
    show(view) {
        const isSame = this.view?.snapshot === view.snapshot;
        const isLate = isSame && this.drawn !== view.records.length;
        this.view = view;
        const { chain, at } = view.snapshot;
        const replayed = at && chain.timestamp;
        const subject = [view.choice, chain.symbol, chain.expiry_date, isoDay(chain.timestamp)];
        const key = JSON.stringify([...subject, INTERVAL.choice.value, view.scale.unit]);
        if (key === this.subject && replayed === this.at && !isLate) return;
        this.at = replayed;
        if (key !== this.subject) this.begin(view);
        this.subject = key;
        this.draw();
    }

    /** @param {PanelView} view with another choice or unit, or of another day */
    begin({ choice: text, snapshot, scale }) {
        const { choice, ignored } = readContracts(text);
        const all = shownContracts(choice.contracts, snapshot.chain);
        const pair = choice.pair.map((place) => all[place]).filter(Boolean);
        this.ledger.begin(snapshot);
        this.lots.begin(snapshot);
        this.choice = choice;
        this.contracts = !isOfPair(choice) ? all : pair.length === 2 ? pair : [];
        this.controls.show(choice, all, ignored);
        const options = { interval: INTERVAL.choice.value, unit: scale.unit };
        this.figures.build(choice, this.contracts, options);
        this.tell("", "");
    }

    clear() {
        this.view = null;
        this.subject = "";
        this.figures.remove();
        this.tell("", "");
    }

    /** @param {string} problems of single contracts @param {string} gaps of the record */
    tell(problems, gaps) {
        setText(this.problemNote, problems);
        setText(this.gapNote, gaps);
    }

    /** @param {PanelView} view @param {AbortSignal} signal */
    async fetch({ snapshot, records }, signal) {
        if (!this.contracts.length) return;
        const changes = await Promise.all([
            this.days.refresh(this.wanted(), snapshot, signal),
            this.ledger.refresh(snapshot, signal),
            this.lots.refresh(this.otherExpiries(snapshot.chain), snapshot, signal),
        ]);
        if (changes.includes(true) || this.drawn !== records.length) this.draw();
    }

    /** The whole day of each contract, and what it is shown with. */
    addresses() {
        const { view } = this;
        if (!view || !this.contracts.length) return [];
        const days = this.wanted().map((wanted) => this.days.dayOf(wanted, view.snapshot));
        const known = days
            .filter(({ records }) => records.length)
            .map((day) => day.addressTo(this.at));
        return [...known, ...this.lots.addresses, addressOfGaps(view.snapshot)];
    }

    redraw() {
        this.figures.redraw();
    }

    close() {
        this.figures.remove();
    }

    /** Candles of each contract; what is compared needs all documents. */
    wanted() {
        const interval = this.choice.view === "candles" ? INTERVAL.choice.value : null;
        return this.contracts.map(({ identifier }) => ({ identifier, interval }));
    }

    draw() {
        const { view, ledger, at } = this;
        if (!view || !ledger.answer || !this.contracts.length) return;
        const startedAt = performance.now();
        this.drawn = view.records.length;
        const records = view.records.filter(({ timestamp }) => ledger.isInSession(timestamp));
        const snapshots = records.map(({ timestamp }) => Date.parse(timestamp));
        const breaks = breaksOfGaps(ledger.answer.gaps);
        const days = this.wanted().map((wanted) => this.days.dayOf(wanted, view.snapshot));
        const contracts = days.map((day, index) => {
            const own = day.records.filter(({ timestamp }) => ledger.isInSession(timestamp));
            const scale = lotScaleOf(this.contracts[index], view, this.lots);
            if (!this.hasAllSnapshots(index)) return { records: own, breaks, scale };
            const known = snapshots.filter((time) => time <= day.knownUntil);
            const times = own.map(({ time }) => time);
            return { records: own, breaks: breaksOfContract(breaks, known, times), scale };
        });
        this.figures.show({ contracts, records, breaks, tick: ledger.tick, at });
        const isOfPrices = isOfPair(this.choice);
        const problems = this.contracts.map(({ label }, index) => {
            const { records: own, scale } = contracts[index];
            const reason = isOfPrices ? "" : scale.reason;
            return problemText(label, days[index], knownBy(own, at).length > 0, reason, at);
        });
        if (view.scale.why && !isOfPrices) problems.push(`In lots: ${view.scale.why}.`);
        const gaps = breaks.filter(({ start }) => at === null || start <= Date.parse(at));
        this.tell(problems.filter(Boolean).join(" "), gapText(gaps));
        keepMeasure("chart", startedAt);
    }

    /** The expiries of contracts that are not the page's. @param {{expiry_date: string}} chain */
    otherExpiries({ expiry_date }) {
        return this.contracts.map(({ expiry }) => expiry).filter((each) => each !== expiry_date);
    }

    /** Whether it is known which snapshots lack a contract: of documents, and of the page's expiry. @param {number} index */
    hasAllSnapshots(index) {
        const isOfPage = this.contracts[index].expiry === this.view?.snapshot.chain.expiry_date;
        return this.choice.view !== "candles" && isOfPage;
    }
}

/** @param {HTMLElement} parent */
function addNote(parent) {
    const note = parent.appendChild(document.createElement("p"));
    note.className = "panel-note";
    return note;
}
