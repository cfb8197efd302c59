/** The charts by strike: open interest, its change, and the smile of the implied volatilities. */

import { elementById, setText } from "../browser/dom.js";
import {
    datedTime,
    formatCrore,
    formatNumber,
    formatSigned,
    formatStrike,
    isNumber,
} from "../words/format.js";
import { senderText } from "../words/provenance.js";
import { referenceName, referencePriceOf } from "../words/reference.js";
import { axis, bars, Chart, line, placeById, sizeForTexts } from "./chart.js";
import { rangeFromZero, rangeOfSmile, rangeOfStrikes } from "./chart_ranges.js";
import { earlierSmile, withSmoothVolatilities } from "./smile.js";
import { describeCut, describeLargest, describeSmile } from "./strike_descriptions.js";

/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { ChartContent } from "./chart.js" */
/** @import { Marker } from "./chart_markers.js" */
/** @import { Compared } from "../requests/comparison.js" */
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
        const then = { dash: [4, 4], width: 1.25, spanGaps: true };
        const smiles = [
            line("call", { label: "Calls", ...dots }),
            line("put", { label: "Puts", ...dots }),
            line("call", then),
            line("put", then),
        ];
        this.oi = strikeChart("chart-oi", barsOfBoth(), rangeFromZero, formatCrore, formatNumber);
        this.oiChange = strikeChart(
            "chart-oi-change",
            barsOfBoth(),
            rangeFromZero,
            formatCrore,
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
     * @param {StrikeRow[]} rows of the snapshot, in this scale
     * @param {Compared | null} compared the change in open interest counts from there
     */
    show(snapshot, strikeWindow, scale, rows, compared) {
        const { chain, analytics } = snapshot ?? { chain: null, analytics: null };
        const oiChange = compared ? "open_interest_change" : OI_CHANGE;
        setText(elementById("oi-change-since", HTMLElement), sinceText(compared));
        for (const id of ["oi-unit", "oi-change-unit"]) {
            setText(elementById(id, HTMLElement), OI_UNITS[scale.unit]);
        }
        const reference = {
            price: snapshot && referencePriceOf(snapshot),
            name: referenceName(snapshot),
        };
        const shown = within(rows, strikeWindow);
        const strikes = shown.map((row) => row.strike_price);
        const markers = markersOf(reference, analytics?.max_pain ?? null);
        const known = markers.filter((marker) => isNumber(marker.at));
        const places = known.map((marker) => ` ${marker.label}.`).join("");
        /** @param {string} field @param {Format} format @returns {ChartContent} */
        const barsOf = (field, format) => ({
            data: [strikes, valuesOf(shown, "call", field), valuesOf(shown, "put", field)],
            markers,
            description: describeLargest(rows, field, format) + places,
        });
        this.nameLines(compared);
        this.oi.show(() => barsOf("open_interest", formatNumber));
        this.oiChange.show(() => barsOf(oiChange, formatSigned));
        const choice = chain?.model.iv_source ?? "price";
        const kind = choice === "price" || !chain ? "from prices" : senderText(chain);
        const then = compared?.chain ? `dashed: ${compared.when}` : "";
        this.smile.show(() => {
            const smileRows = withSmoothVolatilities(rows, choice, reference.price);
            const smileShown = within(smileRows, strikeWindow);
            const lines = [
                valuesOf(smileShown, "call", "iv"),
                valuesOf(smileShown, "put", "iv"),
                ...earlierSmile(compared?.chain ?? null, strikes, choice),
            ];
            const cut = describeCut(lines);
            const unit = [`% a year, ${kind}`, then, cut].filter(Boolean).join("; ");
            setText(elementById("smile-unit", HTMLElement), unit);
            const smile = describeSmile(smileRows, strikeWindow.atmStrike);
            return {
                data: [strikes, ...lines],
                markers: markers.slice(0, 1),
                description: cut ? `${smile} The chart is ${cut}.` : smile,
            };
        });
    }

    /** Say in exports since when a change counts, and of when the earlier smile is. @param {Compared | null} compared */
    nameLines(compared) {
        const moment = (compared?.chain && compared.moment) || "";
        const since = moment ? `since ${datedTime(moment)}` : sinceText(compared);
        // A line without a name is not exported.
        const then = moment && `of ${datedTime(moment)}`;
        for (const [index, side] of ["Calls", "Puts"].entries()) {
            this.oiChange.plot.series[index + 1].label = `${side} ${since}`;
            this.smile.plot.series[index + 3].label = then && `${side} ${then}`;
        }
    }

    redraw() {
        for (const chart of [this.oi, this.oiChange, this.smile]) chart.redraw();
    }
}

/** Since when the change in open interest counts. @param {Compared | null} compared */
function sinceText(compared) {
    if (!compared) return "since prev. close";
    return compared.chain ? `since ${compared.when}` : compared.reason;
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
            axis({
                values: (_plot, values) => values.map(formatTick),
                size: sizeForTexts(46),
                space: 34,
            }),
        ],
        scales: { x: { time: false, range: rangeOfStrikes }, y: { range } },
        readout: (index) => {
            const [strikes, calls, puts, ...then] = chart.plot.data;
            const values = [`C ${format(calls[index])}`, `P ${format(puts[index])}`];
            const before = then.map((each) => each[index]).filter(isNumber);
            if (before.length) values.push(`then ${before.map(format).join(", ")}`);
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
