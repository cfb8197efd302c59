/**
 * What the user chooses in panels, kept in the browser and in the address of a page that shows the
 * panel. They are here and not in the panels, which are loaded later than the address is read.
 */

import { LinkedChoice } from "../browser/address.js";

/**
 * Values with their texts, in the order of the picker.
 * @template {string} T
 * @typedef {readonly (readonly [T, string])[]} PanelOptions
 */
/**
 * @template {string} T
 * @typedef {{label: string, options: PanelOptions<T>, choice: LinkedChoice<T>}} PanelChoice
 */

/**
 * @template {string} T
 * @param {string} panel @param {string} name @param {string} label @param {PanelOptions<T>} options
 * @param {T} [usual] the first if none is named
 * @returns {PanelChoice<T>}
 */
function panelChoice(panel, name, label, options, usual) {
    const values = options.map(([value]) => value);
    /** @param {URLSearchParams} parameters */
    const isShown = (parameters) =>
        (parameters.get("panels") ?? "").split(",").some((each) => each.trim() === panel);
    return { label, options, choice: new LinkedChoice(name, values, { usual, isShown }) };
}

const INTERVALS = /** @type {const} */ ([
    ["1m", "1m"],
    ["3m", "3m"],
    ["5m", "5m"],
    ["15m", "15m"],
]);
const HEAT_SIDES = /** @type {const} */ ([
    ["calls", "Calls"],
    ["puts", "Puts"],
    ["net", "Calls less puts"],
]);
const HEAT_KINDS = /** @type {const} */ ([
    ["value", "Open interest"],
    ["change", "Change since the opening"],
]);
const STRIKE_WINDOWS = /** @type {const} */ ([
    ["10", "ATM ± 10"],
    ["20", "ATM ± 20"],
    ["all", "All"],
]);
const GAMMA_EXPIRIES = /** @type {const} */ ([
    ["one", "This one"],
    ["all", "All together"],
]);
const SMILE_AXES = /** @type {const} */ ([
    ["moneyness", "Strike in % of the forward"],
    ["strike", "Strike"],
    ["delta", "Delta of the call"],
]);
const STRATEGY_UNITS = /** @type {const} */ ([
    ["rupees", "rupees"],
    ["points", "points a unit"],
]);

/** The length of candles. */
export const INTERVAL = panelChoice("contracts", "interval", "Interval", INTERVALS, "5m");
export const STRATEGY_UNIT = panelChoice("strategy", "strategy-unit", "In", STRATEGY_UNITS);
export const HEAT_SIDE = panelChoice("heat", "heat-side", "Side", HEAT_SIDES);
export const HEAT_KIND = panelChoice("heat", "heat-kind", "Show", HEAT_KINDS);
export const HEAT_WINDOW = panelChoice("heat", "heat-window", "Strikes", STRIKE_WINDOWS);
export const GAMMA_EXPIRY = panelChoice("gamma", "gamma-expiry", "Expiry", GAMMA_EXPIRIES);
export const GAMMA_WINDOW = panelChoice("gamma", "gamma-window", "Strikes", STRIKE_WINDOWS, "20");
export const SMILE_AXIS = panelChoice("volatility", "smile-axis", "Smiles by", SMILE_AXES);

/** The text of what is chosen. @param {PanelChoice<string>} panelChoice */
export function chosenText({ options, choice }) {
    return options.find(([value]) => value === choice.value)?.[1] ?? "";
}
