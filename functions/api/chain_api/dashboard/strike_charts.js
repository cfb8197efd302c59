/** The charts by strike: open interest, its change, the smile. All of the snapshot that the chain shows. */

import { axis, bars, Chart, line } from "./chart.js";
import { brief, isNumber, number, signed, strike } from "./format.js";

const strikeAxis = () => axis({ values: (_plot, splits) => splits.map(strike), size: 24, space: 54 });
const valueAxis = (write) => axis({ values: (_plot, splits) => splits.map(write), size: 46, space: 34 });

/** Half a step of room at either end for the outermost bars. */
function strikeRange(plot, least, most) {
    const strikes = plot.data[0];
    const room = strikes.length > 1 ? (most - least) / (strikes.length - 1) : 1;
    return least === null ? [0, 1] : [least - room, most + room];
}

/** From 0, with room above for the names of the markers. */
function fromZero(_plot, least, most) {
    if (least === null) return [0, 1];
    const low = Math.min(0, least);
    const high = Math.max(0, most);
    const span = high - low || 1;
    return [low - (low < 0 ? span * 0.05 : 0), high + span * 0.22];
}

/** Around the curve; the odd volatility of a strike far in the money, out of sight, would flatten all the rest. */
function around(_plot, least, most) {
    if (least === null) return [0, 1];
    const high = Math.min(most, least * 2.5);
    const span = high - least || 1;
    return [Math.max(0, least - span * 0.1), high + span * 0.22];
}

export class StrikeCharts {
    constructor() {
        this.oi = this.chart("chart-oi", [bars("call", -1), bars("put", 1)], fromZero, brief, number);
        this.change = this.chart(
            "chart-oi-change",
            [bars("call", -1), bars("put", 1)],
            fromZero,
            brief,
            signed,
        );
        const dots = { points: { show: true, size: 4 }, spanGaps: true };
        const curves = [line("call", dots), line("put", dots)];
        this.smile = this.chart(
            "chart-smile",
            curves,
            around,
            (value) => number(value, value % 1 ? 1 : 0),
            (value) => number(value, 2),
        );
    }

    chart(id, series, range, brieflyWritten, written) {
        const chart = new Chart(id, {
            series,
            sync: "strikes",
            axes: [strikeAxis(), valueAxis(brieflyWritten)],
            scales: { x: { time: false, range: strikeRange }, y: { range } },
            readout: (index) => {
                const [strikes, calls, puts] = chart.plot.data;
                return `${strike(strikes[index])}   C ${written(calls[index])}   P ${written(puts[index])}`;
            },
        });
        return chart;
    }

    /** @param {import("./picture.js").Picture} picture @param {number | null} atm @param {string} reach strikes a side, or all */
    show({ chain, figures }, atm, reach) {
        const rows = within(chain.rows, atm, reach);
        const strikes = rows.map((row) => row.strike_price);
        const side = (name, field) => rows.map((row) => row[name]?.[field] ?? null);
        const data = (field) => [strikes, side("call", field), side("put", field)];
        const spot = {
            at: chain.underlying_value,
            label: `Spot ${number(chain.underlying_value, 2)}`,
            tint: "text",
        };
        const pain = {
            at: figures?.max_pain ?? null,
            label: `Max pain ${strike(figures?.max_pain)}`,
            tint: "first",
        };
        this.oi.show(
            data("open_interest"),
            [spot, pain],
            `${largest(chain.rows, "open_interest", number)} ${markersInWords(spot, pain)}`,
        );
        this.change.show(
            data("change_in_oi"),
            [spot, pain],
            `${largest(chain.rows, "change_in_oi", signed)} ${markersInWords(spot, pain)}`,
        );
        this.smile.show(data("iv"), [spot], smileInWords(chain.rows, atm));
    }

    redraw() {
        for (const chart of [this.oi, this.change, this.smile]) chart.redraw();
    }
}

function within(rows, atm, reach) {
    const centre = rows.findIndex((row) => row.strike_price === atm);
    if (reach === "all" || centre < 0) return rows;
    return rows.slice(Math.max(0, centre - Number(reach)), centre + Number(reach) + 1);
}

function largest(rows, field, written) {
    return ["call", "put"]
        .map((side) => {
            const known = rows.filter((row) => isNumber(row[side]?.[field]));
            known.sort((one, other) => Math.abs(other[side][field]) - Math.abs(one[side][field]));
            const named = known
                .slice(0, 3)
                .map((row) => `${strike(row.strike_price)} (${written(row[side][field])})`);
            return `Largest of ${side}s: ${named.join(", ") || "none known"}.`;
        })
        .join(" ");
}

function markersInWords(...markers) {
    return markers
        .filter((marker) => isNumber(marker.at))
        .map((marker) => `${marker.label}.`)
        .join(" ");
}

function smileInWords(rows, atm) {
    const side = (name) => {
        const known = rows
            .filter((row) => isNumber(row[name]?.iv))
            .map((row) => [row[name].iv, row.strike_price]);
        if (!known.length) return `No volatility of ${name}s is known.`;
        const [low, lowAt] = known.reduce((one, other) => (other[0] < one[0] ? other : one));
        const [high, highAt] = known.reduce((one, other) => (other[0] > one[0] ? other : one));
        const here = rows.find((row) => row.strike_price === atm)?.[name]?.iv;
        return `${name === "call" ? "Calls" : "Puts"}: at the money ${number(here, 2)} %, lowest ${number(low, 2)} % at ${strike(lowAt)}, highest ${number(high, 2)} % at ${strike(highAt)}.`;
    };
    return `${side("call")} ${side("put")}`;
}
