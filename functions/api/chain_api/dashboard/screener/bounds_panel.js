/** The least and the most of each number: a panel to set them, and a line that names those set. */

import { elementById, setText } from "../browser/dom.js";
import { openByButton } from "../browser/popup.js";
import { unitOfPage } from "../figures/position_unit.js";
import {
    BOUND_SIDES,
    BOUNDED_COLUMNS,
    boundText,
    inOrder,
    labelOfBounded,
} from "./number_bounds.js";

/** @import { BoundSide, NumberBound } from "./number_bounds.js" */
/** @import { ScreenerColumn } from "./screener_columns.js" */

/** @type {Record<BoundSide, {sign: string, words: string}>} */
const SIDES_OF_BOUNDS = {
    min: { sign: "≥", words: "at least" },
    max: { sign: "≤", words: "at most" },
};

/**
 * A field of the panel; `unit` says what its number is in, where that is counted.
 * @typedef {{column: ScreenerColumn, side: BoundSide, input: HTMLInputElement, unit: HTMLElement}}
 *     BoundField
 */

export class BoundsPanel {
    /** @param {(bounds: NumberBound[]) => void} onChange the user has set or taken away some */
    constructor(onChange) {
        this.onChange = onChange;
        /** @type {NumberBound[]} */
        this.bounds = [];
        this.button = elementById("numbers", HTMLButtonElement);
        this.line = elementById("bounds", HTMLElement);
        this.list = elementById("bound-list", HTMLElement);
        this.note = elementById("left-out", HTMLElement);
        this.clear = elementById("clear-bounds", HTMLElement);
        const panel = elementById("number-panel", HTMLElement);
        this.fields = BOUNDED_COLUMNS.flatMap((column) => this.fieldsOf(panel, column));
        openByButton(panel, this.button, () => this.showFields());
        this.clear.addEventListener("click", () => {
            this.onChange([]);
            this.button.focus();
        });
    }

    /** @param {HTMLElement} panel @param {ScreenerColumn} column @returns {BoundField[]} */
    fieldsOf(panel, column) {
        const row = panel.appendChild(document.createElement("div"));
        const name = row.appendChild(document.createElement("span"));
        name.textContent = column.label;
        name.title = column.title;
        return BOUND_SIDES.map((side) => {
            const { sign, words } = SIDES_OF_BOUNDS[side];
            const label = row.appendChild(document.createElement("label"));
            const input = document.createElement("input");
            const unit = document.createElement("small");
            Object.assign(input, { type: "number", step: "any", name: `${side}_${column.name}` });
            input.setAttribute("aria-label", `${column.label} ${words}`);
            label.append(sign, input);
            if (column.isCounted) label.append(unit);
            const field = { column, side, input, unit };
            input.addEventListener("change", () => this.change(field));
            return field;
        });
    }

    /** @param {BoundField} field */
    change({ column: { name, isCounted }, side, input }) {
        if (input.validity.badInput) {
            this.showFields(); // what is no number is taken back
            return;
        }
        const others = this.bounds.filter((bound) => bound !== this.find(name, side));
        const unit = isCounted ? this.unitOf(name, side) : null;
        const own = { name, side, value: Number(input.value), unit };
        this.onChange(input.value === "" ? others : inOrder([...others, own]));
    }

    /** @param {string} name @param {BoundSide} side */
    find(name, side) {
        return this.bounds.find((bound) => bound.name === name && bound.side === side);
    }

    /** What a field is in: the unit of the page, where none is set. @param {string} name @param {BoundSide} side */
    unitOf(name, side) {
        return this.find(name, side)?.unit ?? unitOfPage();
    }

    /** Write what holds into the fields, and leave one in which that is typed already. */
    showFields() {
        for (const { column, side, input, unit } of this.fields) {
            const value = this.find(column.name, side)?.value ?? null;
            const shown = input.value === "" ? null : Number(input.value);
            if (value !== shown) input.value = value === null ? "" : String(value);
            setText(unit, this.unitOf(column.name, side));
        }
    }

    /**
     * @param {NumberBound[]} bounds those that hold
     * @param {number} unknown the rows that are left out as a number is not known
     * @param {string[]} names what they lack
     * @param {string[]} strange what the address asks for and nobody knows
     */
    show(bounds, unknown, names, strange) {
        const isSame = JSON.stringify(bounds) === JSON.stringify(this.bounds);
        this.bounds = bounds;
        this.line.hidden = bounds.length + strange.length === 0;
        this.clear.hidden = bounds.length === 0;
        const lacking = names.map(labelOfBounded).join(" or ");
        const notes = [
            unknown ? `${unknown} left out: ${lacking} not known` : "",
            strange.length ? `Not understood in the link: ${strange.join(", ")}` : "",
        ];
        setText(this.note, notes.filter(Boolean).join(". "));
        this.showFields();
        if (!isSame) this.list.replaceChildren(...bounds.map((bound) => this.chip(bound)));
    }

    /** A press takes a bound away. @param {NumberBound} bound */
    chip(bound) {
        const text = boundText(bound);
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = text;
        button.setAttribute("aria-label", `Remove ${text}`);
        button.addEventListener("click", () => {
            const index = this.bounds.indexOf(bound);
            this.onChange(this.bounds.filter((each) => each !== bound));
            const left = this.list.querySelectorAll("button");
            (left[Math.min(index, left.length - 1)] ?? this.button).focus();
        });
        return button;
    }
}
