/** What the user chooses in the panel: contracts, the view of them, two of them, prices, interval. */

import { setText } from "../../browser/dom.js";
import { INTERVAL } from "../panel_choices.js";
import { withoutContract } from "./contracts_choice.js";

/** @import { ContractsChoice } from "./contracts_choice.js" */
/** @import { ShownContract } from "./shown_contract.js" */

/** @type {Record<string, string>} */
const VIEW_NAMES = {
    candles: "Candles",
    oi: "Open interest, all in one",
    straddle: "Straddle, strangle: sum of two",
    spread: "Spread: first − second",
    ratio: "Ratio: first / second",
};
/** @type {Record<string, string>} */
const PRICE_CHOICES = { last: "last prices", mid: "mids of bid and ask" };
const EMPTY_HINT =
    "Click on a strike of the chain for its call and its put, or on a last price or an open interest for its contract. Up to six are shown; one more takes the place of the first.";

export class ContractControls {
    /**
     * @param {HTMLElement} parent
     * @param {{onChoice: (choice: ContractsChoice) => void, onInterval: () => void,
     *     onAtTheMoney: () => void}} callbacks
     */
    constructor(parent, { onChoice, onInterval, onAtTheMoney }) {
        this.onChoice = onChoice;
        /** @type {ContractsChoice | null} */
        this.choice = null;
        this.bar = parent.appendChild(document.createElement("div"));
        this.bar.className = "contract-bar";
        this.chips = this.bar.appendChild(document.createElement("ul"));
        this.chips.setAttribute("aria-label", "Contracts");
        this.view = this.addSelect("Show", VIEW_NAMES, (value) => this.change({ view: value }));
        this.first = this.addSelect("First", {}, (value) => this.changePair(0, Number(value)));
        this.second = this.addSelect("Second", {}, (value) => this.changePair(1, Number(value)));
        this.price = this.addSelect("Of", PRICE_CHOICES, (value) => this.change({ price: value }));
        const { label, options, choice } = INTERVAL;
        this.interval = this.addSelect(label, Object.fromEntries(options));
        choice.setUp(this.interval, onInterval);
        this.hint = parent.appendChild(document.createElement("p"));
        this.hint.className = "panel-note";
        this.atTheMoney = this.bar.appendChild(document.createElement("button"));
        this.atTheMoney.type = "button";
        this.atTheMoney.textContent = "Call and put at the money";
        this.atTheMoney.addEventListener("click", onAtTheMoney);
        this.ignored = parent.appendChild(document.createElement("p"));
        this.ignored.className = "panel-note";
    }

    /**
     * @param {string} label @param {Record<string, string>} names by value
     * @param {(value: string) => void} [onChange]
     */
    addSelect(label, names, onChange = () => {}) {
        const choice = this.bar.appendChild(document.createElement("span"));
        const text = choice.appendChild(document.createElement("label"));
        const select = choice.appendChild(document.createElement("select"));
        select.id = `contracts-${label.toLowerCase()}`;
        text.htmlFor = select.id;
        text.textContent = label;
        for (const [value, name] of Object.entries(names)) select.add(new Option(name, value));
        select.addEventListener("change", () => onChange(select.value));
        return select;
    }

    /** @param {Record<string, unknown>} change of the choice */
    change(change) {
        if (this.choice) this.onChoice({ ...this.choice, ...change });
    }

    /** The other one makes room where both would be the same. @param {0 | 1} place @param {number} index */
    changePair(place, index) {
        const [first, second] = this.choice?.pair ?? [0, 1];
        const other = place === 0 ? second : first;
        const left = other === index ? (place === 0 ? first : second) : other;
        this.change({ pair: place === 0 ? [index, left] : [left, index] });
    }

    /** @param {ContractsChoice} choice @param {ShownContract[]} contracts @param {string[]} ignored */
    show(choice, contracts, ignored) {
        this.choice = choice;
        this.showChips(contracts);
        const isPair = isOfPair(choice);
        const isEmpty = contracts.length === 0;
        setHidden(this.view, isEmpty);
        setHidden(this.interval, isEmpty || choice.view !== "candles");
        for (const select of [this.first, this.second, this.price]) {
            setHidden(select, isEmpty || !isPair);
        }
        this.view.value = choice.view;
        this.price.value = choice.price;
        [this.first, this.second].forEach((select, place) => {
            select.replaceChildren(
                ...contracts.map(({ label }, index) => new Option(label, String(index))),
            );
            select.value = String(choice.pair[place]);
        });
        this.atTheMoney.hidden = !isEmpty;
        setText(this.hint, hintOf(choice));
        const list = ignored.map((each) => `“${each}”`).join(", ");
        setText(this.ignored, list && `Not understood in the page's address: ${list}.`);
    }

    /** @param {ShownContract[]} contracts */
    showChips(contracts) {
        const chips = contracts.map(({ label, colourName }, place) => {
            const chip = document.createElement("li");
            chip.style.setProperty("--tint", `var(--${colourName})`);
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = "×";
            button.setAttribute("aria-label", `Remove ${label}`);
            button.addEventListener("click", () => this.remove(place));
            chip.append(label, button);
            return chip;
        });
        this.chips.hidden = chips.length === 0;
        this.chips.replaceChildren(...chips);
    }

    /** The focus goes to a button that is left. @param {number} place */
    remove(place) {
        if (!this.choice) return;
        this.onChoice(withoutContract(this.choice, place));
        (this.chips.querySelector("button") ?? this.atTheMoney).focus();
    }
}

/** Whether a view is of two contracts. @param {ContractsChoice} choice */
export function isOfPair({ view }) {
    return view !== "candles" && view !== "oi";
}

/** @param {HTMLSelectElement} select @param {boolean} isHidden */
function setHidden(select, isHidden) {
    if (select.parentElement) select.parentElement.hidden = isHidden;
}

/** @param {ContractsChoice} choice */
function hintOf(choice) {
    if (!choice.contracts.length) return EMPTY_HINT;
    const isLonely = choice.contracts.length < 2 && isOfPair(choice);
    return isLonely ? "This view needs two contracts: add another one from the chain." : "";
}
