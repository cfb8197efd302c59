/** One cell of the chain: touched only where what it shows has changed. */

import { BUILDUPS, DASH, isNumber, number, raw, signed } from "./format.js";

const SOURCES = {
    exchange: "as the exchange sent it",
    mid: "computed from the mid of bid and ask",
    last: "computed from the last price",
};
const MODELLED = new Set(["iv", "delta", "gamma", "theta", "vega", "rho"]);

export class Cell {
    /** @param {"call" | "put"} side @param {import("./columns.js").Column} column */
    constructor(side, column) {
        this.column = column;
        this.node = document.createElement("td");
        this.node.dataset.side = side;
        this.node.dataset.column = column.name;
        this.node.dataset.value = "";
        this.node.textContent = DASH;
        if (column.kind === "word") this.node.classList.add("word");
        if (column.bar) this.node.classList.add("bar");
        this.value = null;
        this.title = "";
        this.share = -1;
        this.inTheMoney = false;
    }

    /** @param {any} leg null where the exchange lists no such contract @param {number} most the value of a whole bar */
    show(leg, most, inTheMoney) {
        const value = leg?.[this.column.name] ?? null;
        if (!Object.is(value, this.value)) this.write(value);
        if (this.column.bar) this.stretch(value, most);
        const title = titleOf(leg, this.column.name, value);
        if (title !== this.title) {
            this.title = title;
            if (title) this.node.title = title;
            else this.node.removeAttribute("title");
        }
        if (inTheMoney !== this.inTheMoney) this.node.classList.toggle("itm", (this.inTheMoney = inTheMoney));
    }

    write(value) {
        const { kind, digits } = this.column;
        this.value = value;
        this.node.dataset.value = raw(value);
        if (kind === "word") this.node.textContent = BUILDUPS[value] ?? DASH;
        else this.node.textContent = kind === "signed" ? signed(value, digits) : number(value, digits);
        if (kind !== "signed") return;
        this.node.classList.toggle("rise", isNumber(value) && value > 0);
        this.node.classList.toggle("fall", isNumber(value) && value < 0);
    }

    stretch(value, most) {
        const share = isNumber(value) && most > 0 ? Math.round((100 * Math.abs(value)) / most) : 0;
        if (share === this.share) return;
        this.share = share;
        this.node.style.setProperty("--share", `${share}%`);
    }
}

function titleOf(leg, name, value) {
    if (leg === null) return "not listed, or not sent by the exchange";
    if (MODELLED.has(name) && value === null) return leg.iv_reason ?? "";
    return name === "iv" ? (SOURCES[leg.iv_source] ?? "") : "";
}
