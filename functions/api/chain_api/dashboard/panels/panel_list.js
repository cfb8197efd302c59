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
        name: "alerts",
        label: "Alerts",
        title: "a sound and a notification when a number goes above or below a value",
        load: async () => (await import("./alerts/alerts_panel.js")).openAlerts,
    },
];
