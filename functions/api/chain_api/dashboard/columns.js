/** The columns that a side of the chain can have, and which of them are shown. */

import { recall, remember } from "./remembered.js";

/**
 * name: the API's field; width: in px; kind: how a value is written; bar: drawn in the cell as well.
 * @typedef {{name: string, label: string, title: string, width: number, kind: "number" | "signed" | "word",
 *     digits: number, bar: boolean}} Column
 */

const count = { kind: "number", digits: 0, bar: false };
const price = { kind: "number", digits: 2, bar: false };

/** In the order from the outside to the strike. @type {Column[]} */
export const COLUMNS = [
    {
        name: "buildup",
        label: "Build-up",
        title: "what price and open interest say together",
        width: 100,
        kind: "word",
        digits: 0,
        bar: false,
    },
    {
        name: "rho",
        label: "Rho",
        title: "rho: rupees a percentage point of the rate",
        width: 58,
        kind: "number",
        digits: 2,
        bar: false,
    },
    {
        name: "vega",
        label: "Vega",
        title: "vega: rupees a percentage point of volatility",
        width: 54,
        kind: "number",
        digits: 2,
        bar: false,
    },
    {
        name: "theta",
        label: "Theta",
        title: "theta: rupees a calendar day",
        width: 60,
        kind: "number",
        digits: 2,
        bar: false,
    },
    {
        name: "gamma",
        label: "Gamma",
        title: "gamma: change of delta a point of the underlying",
        width: 62,
        kind: "number",
        digits: 5,
        bar: false,
    },
    {
        name: "delta",
        label: "Delta",
        title: "delta: rupees a rupee of the underlying",
        width: 54,
        kind: "number",
        digits: 3,
        bar: false,
    },
    { name: "total_buy_qty", label: "Buy qty", title: "total quantity of buy orders", width: 84, ...count },
    {
        name: "total_sell_qty",
        label: "Sell qty",
        title: "total quantity of sell orders",
        width: 84,
        ...count,
    },
    { name: "open_interest", label: "OI", title: "open interest, lots", width: 66, ...count, bar: true },
    {
        name: "change_in_oi",
        label: "Chg OI",
        title: "change in open interest since the last close, lots",
        width: 66,
        kind: "signed",
        digits: 0,
        bar: true,
    },
    {
        name: "pchange_in_oi",
        label: "Chg OI %",
        title: "change in open interest since the last close, percent",
        width: 70,
        kind: "signed",
        digits: 1,
        bar: false,
    },
    { name: "total_traded_volume", label: "Volume", title: "contracts traded today", width: 76, ...count },
    {
        name: "implied_volatility",
        label: "IV (NSE)",
        title: "implied volatility as the exchange sent it, percent",
        width: 58,
        ...price,
    },
    {
        name: "iv",
        label: "IV",
        title: "implied volatility, percent: the exchange's, else of the mid, else of the last price",
        width: 44,
        ...price,
    },
    { name: "last_price", label: "LTP", title: "last traded price, rupees", width: 62, ...price },
    {
        name: "change",
        label: "Chg",
        title: "change of the last price since the last close, rupees",
        width: 62,
        kind: "signed",
        digits: 2,
        bar: false,
    },
    {
        name: "pchange",
        label: "Chg %",
        title: "change of the last price, percent",
        width: 60,
        kind: "signed",
        digits: 1,
        bar: false,
    },
    { name: "bid_qty", label: "Bid qty", title: "quantity at the best bid", width: 60, ...count },
    { name: "bid_price", label: "Bid", title: "best bid, rupees", width: 58, ...price },
    { name: "ask_price", label: "Ask", title: "best ask, rupees", width: 58, ...price },
    { name: "ask_qty", label: "Ask qty", title: "quantity at the best ask", width: 60, ...count },
];

const STRIKE_ROOM = 80;

/** The usual choices, the widest first. */
const USUAL = [
    [
        "open_interest",
        "change_in_oi",
        "total_traded_volume",
        "iv",
        "last_price",
        "change",
        "bid_price",
        "ask_price",
    ],
    ["open_interest", "change_in_oi", "total_traded_volume", "iv", "last_price", "change"],
    ["open_interest", "change_in_oi", "iv", "last_price"],
    ["open_interest", "last_price"],
];

/** Shown where the user has chosen none: as many as there is room for. @param {number} room in px */
function usualColumns(room) {
    const needed = (names) => STRIKE_ROOM + 2 * named(names).reduce((sum, column) => sum + column.width, 0);
    return named(USUAL.find((names) => needed(names) <= room) ?? USUAL.at(-1));
}

function named(names) {
    return COLUMNS.filter((column) => names.includes(column.name));
}

/** @param {number} room in px @returns {Column[]} */
export function chosenColumns(room) {
    const found = named(recall("columns")?.split(",") ?? []);
    return found.length ? found : usualColumns(room);
}

/** @param {string[] | null} names null: the usual ones */
export function chooseColumns(names) {
    remember("columns", names?.length ? names.join(",") : null);
}
