/**
 * How wide the columns of the chain are: as wide as the widest text that they have to show. They
 * grow with the values, and become narrower only with other strikes, another unit or another font:
 * an update moves nothing.
 */

import { isScaled } from "../figures/position_unit.js";
import { strikeRatio } from "../figures/side_totals.js";
import { BUILDUPS, DASH, formatNumber, formatStrike, isNumber } from "../words/format.js";
import { textInCell } from "./cell_text.js";
import { apart, COLUMNS, STRIKE_COLUMN } from "./columns.js";
import { shownValue } from "./leg_notes.js";
import { TextWidths } from "./text_widths.js";

/** @import { Leg, StrikeRow } from "../api_types.d.ts" */
/** @import { Unit } from "../figures/position_unit.js" */
/** @import { Column } from "./columns.js" */
/** @import { ChainFont } from "./text_widths.js" */

/** On both sides of a text together; see chain.css. */
const PADDING_PX = 12;

export class ColumnWidths {
    /** @param {HTMLElement} parent @param {() => void} onChange the fonts have changed */
    constructor(parent, onChange) {
        this.texts = new TextWidths(parent, onChange);
        /** @type {Map<string, Set<string>>} by column: the shapes of its widest texts */
        this.shapes = new Map();
        /** @type {Map<string, Set<string>>} the same of the sums below the columns */
        this.sums = new Map();
    }

    /** Forget the values: others are shown from now on. */
    forget() {
        this.shapes.clear();
        this.sums.clear();
    }

    /**
     * Make room for the values of a chain.
     * @param {StrikeRow[]} rows in the unit @param {Unit} unit of open interest and volume
     * @returns {boolean} whether anything may have become wider
     */
    fit(rows, unit) {
        const legs = rows.flatMap(({ call, put }) => [call, put]).filter((leg) => leg !== null);
        const grown = [];
        const { sides, middle } = apart(COLUMNS);
        for (const { name, digits } of middle) {
            const ratios = rows.map(({ call, put }) => strikeRatio(call, put).value ?? 0);
            grown.push(this.add(name, [formatNumber(Math.max(0, ...ratios), digits)]));
        }
        for (const column of sides) {
            const isCompact = unit !== "lots" && isScaled(column.name);
            const texts = widestTexts(endsOf(legs, column.name), column, isCompact);
            grown.push(this.add(column.name, texts));
        }
        return grown.includes(true);
    }

    /** Make room for strikes. @param {number[]} strikes */
    fitStrikes(strikes) {
        this.add(STRIKE_COLUMN.name, strikes.map(formatStrike));
    }

    /** Make room for the sums below the columns. @param {{name: string, text: string}[]} sums */
    fitSums(sums) {
        const grown = sums.map(({ name, text }) => this.add(name, [text], this.sums));
        return grown.includes(true);
    }

    /**
     * @param {string} name of a column @param {string[]} texts
     * @param {Map<string, Set<string>>} [shapes]
     * @returns {boolean} whether one is new
     */
    add(name, texts, shapes = this.shapes) {
        const known = shapes.get(name) ?? new Set();
        const before = known.size;
        // Digits are equally wide, so a text stands for all that differ in digits alone.
        for (const text of texts) known.add(text.replace(/\d/g, "8"));
        shapes.set(name, known);
        return known.size > before;
    }

    /** The pixels that a column needs. @param {Column} column */
    of({ name, label, usual, kind }) {
        const known = this.shapes.get(name) ?? [];
        const words = kind === "word" ? [...Object.values(BUILDUPS), DASH] : [];
        const values = this.texts.widest(fontOfColumn(name), [usual, ...words, ...known]);
        const sums = this.texts.widest("price", this.sums.get(name) ?? []);
        return Math.ceil(Math.max(values, sums, this.texts.widest("head", [label]))) + PADDING_PX;
    }

    /** The pixels that a table needs with these columns on both sides. @param {Column[]} columns */
    ofTable(columns) {
        const { sides, middle } = apart(columns);
        /** @param {Column[]} some */
        const together = (some) => some.reduce((sum, column) => sum + this.of(column), 0);
        return this.of(STRIKE_COLUMN) + together(middle) + 2 * together(sides);
    }
}

/** @param {string} name of a column @returns {ChainFont} */
function fontOfColumn(name) {
    // The largest numbers of a side are as bold as prices.
    return name === STRIKE_COLUMN.name ? "strike" : "price";
}

/**
 * The highest and the lowest number of a column, at least and at most 0.
 * @param {Leg[]} legs @param {string} name of the column
 */
function endsOf(legs, name) {
    let [high, low] = [0, 0];
    for (const leg of legs) {
        const value = shownValue(leg, name);
        if (!isNumber(value)) continue;
        if (value > high) high = value;
        if (value < low) low = value;
    }
    return { high, low };
}

/**
 * The texts among which the widest one is.
 * @param {{high: number, low: number}} ends @param {Column} column @param {boolean} isCompact
 */
function widestTexts({ high, low }, column, isCompact) {
    const sizes = isCompact ? [...sizesUpTo(high), ...sizesUpTo(-low).map((size) => -size)] : [];
    return [high, low, ...sizes].map((value) => textInCell(value, column, isCompact));
}

/**
 * A number of each length up to a number: in few characters 99.9L is longer than 1Cr.
 * @param {number} most
 */
function sizesUpTo(most) {
    const sizes = [];
    for (let size = 8.88; size < most; size *= 10) sizes.push(size);
    return sizes;
}
