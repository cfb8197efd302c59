/** The charts of the day: PCR with the straddle, spot with the volatility at the money. */

import { axis, Chart, line } from "./chart.js";
import { isNumber, number, time } from "./format.js";

// Seconds since 1970 as India's clocks show them, so that whole hours there are whole numbers here.
const INDIA_SECONDS = 19800;
const STEPS = [5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

const onAxis = (moment) => Date.parse(moment) / 1000 + INDIA_SECONDS;
const two = (value) => String(Math.floor(value)).padStart(2, "0");

function clockTexts(_plot, splits, _axis, _space, step) {
    const text = (at) => `${two((at % 86400) / 3600)}:${two((at % 3600) / 60)}`;
    return splits.map((at) => (step < 60 ? `${text(at)}:${two(at % 60)}` : text(at)));
}

/** As many decimals as the steps of the axis have. */
function texts(_plot, splits, _axis, _space, step) {
    const digits = Math.min(4, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
    return splits.map((value) => number(value, digits));
}

/** A tenth of room around what is drawn. */
function roomy(_plot, least, most) {
    if (least === null) return [0, 1];
    const room = (most - least || Math.abs(most) * 0.01 || 1) * 0.1;
    return [least - room, most + room];
}

/** The hours from the first snapshot to the last, five minutes at least. */
function hours(_plot, least, most) {
    return least === null ? [0, 1] : [least, Math.max(most, least + 300)];
}

export class DayCharts {
    /** @param {(timestamp: string) => void} chosen is told which moment was clicked */
    constructor(chosen) {
        this.chosen = chosen;
        this.moments = [];
        this.pcr = this.chart("chart-pcr", ["pcr_oi", "straddle_price"], [3, 2], ["PCR", "Straddle"]);
        this.underlying = this.chart(
            "chart-underlying",
            ["underlying_value", "atm_iv"],
            [2, 2],
            ["Spot", "ATM IV"],
        );
    }

    chart(id, fields, digits, names) {
        const written = (value, side) => number(value, digits[side]);
        const sides = [{ side: 3 }, { scale: "other", side: 1, grid: { show: false } }];
        const axes = sides.map((more) => axis({ ...more, values: texts, size: 48, space: 30 }));
        const chart = new Chart(id, {
            series: [line("first"), line("second", { scale: "other" })],
            sync: "day",
            axes: [axis({ values: clockTexts, size: 24, space: 58, incrs: STEPS }), ...axes],
            scales: { x: { time: false, range: hours }, y: { range: roomy }, other: { range: roomy } },
            readout: (index) => {
                const moment = this.moments[index];
                return moment
                    ? `${time(moment.timestamp)}   ${names.map((name, side) => `${name} ${written(moment[fields[side]], side)}`).join("   ")}`
                    : "";
            },
        });
        chart.fields = fields;
        chart.words = (moments) =>
            names
                .map((name, side) =>
                    rangeInWords(name, moments, fields[side], (value) => written(value, side)),
                )
                .join(" ");
        chart.plot.over.addEventListener("click", () => {
            const moment = this.moments[chart.plot.cursor.idx];
            if (moment) this.chosen(moment.timestamp);
        });
        return chart;
    }

    /** @param {import("./day.js").Moment[]} moments @param {string | null} at the moment replayed, null live */
    show(moments, at) {
        this.moments = [...moments];
        const times = moments.map((moment) => onAxis(moment.timestamp));
        const markers = at ? [{ at: onAxis(at), label: time(at), tint: "text" }] : [];
        for (const chart of [this.pcr, this.underlying]) {
            const lines = chart.fields.map((field) => moments.map((moment) => moment[field] ?? null));
            chart.show([times, ...lines], markers, chart.words(moments));
        }
    }

    redraw() {
        this.pcr.redraw();
        this.underlying.redraw();
    }
}

function rangeInWords(name, moments, field, written) {
    const known = moments.filter((moment) => isNumber(moment[field]));
    if (!known.length) return `${name}: not known.`;
    const values = known.map((moment) => moment[field]);
    const ends = [known[0], known.at(-1)].map(
        (moment) => `${written(moment[field])} at ${time(moment.timestamp)}`,
    );
    const low = values.reduce((one, other) => Math.min(one, other));
    const high = values.reduce((one, other) => Math.max(one, other));
    return `${name}: from ${ends[0]} to ${ends[1]}; lowest ${written(low)}, highest ${written(high)}.`;
}
