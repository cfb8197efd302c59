/** The cell with the put/call ratio of a strike, beside the strike. */

import { strikeRatio } from "../figures/side_totals.js";
import { attributeValue, DASH, formatNumber } from "../words/format.js";

/** @import { Leg } from "../api_types.d.ts" */
/** @import { Column } from "./columns.js" */

export class RatioCell {
    /** @param {Column} column */
    constructor(column) {
        this.digits = column.digits;
        this.element = document.createElement("td");
        this.element.className = "ratio empty";
        this.element.dataset.column = column.name;
        this.element.dataset.value = "";
        this.element.textContent = DASH;
        /** @type {number | null} */
        this.value = null;
        this.reason = "";
    }

    /** @param {Leg | null} call @param {Leg | null} put */
    show(call, put) {
        const { value, reason } = strikeRatio(call, put);
        if (value !== this.value) {
            this.element.classList.toggle("empty", value === null);
            this.value = value;
            this.element.dataset.value = attributeValue(value);
            this.element.textContent = formatNumber(value, this.digits);
        }
        if (reason === this.reason) return;
        this.reason = reason;
        this.element.title = reason;
    }
}
