/** The contracts that the panel shows, with their names. */

import { formatStrike } from "../../words/format.js";

/** @import { Chain } from "../../api_types.d.ts" */
/** @import { ChosenContract, ContractSide } from "./contracts_choice.js" */

/**
 * `label` names the expiry only where it is not the one that the page shows. `colourName` is one of
 * theme.css.
 * @typedef {{identifier: string, label: string, strike: number, side: ContractSide, expiry: string,
 *     colourName: string}} ShownContract
 */

const CONTRACT_COLOURS = ["call", "put", "first", "second", "fall", "text"];

/** @param {ChosenContract[]} chosen @param {Chain} chain @returns {ShownContract[]} */
export function shownContracts(chosen, { symbol, expiry_date }) {
    return chosen.map(({ strike, side, expiry }, index) => {
        const ends = expiry ?? expiry_date;
        const name = `${formatStrike(strike)} ${side}`;
        return {
            identifier: `${symbol}_${side}_${strike}_${ends}`,
            label: ends === expiry_date ? name : `${name} ${ends}`,
            strike,
            side,
            expiry: ends,
            colourName: CONTRACT_COLOURS[index],
        };
    });
}
