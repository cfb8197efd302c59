/** The panels that can be opened beside the chain, in the order of their buttons in index.html. */

import { pickContracts } from "./contracts/contracts_choice.js";
import { legsAfterClick } from "./strategy/strategy_legs.js";

/** @import { PanelDefinition } from "./panel.d.ts" */

/** @type {PanelDefinition[]} */
export const PANELS = [
    {
        name: "contracts",
        parameter: "contracts",
        load: async () => (await import("./contracts/contracts_panel.js")).openContracts,
        pick: pickContracts,
        isInUnit: true,
    },
    {
        name: "strategy",
        parameter: "legs",
        load: async () => (await import("./strategy/strategy_panel.js")).openStrategy,
        pick: legsAfterClick,
        picksOnlyOpen: true,
    },
    {
        name: "levels",
        load: async () => (await import("./levels/levels_panel.js")).openLevels,
    },
    {
        name: "heat",
        load: async () => (await import("./heat/heat_panel.js")).openHeat,
        isInUnit: true,
    },
    {
        name: "gamma",
        load: async () => (await import("./gamma/gamma_panel.js")).openGamma,
    },
    {
        name: "volatility",
        load: async () => (await import("./volatility/volatility_panel.js")).openVolatility,
    },
    {
        name: "alerts",
        load: async () => (await import("./alerts/alerts_panel.js")).openAlerts,
    },
];
