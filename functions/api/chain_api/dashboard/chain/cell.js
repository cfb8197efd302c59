/** One cell of the chain. An update touches it only where its content changes. */

import { isScaled, UNIT_NAMES } from "../figures/position_unit.js";
import { attributeValue, DASH, formatNumber, isNumber, signShown } from "../words/format.js";
import { textInCell } from "./cell_text.js";
import { markOf, noteOfValue, shownValue } from "./leg_notes.js";
import { rankText } from "./rank_marks.js";

/** @import { Leg } from "../api_types.d.ts" */
/** @import { Column } from "./columns.js" */
/** @import { Unit } from "../figures/position_unit.js" */

export class Cell {
    /** @param {"call" | "put"} side @param {Column} column */
    constructor(side, column) {
        this.side = side;
        this.column = column;
        this.element = document.createElement("td");
        this.element.dataset.side = side;
        this.element.dataset.column = column.name;
        this.element.dataset.value = "";
        // A text of its own is written with half the work of textContent.
        this.text = this.element.appendChild(document.createTextNode(DASH));
        /** The sign of a change, as it is written: 1, 0 or -1. */
        this.sign = 0;
        if (column.kind === "word") this.element.classList.add("word");
        if (column.bar) this.element.classList.add("bar");
        this.element.classList.add("empty");
        /** @type {Leg[string]} */
        this.value = null;
        /** @type {Leg[string]} the value that its attribute has */
        this.noted = null;
        this.title = "";
        this.mark = "";
        this.rank = 0;
        this.barPercent = -1;
        this.inTheMoney = false;
        /** Whether the number is written in few characters. */
        this.isCompact = false;
    }

    /**
     * @param {Leg | null} leg null where the exchange lists no such contract
     * @param {number} maximum the value whose bar fills the cell
     * @param {boolean} inTheMoney
     * @param {Unit} unit of open interest and volume
     * @param {number} [rank] among the largest of its side: 1 to 3, 0 is none of them
     */
    show(leg, maximum, inTheMoney, unit, rank = 0) {
        const { name } = this.column;
        const value = shownValue(leg, name);
        const isCompact = unit !== "lots" && isScaled(name);
        if (!Object.is(value, this.value) || isCompact !== this.isCompact) {
            this.isCompact = isCompact;
            this.writeValue(value);
        }
        if (this.column.bar) this.drawBar(value, maximum);
        this.writeRank(rank);
        this.writeMark(markOf(leg, name));
        if (inTheMoney === this.inTheMoney) return;
        this.inTheMoney = inTheMoney;
        this.element.classList.toggle("itm", inTheMoney);
    }

    /**
     * Write what is not seen of the number that is shown: its exact value and its note.
     * @param {Leg | null} leg @param {Unit} unit
     */
    note(leg, unit) {
        const { value } = this;
        if (!Object.is(value, this.noted)) {
            this.noted = value;
            this.element.setAttribute("data-value", attributeValue(value));
        }
        const exact =
            this.isCompact && isNumber(value) ? `${formatNumber(value)} ${UNIT_NAMES[unit]}` : "";
        const { name } = this.column;
        const notes = [exact, noteOfValue(leg, name), rankText(this.rank, name, this.side)];
        this.writeTitle(notes.filter(Boolean).join("\n"));
    }

    /** @param {Leg[string]} value */
    writeValue(value) {
        const { kind } = this.column;
        if ((value === null) !== (this.value === null)) {
            this.element.classList.toggle("empty", value === null);
        }
        this.value = value;
        const text = textInCell(value, this.column, this.isCompact);
        if (text !== this.text.data) this.text.data = text;
        if (kind === "signed") this.writeSign(isNumber(value) ? signShown(value, text) : 0);
    }

    /** @param {number} sign */
    writeSign(sign) {
        if (sign === this.sign) return;
        this.sign = sign;
        this.element.classList.toggle("rise", sign > 0);
        this.element.classList.toggle("fall", sign < 0);
    }

    /** @param {string} title */
    writeTitle(title) {
        if (title === this.title) return;
        this.title = title;
        if (title) this.element.title = title;
        else this.element.removeAttribute("title");
    }

    /** @param {string} mark */
    writeMark(mark) {
        if (mark === this.mark) return;
        this.mark = mark;
        if (mark) this.element.dataset.mark = mark;
        else delete this.element.dataset.mark;
    }

    /** @param {number} rank */
    writeRank(rank) {
        if (rank === this.rank) return;
        this.rank = rank;
        if (rank) this.element.dataset.rank = String(rank);
        else delete this.element.dataset.rank;
    }

    /** @param {Leg[string]} value @param {number} maximum */
    drawBar(value, maximum) {
        const drawn = isNumber(value) && maximum > 0;
        const percent = drawn ? Math.round((100 * Math.abs(value)) / maximum) : 0;
        if (percent === this.barPercent) return;
        this.barPercent = percent;
        this.element.style.setProperty("--share", `${percent}%`);
    }
}
