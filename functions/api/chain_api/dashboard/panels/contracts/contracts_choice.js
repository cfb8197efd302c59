/**
 * Which contracts the panel shows, and how: its part of the page's address, as in
 * `24000CE,24000PE@30-Jun-2026;view=straddle;pair=1-2;price=mid`.
 */

/** @import { PickedCell } from "../../chain/picked_cell.js" */
/** @import { Snapshot } from "../../requests/snapshot.js" */

/**
 * `expiry` is null for the one that the page shows. `pair` are the places of two contracts in the
 * list, from 0 on. `price` says which prices are added and compared.
 * @typedef {"CE" | "PE"} ContractSide
 * @typedef {{strike: number, side: ContractSide, expiry: string | null}} ChosenContract
 * @typedef {"candles" | "oi" | "straddle" | "spread" | "ratio"} ContractsView
 * @typedef {"last" | "mid"} PairPrice
 * @typedef {{contracts: ChosenContract[], view: ContractsView, pair: [number, number],
 *     price: PairPrice}} ContractsChoice
 */

const MOST_CONTRACTS = 6;
/** @type {ContractsView[]} the first is the usual one */
const CONTRACTS_VIEWS = ["candles", "oi", "straddle", "spread", "ratio"];
/** @type {PairPrice[]} the first is the usual one */
const PAIR_PRICES = ["last", "mid"];
const EXPIRY_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
const CHOSEN_CONTRACT = new RegExp(
    `^(\\d{1,9}(?:\\.\\d{1,4})?)(CE|PE)(?:@(\\d{2}-(?:${EXPIRY_MONTHS})-\\d{4}))?$`,
);
const CHOSEN_PAIR = new RegExp(`^([1-${MOST_CONTRACTS}])-([1-${MOST_CONTRACTS}])$`);
const LONGEST_QUOTE = 40;
/** What of the chain's columns opens a contract. */
const OPENING_COLUMNS = new Set(["last_price", "open_interest"]);

/**
 * Read the address. What is not understood is left out, and returned as `ignored`.
 * @param {string | null} text
 * @returns {{choice: ContractsChoice, ignored: string[]}}
 */
export function readContracts(text) {
    const [list, ...options] = (text ?? "").split(";");
    /** @type {string[]} */
    const ignored = [];
    /** @type {ChosenContract[]} */
    const contracts = [];
    for (const part of list.split(",").filter(Boolean)) {
        const contract = contractIn(part);
        if (contract && contracts.some((each) => isSameContract(each, contract))) continue;
        if (contract && contracts.length < MOST_CONTRACTS) contracts.push(contract);
        else ignored.push(part);
    }
    /** @type {ContractsChoice} */
    const choice = { contracts, view: CONTRACTS_VIEWS[0], pair: [0, 1], price: PAIR_PRICES[0] };
    const given = new Set();
    for (const option of options.filter(Boolean)) {
        const [name, value] = option.split("=", 2);
        const isUnderstood = !given.has(name) && option === `${name}=${value}`;
        given.add(name);
        if (!isUnderstood || !readOption(choice, name, value)) ignored.push(option);
    }
    return { choice, ignored: ignored.map((each) => each.slice(0, LONGEST_QUOTE)) };
}

/** @param {string} text @returns {ChosenContract | null} */
function contractIn(text) {
    const [, strike, side, expiry] = CHOSEN_CONTRACT.exec(text) ?? [];
    if (!strike || (side !== "CE" && side !== "PE")) return null;
    return { strike: Number(strike), side, expiry: expiry ?? null };
}

/**
 * @param {ContractsChoice} choice it is changed
 * @param {string} name @param {string} value
 * @returns {boolean} whether the option is one
 */
function readOption(choice, name, value) {
    const view = CONTRACTS_VIEWS.find((each) => name === "view" && each === value);
    const price = PAIR_PRICES.find((each) => name === "price" && each === value);
    const [, first, second] = (name === "pair" && CHOSEN_PAIR.exec(value)) || [];
    const pair = [Number(first) - 1, Number(second) - 1];
    const isPair = pair[0] !== pair[1] && Math.max(...pair) < choice.contracts.length;
    if (view) choice.view = view;
    else if (price) choice.price = price;
    else if (first && isPair) choice.pair = [pair[0], pair[1]];
    else return false;
    return true;
}

/** @param {ContractsChoice} choice @returns {string | null} null without a contract */
export function writeContracts({ contracts, view, pair, price }) {
    if (!contracts.length) return null;
    const options = [];
    if (view !== CONTRACTS_VIEWS[0]) options.push(`view=${view}`);
    if (pair.join() !== "0,1") options.push(`pair=${pair[0] + 1}-${pair[1] + 1}`);
    if (price !== PAIR_PRICES[0]) options.push(`price=${price}`);
    return [contracts.map(contractText).join(), ...options].join(";");
}

/** @param {ChosenContract} contract */
function contractText({ strike, side, expiry }) {
    return `${strike}${side}${expiry ? `@${expiry}` : ""}`;
}

/** @param {ChosenContract} one @param {ChosenContract} other */
function isSameContract(one, other) {
    return contractText(one) === contractText(other);
}

/**
 * Add contracts. If they are too many, the first ones make room.
 * @param {ContractsChoice} choice @param {ChosenContract[]} added
 * @returns {ContractsChoice}
 */
export function withContracts(choice, added) {
    const news = added.filter((each) => !choice.contracts.some((old) => isSameContract(old, each)));
    let changed = { ...choice, contracts: [...choice.contracts, ...news] };
    while (changed.contracts.length > MOST_CONTRACTS) changed = withoutContract(changed, 0);
    return changed;
}

/** @param {ContractsChoice} choice @param {number} place @returns {ContractsChoice} */
export function withoutContract(choice, place) {
    const contracts = choice.contracts.filter((_, index) => index !== place);
    const [first, second] = choice.pair.map((each) => (each > place ? each - 1 : each));
    return { ...choice, contracts, pair: choice.pair.includes(place) ? [0, 1] : [first, second] };
}

/**
 * The same contracts where the page shows another expiry than before.
 * @param {string | null} text of the address
 * @param {string | undefined} before the expiry that was shown
 * @param {string} after
 */
export function contractsAtExpiry(text, before, after) {
    if (!text || !before) return text;
    const { choice } = readContracts(text);
    const contracts = choice.contracts.map((contract) => {
        const expiry = contract.expiry ?? before;
        return { ...contract, expiry: expiry === after ? null : expiry };
    });
    return writeContracts({ ...choice, contracts });
}

/**
 * What the panel shows after a click: a strike adds its call and its put, a last price or an open
 * interest its contract. What is not listed adds nothing.
 * @param {PickedCell} picked @param {string | null} text of the address @param {Snapshot} snapshot
 * @returns {string | undefined} undefined where the click is not meant for it
 */
export function pickContracts({ strike, side, column }, text, { chain }) {
    if (column !== null && !OPENING_COLUMNS.has(column)) return undefined;
    const row = chain.rows.find((each) => each.strike_price === strike);
    /** @type {ChosenContract[]} */
    const added = [];
    if (row?.call && side !== "put") added.push({ strike, side: "CE", expiry: null });
    if (row?.put && side !== "call") added.push({ strike, side: "PE", expiry: null });
    if (!added.length) return undefined;
    return writeContracts(withContracts(readContracts(text).choice, added)) ?? undefined;
}
