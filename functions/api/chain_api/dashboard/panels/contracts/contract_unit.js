/** Open interest and volume of contracts in the chosen unit: each has the lot of its expiry. */

import { factorsOf } from "../../figures/position_unit.js";
import { formatNumber } from "../../words/format.js";
import { referencePriceOf } from "../../words/reference.js";

/** @import { Chart } from "../../charts/chart.js" */
/** @import { Unit } from "../../figures/position_unit.js" */
/** @import { ExpiryLots } from "../../requests/expiry_lots.js" */
/** @import { DeskView } from "../panel.d.ts" */
/** @import { ShownContract } from "./shown_contract.js" */

/**
 * How much one lot of a contract is in the unit; null where that is not known, for the reason.
 * @typedef {{factor: number | null, reason: string}} LotScale
 */

/** The largest first. @type {[number, string][]} */
const SIZES = [
    [1e12, "LCr"],
    [1e7, "Cr"],
    [1e5, "L"],
];

/**
 * What a lot of a contract is in the unit of a view; of another expiry by that one's lot.
 * @param {ShownContract} contract @param {DeskView} view @param {ExpiryLots} lots
 * @returns {LotScale}
 */
export function lotScaleOf({ expiry }, { snapshot, scale }, lots) {
    if (scale.unit === "lots" || expiry === snapshot.chain.expiry_date) {
        return { factor: scale.factor, reason: "" };
    }
    const { size, reason } = lots.lotOf(expiry);
    return { factor: factorsOf(size, referencePriceOf(snapshot))[scale.unit], reason };
}

/** @param {number | null} lots @param {LotScale} scale @returns {number | null} */
export function inUnit(lots, { factor }) {
    return lots === null || factor === null ? null : lots * factor;
}

/** Write large numbers at the left axis in few characters, as the chain does. @param {Chart} chart @param {Unit} unit */
export function writeAxisIn({ plot }, unit) {
    if (unit === "lots") return;
    plot.axes[1].values = (_plot, values, _axis, _space, step) => compactTexts(values, step);
}

/**
 * Numbers in lakhs or crores, with as many decimals as their step has.
 * @param {number[]} values @param {number} step between two of them
 */
export function compactTexts(values, step) {
    const largest = Math.max(...values.map(Math.abs));
    const [size, name] = SIZES.find(([least]) => largest >= least) ?? [1, ""];
    const digits = Math.min(4, Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9)));
    return values.map((value) => formatNumber(value / size, digits) + (value ? name : ""));
}
