/** The charts by strike: open interest, its change, and the smile of the implied volatilities. */

import { elementById, setText } from "../browser/dom.js";
import { scaledRows } from "../figures/position_unit.js";
import {
    formatCompact,
    formatNumber,
    formatSigned,
    formatStrike,
    isNumber,
} from "../words/format.js";
import { senderText } from "../words/provenance.js";
import { referenceName, referencePriceOf } from "../words/reference.js";
import { axis, bars, Chart, line, placeById } from "./chart.js";
import { rangeFromZero, rangeOfSmile, rangeOfStrikes } from "./chart_ranges.js";
import { withSmoothVolatilities } from "./smile.js";
import { describeLargest, describeSmile } from "./strike_descriptions.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { Marker } from "./chart_markers.js" */
/** @import { Scale, Unit } from "../figures/position_unit.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */
/** @import { Format } from "./strike_descriptions.js" */

/** The field of a change in open interest that is null, not 0, where there was no day before. */
const OI_CHANGE = "oi_since_previous_close";
/** @type {Record<Unit, string>} */
const OI_UNITS = { lots: "lots", quantity: "quantity", rupees: "₹ notional" };

/**
 * The strikes that the charts show: so many on each side of the strike at the money, or "all".
 * @typedef {{atmStrike: number | null, size: string}} StrikeWindow
 */

export class StrikeCharts {
    constructor() {
        const barsOfBoth = () => [bars("call", -1, "Calls"), bars("put", 1, "Puts")];
        const dots = { points: { show: true, size: 4 }, spanGaps: true };
        const smiles = [
            line("call", { label: "Calls", ...dots }),
            line("put", { label: "Puts", ...dots }),
        ];
        this.oi = strikeChart("chart-oi", barsOfBoth(), rangeFromZero, formatCompact, formatNumber);
        this.oiChange = strikeChart(
            "chart-oi-change",
            barsOfBoth(),
            rangeFromZero,
            formatCompact,
            formatSigned,
        );
        this.smile = strikeChart(
            "chart-smile",
            smiles,
            rangeOfSmile,
            (value) => formatNumber(value, value % 1 ? 1 : 0),
            (value) => formatNumber(value, 2),
        );
    }

    /**
     * @param {Snapshot | null} snapshot
     * @param {StrikeWindow} strikeWindow
     * @param {Scale} scale of open interest
     */
    show(snapshot, strikeWindow, scale) {
        const { chain, analytics } = snapshot ?? { chain: null, analytics: null };
        const rows = scaledRows(chain?.rows ?? [], scale);
        for (const id of ["oi-unit", "oi-change-unit"]) {
            setText(elementById(id, HTMLElement), OI_UNITS[scale.unit]);
        }
        const reference = {
            price: snapshot && referencePriceOf(snapshot),
            name: referenceName(snapshot),
        };
        const shown = within(rows, strikeWindow);
        const strikes = shown.map((row) => row.strike_price);
        /** @param {string} field @returns {uPlot.AlignedData} */
        const dataOf = (field) => [
            strikes,
            valuesOf(shown, "call", field),
            valuesOf(shown, "put", field),
        ];
        const markers = markersOf(reference, analytics?.max_pain ?? null);
        const known = markers.filter((marker) => isNumber(marker.at));
        const places = known.map((marker) => ` ${marker.label}.`).join("");
        this.oi.show(
            dataOf("open_interest"),
            markers,
            describeLargest(rows, "open_interest", formatNumber) + places,
        );
        this.oiChange.show(
            dataOf(OI_CHANGE),
            markers,
            describeLargest(rows, OI_CHANGE, formatSigned) + places,
        );
        const choice = chain?.model.iv_source ?? "price";
        const kind = choice === "price" || !chain ? "from prices" : senderText(chain);
        setText(elementById("smile-unit", HTMLElement), `% a year, ${kind}`);
        const smileRows = withSmoothVolatilities(rows, choice, reference.price);
        this.smile.show(
            [
                strikes,
                valuesOf(within(smileRows, strikeWindow), "call", "iv"),
                valuesOf(within(smileRows, strikeWindow), "put", "iv"),
            ],
            markers.slice(0, 1),
            describeSmile(smileRows, strikeWindow.atmStrike),
        );
    }

    redraw() {
        for (const chart of [this.oi, this.oiChange, this.smile]) chart.redraw();
    }
}

/**
 * @param {string} id @param {uPlot.Series[]} series @param {uPlot.Range.Function} range
 * @param {(value: number) => string} formatTick @param {Format} format
 */
function strikeChart(id, series, range, formatTick, format) {
    /** @type {Chart} */
    const chart = new Chart(placeById(id), {
        series,
        sync: "strikes",
        axes: [
            axis({ values: (_plot, strikes) => strikes.map(formatStrike), size: 24, space: 54 }),
            axis({ values: (_plot, values) => values.map(formatTick), size: 46, space: 34 }),
        ],
        scales: { x: { time: false, range: rangeOfStrikes }, y: { range } },
        readout: (index) => {
            const [strikes, calls, puts] = chart.plot.data;
            const values = [`C ${format(calls[index])}`, `P ${format(puts[index])}`];
            return [formatStrike(strikes[index]), ...values].join("   ");
        },
    });
    return chart;
}

/**
 * @param {{price: number | null, name: string}} reference
 * @param {number | null} maxPain
 * @returns {Marker[]} the reference price, then max pain
 */
function markersOf({ price, name }, maxPain) {
    return [
        { at: price, label: `${name} ${formatNumber(price, 2)}`, colourName: "text" },
        { at: maxPain, label: `Max pain ${formatStrike(maxPain)}`, colourName: "first" },
    ];
}

/** @param {StrikeRow[]} rows @param {StrikeWindow} strikeWindow */
function within(rows, { atmStrike, size }) {
    const centre = rows.findIndex((row) => row.strike_price === atmStrike);
    if (size === "all" || centre < 0) return rows;
    return rows.slice(Math.max(0, centre - Number(size)), centre + Number(size) + 1);
}

/** @param {StrikeRow[]} rows @param {"call" | "put"} side @param {string} field */
function valuesOf(rows, side, field) {
    return rows.map((row) => {
        const value = row[side]?.[field];
        return isNumber(value) ? value : null;
    });
}
