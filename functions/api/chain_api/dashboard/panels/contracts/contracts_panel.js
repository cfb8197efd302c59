/** The panel of contracts: the day of each, several side by side, and two of them together. */

import { setText } from "../../browser/dom.js";
import { ContractDays } from "../../requests/contract_days.js";
import { DayLedger } from "../../requests/day_ledger.js";
import { formatTime, isoDay } from "../../words/format.js";
import { atmStrikeOf } from "../../words/reference.js";
import { ContractControls, chosenInterval, isOfPair } from "./contract_controls.js";
import { ContractFigures } from "./contract_figures.js";
import { pickContracts, readContracts, writeContracts } from "./contracts_choice.js";
import { breaksOfContract, breaksOfGaps } from "./held_values.js";
import { shownContracts } from "./shown_contract.js";

/** @import { Panel, PanelHost, PanelView } from "../panel.d.ts" */
/** @import { Break } from "./held_values.js" */
/** @import { ShownContract } from "./shown_contract.js" */

const MOST_GAPS_TOLD = 3;
const NOTHING_RECORDED = "nothing is recorded of the sessions of this day.";

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
     * Draw another choice, moment or day, and late records of the day. What a new snapshot brings
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
        const key = JSON.stringify([...subject, chosenInterval()]);
        if (key === this.subject && replayed === this.at && !isLate) return;
        this.at = replayed;
        if (key !== this.subject) this.begin(view);
        this.subject = key;
        this.draw();
    }

    /** @param {PanelView} view with another choice, or of another day */
    begin({ choice: text, snapshot }) {
        const { choice, ignored } = readContracts(text);
        const all = shownContracts(choice.contracts, snapshot.chain);
        const pair = choice.pair.map((place) => all[place]).filter(Boolean);
        this.ledger.begin(snapshot);
        this.choice = choice;
        this.contracts = !isOfPair(choice) ? all : pair.length === 2 ? pair : [];
        this.controls.show(choice, all, ignored);
        this.figures.build(choice, this.contracts, chosenInterval());
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
        ]);
        if (changes.includes(true) || this.drawn !== records.length) this.draw();
    }

    redraw() {
        this.figures.redraw();
    }

    close() {
        this.figures.remove();
    }

    /** Candles of each contract; what is compared needs all documents. */
    wanted() {
        const interval = this.choice.view === "candles" ? chosenInterval() : null;
        return this.contracts.map(({ identifier }) => ({ identifier, interval }));
    }

    draw() {
        const { view, ledger } = this;
        if (!view || !ledger.answer || !this.contracts.length) return;
        this.drawn = view.records.length;
        const records = view.records.filter(({ timestamp }) => ledger.isInSession(timestamp));
        const snapshots = records.map(({ timestamp }) => Date.parse(timestamp));
        const breaks = breaksOfGaps(ledger.answer.gaps);
        const days = this.wanted().map((wanted) => this.days.dayOf(wanted, view.snapshot));
        const contracts = days.map((day, index) => {
            const own = day.records.filter(({ timestamp }) => ledger.isInSession(timestamp));
            if (!this.hasAllSnapshots(index)) return { records: own, breaks };
            const known = snapshots.filter((time) => time <= day.knownUntil);
            const times = own.map(({ time }) => time);
            return { records: own, breaks: breaksOfContract(breaks, known, times) };
        });
        this.figures.show({ contracts, records, breaks, tick: ledger.tick, at: this.at });
        const problems = days.map((day, index) => {
            const { label } = this.contracts[index];
            return contracts[index].records.length ? "" : `${label}: ${problemOf(day)}`;
        });
        this.tell(problems.filter(Boolean).join(" "), gapText(breaks));
    }

    /** Whether it is known which snapshots lack a contract: of documents, and of the page's expiry. @param {number} index */
    hasAllSnapshots(index) {
        const isOfPage = this.contracts[index].expiry === this.view?.snapshot.chain.expiry_date;
        return this.choice.view !== "candles" && isOfPage;
    }
}

/** @param {{isKnown: boolean, problem: string}} day without records */
function problemOf({ isKnown, problem }) {
    return isKnown ? problem || NOTHING_RECORDED : "loading.";
}

/** @param {HTMLElement} parent */
function addNote(parent) {
    const note = parent.appendChild(document.createElement("p"));
    note.className = "panel-note";
    return note;
}

/** @param {Break[]} breaks of the record @returns {string} "" without any */
function gapText(breaks) {
    if (!breaks.length) return "";
    const told = breaks
        .slice(0, MOST_GAPS_TOLD)
        .map(({ start, end }) => `${formatTime(start)} to ${formatTime(end)}`);
    const others = breaks.length - told.length;
    const rest = others > 0 ? ` and ${others} more` : "";
    return `Not recorded: ${told.join(", ")}${rest} IST. No line is drawn over it.`;
}
