/** A row of the table of legs: the controls with which a leg is changed, and its prices. */

import { setText } from "../../browser/dom.js";
import { attributeValue, DASH, formatNumber, formatStrike } from "../../words/format.js";
import { addButton, addChild, showOptions } from "./strategy_elements.js";

/** @import { Known, PricedLeg } from "./priced_legs.js" */
/** @import { StrategyLeg } from "./strategy_legs.js" */

const MOST_LOTS = 9999;
const MOST_PRICE = 9999999;
/** @type {Record<string, string>} */
const ENTRY_SOURCES = { ask: "ask", bid: "bid", last: "last price", own: "own price" };
/** @type {Record<string, string>} */
const SIDE_NAMES = { 1: "Buy", "-1": "Sell" };

export class LegRow {
    /**
     * @param {HTMLTableSectionElement} body
     * @param {(change: Partial<StrategyLeg>) => void} onChange
     * @param {() => void} onRemove
     */
    constructor(body, onChange, onRemove) {
        /** @type {PricedLeg | null} */
        this.shown = null;
        this.row = body.insertRow();
        this.head = addChild(this.row, "th");
        this.head.scope = "row";
        this.head.dataset.kind = "words";
        this.side = addChild(this.head, "select");
        this.lots = addChild(this.row.insertCell(), "input");
        const strikeCell = this.row.insertCell();
        strikeCell.className = "strike";
        this.lower = addButton(strikeCell, "−", () => this.step(-1, onChange));
        this.strike = addChild(strikeCell, "select");
        this.higher = addButton(strikeCell, "+", () => this.step(1, onChange));
        this.type = addChild(this.row.insertCell(), "select");
        const expiryCell = this.row.insertCell();
        expiryCell.dataset.kind = "expiry";
        this.expiry = addChild(expiryCell, "select");
        this.entryCell = this.row.insertCell();
        this.entry = addChild(this.entryCell, "input");
        this.entrySource = addChild(this.entryCell, "small");
        this.now = this.row.insertCell();
        this.now.dataset.label = "now";
        this.iv = this.row.insertCell();
        this.iv.dataset.label = "IV";
        this.removeButton = addButton(this.row.insertCell(), "×", onRemove);
        this.listen(onChange);
    }

    /** @param {(change: Partial<StrategyLeg>) => void} onChange */
    listen(onChange) {
        const { side, lots, strike, type, expiry, entry } = this;
        Object.assign(lots, { type: "number", min: "1", max: String(MOST_LOTS), step: "1" });
        Object.assign(entry, { type: "number", min: "0", max: String(MOST_PRICE), step: "any" });
        side.addEventListener("change", () => onChange({ sign: side.value === "1" ? 1 : -1 }));
        strike.addEventListener("change", () => onChange({ strike: Number(strike.value) }));
        type.addEventListener("change", () =>
            onChange({ type: type.value === "CE" ? "CE" : "PE", price: null }),
        );
        expiry.addEventListener("change", () => onChange({ expiry: expiry.value, price: null }));
        lots.addEventListener("change", () => {
            if (lots.value && lots.checkValidity()) onChange({ lots: Number(lots.value) });
            else this.showAgain();
        });
        entry.addEventListener("change", () => {
            const price = entry.value ? Math.round(Number(entry.value) * 1e4) / 1e4 : null;
            if (entry.checkValidity()) onChange({ price });
            else this.showAgain();
        });
    }

    /** Choose a strike beside. @param {-1 | 1} side @param {(change: Partial<StrategyLeg>) => void} onChange */
    step(side, onChange) {
        const next = this.strikeBeside(side);
        if (next !== undefined) onChange({ strike: next, price: null });
    }

    /** @param {-1 | 1} side @returns {number | undefined} */
    strikeBeside(side) {
        const { strikes = [], leg } = this.shown ?? {};
        const beyond = strikes.filter((each) => side * (each - Number(leg?.strike)) > 0);
        return side > 0 ? beyond[0] : beyond.at(-1);
    }

    /** Write over what was typed and cannot be. */
    showAgain() {
        if (!this.shown) return;
        this.lots.value = String(this.shown.leg.lots);
        this.entry.value = this.shown.leg.price === null ? "" : String(this.shown.leg.price);
    }

    /** @param {PricedLeg} priced @param {string[]} expiries @param {number} place from 1 */
    show(priced, expiries, place) {
        const { leg, strikes, expiry, entry, entrySource, now, iv } = priced;
        if (this.shown?.leg !== leg || document.activeElement !== this.lots)
            this.lots.value = String(leg.lots);
        this.shown = priced;
        this.name(`leg ${place}`);
        showOptions(this.side, ["1", "-1"], String(leg.sign), (sign) => SIDE_NAMES[sign]);
        this.row.dataset.side = leg.sign > 0 ? "buy" : "sell";
        showOptions(this.strike, strikes.map(String), String(leg.strike), (strike) =>
            formatStrike(Number(strike)),
        );
        this.lower.disabled = this.strikeBeside(-1) === undefined;
        this.higher.disabled = this.strikeBeside(1) === undefined;
        showOptions(this.type, ["CE", "PE"], leg.type, (type) => (type === "CE" ? "Call" : "Put"));
        showOptions(this.expiry, expiries, expiry);
        for (const control of [this.side, this.lots, this.strike, this.type, this.expiry]) {
            if (control.parentElement) control.parentElement.dataset.value = control.value;
        }
        this.showEntry(leg, entry, entrySource);
        showNumber(this.now, now);
        showNumber(this.iv, iv);
    }

    /** @param {StrategyLeg} leg @param {Known} entry @param {string | null} source */
    showEntry(leg, entry, source) {
        const isTyping = document.activeElement === this.entry;
        const text = leg.price === null ? "" : String(leg.price);
        if (!isTyping && this.entry.value !== text) this.entry.value = text;
        const followed = entry.value === null ? DASH : formatNumber(entry.value, 2);
        this.entry.placeholder = followed;
        this.entryCell.dataset.value = attributeValue(entry.value);
        this.entryCell.title = entry.reason;
        setText(this.entrySource, ENTRY_SOURCES[source ?? ""] ?? "not known");
    }

    /** Give the controls names that say whose they are. @param {string} owner */
    name(owner) {
        const { side, lots, strike, type, expiry, entry, lower, higher, removeButton } = this;
        /** @type {[HTMLElement, string][]} */
        const names = [
            [side, `Side of ${owner}`],
            [lots, `Lots of ${owner}`],
            [strike, `Strike of ${owner}`],
            [lower, `Lower strike for ${owner}`],
            [higher, `Higher strike for ${owner}`],
            [type, `Call or put of ${owner}`],
            [expiry, `Expiry of ${owner}`],
            [entry, `Own price of ${owner}`],
            [removeButton, `Remove ${owner}`],
        ];
        for (const [element, name] of names) {
            if (element.ariaLabel !== name) element.ariaLabel = name;
        }
    }

    remove() {
        this.row.remove();
    }
}

/** @param {HTMLTableCellElement} cell @param {Known} known */
function showNumber(cell, { value, reason }) {
    setText(cell, formatNumber(value, 2));
    cell.dataset.value = attributeValue(value);
    if (cell.title !== reason) cell.title = reason;
}
