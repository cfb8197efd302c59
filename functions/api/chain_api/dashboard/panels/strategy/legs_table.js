/** The table of the legs of a strategy. */

import { LegRow } from "./leg_row.js";
import { addChild } from "./strategy_elements.js";

/** @import { PricedLeg } from "./priced_legs.js" */
/** @import { StrategyLeg } from "./strategy_legs.js" */

const HEADS = ["Side", "Lots", "Strike", "Type", "Expiry", "Entry", "Now", "IV %", ""];

export class LegsTable {
    /**
     * @param {HTMLElement} place @param {(legs: StrategyLeg[]) => void} onChange
     * @param {HTMLElement} next gets the focus when the last leg is removed
     */
    constructor(place, onChange, next) {
        this.onChange = onChange;
        this.next = next;
        this.scroller = addChild(place, "div", { className: "strategy-scroller" });
        const table = addChild(this.scroller, "table", { className: "strategy-legs" });
        addChild(table, "caption", { text: "Legs", className: "unseen" });
        const head = addChild(table.createTHead(), "tr");
        for (const text of HEADS) {
            const cell = text ? addChild(head, "th", { text }) : addChild(head, "td");
            if (cell.tagName === "TH") cell.setAttribute("scope", "col");
        }
        this.body = table.createTBody();
        /** @type {LegRow[]} */
        this.rows = [];
        /** @type {StrategyLeg[]} */
        this.legs = [];
    }

    /** @param {PricedLeg[]} priced @param {string[]} expiries that are listed, by date */
    show(priced, expiries) {
        this.legs = priced.map(({ leg, expiry }) => (leg.expiry ? leg : { ...leg, expiry }));
        this.scroller.hidden = priced.length === 0;
        for (const row of this.rows.splice(priced.length)) row.remove();
        while (this.rows.length < priced.length) this.rows.push(this.rowAt(this.rows.length));
        for (const [index, each] of priced.entries()) {
            this.rows[index].show(each, expiries, index + 1);
        }
    }

    /** @param {number} index */
    rowAt(index) {
        return new LegRow(
            this.body,
            (change) => this.change(index, [{ ...this.legs[index], ...change }]),
            () => this.remove(index),
        );
    }

    /** @param {number} index @param {StrategyLeg[]} replacement */
    change(index, replacement) {
        this.onChange(this.legs.toSpliced(index, 1, ...replacement));
    }

    /** The focus goes on to the leg that takes its place. @param {number} index */
    remove(index) {
        this.change(index, []);
        const row = this.rows[Math.min(index, this.rows.length - 1)];
        (row?.removeButton ?? this.next).focus();
    }
}
