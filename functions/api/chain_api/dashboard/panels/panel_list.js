/** The panels that can be opened beside the chain, in the order of their buttons. */

import { pickContracts } from "./contracts/contracts_choice.js";
import { legsAfterClick } from "./strategy/strategy_legs.js";

/** @import { PanelDefinition } from "./panel.d.ts" */

/** @type {PanelDefinition[]} */
export const PANELS = [
    {
        name: "contracts",
        label: "Contracts",
        title: "a contract's day: candles, open interest, volatility; straddle, spread and ratio of two",
        parameter: "contracts",
        load: async () => (await import("./contracts/contracts_panel.js")).openContracts,
        pick: pickContracts,
    },
    {
        name: "strategy",
        label: "Strategy",
        title: "several contracts as one position: payoff, break-evens, Greeks",
        parameter: "legs",
        load: async () => (await import("./strategy/strategy_panel.js")).openStrategy,
        pick: legsAfterClick,
        picksOnlyOpen: true,
    },
    {
        name: "levels",
        label: "Levels",
        title: "max pain, support and resistance through the day, with the price",
        load: async () => (await import("./levels/levels_panel.js")).openLevels,
    },
    {
        name: "heat",
        label: "Heat map",
        title: "open interest by strike and time, with the price",
        load: async () => (await import("./heat/heat_panel.js")).openHeat,
    },
    {
        name: "gamma",
        label: "Gamma",
        title: "gamma exposure by strike, at other prices, and its flip level",
        load: async () => (await import("./gamma/gamma_panel.js")).openGamma,
    },
    {
        name: "volatility",
        label: "Volatility",
        title: "the smiles of all expiries, the term structure, and where volatility stands",
        load: async () => (await import("./volatility/volatility_panel.js")).openVolatility,
    },
    {
        name: "alerts",
        label: "Alerts",
        title: "a sound and a notification when a number goes above or below a value",
        load: async () => (await import("./alerts/alerts_panel.js")).openAlerts,
    },
];
