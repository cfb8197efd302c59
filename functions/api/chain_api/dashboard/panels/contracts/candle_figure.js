/** The day of one contract: candles with volume, open interest with volatility, and a table. */

import { candleSeries } from "../../charts/candles.js";
import { Chart } from "../../charts/chart.js";
import { placeOf } from "../../charts/day_chart.js";
import { addFigure } from "../../charts/figure.js";
import { LinesFigure } from "../../charts/lines_figure.js";
import {
    nothingBy,
    replayMarker,
    TIMES_UNIT,
    timeOfDayAxis,
    valueAxis,
} from "../../charts/time_span.js";
import { DAY_UNIT_NAMES, UNIT_NAMES } from "../../figures/position_unit.js";
import {
    atItsEnd,
    candleText,
    describeCandles,
    reasonOfLines,
    rowOfCandle,
    scaledCandle,
} from "./candle_words.js";
import { writeAxisIn } from "./contract_unit.js";
import { heldRecords, timesOfLines } from "./held_values.js";
import { ValueTable } from "./value_table.js";

/** @import { TimeSpan } from "../../charts/time_span.js" */
/** @import { Unit } from "../../figures/position_unit.js" */
/** @import { TimedCandle } from "../../requests/contract_days.js" */
/** @import { KnownContract } from "./contract_figures.js" */
/** @import { ScaledCandle } from "./candle_words.js" */
/** @import { ValueColumn } from "./value_table.js" */

/** @param {Unit} unit @returns {ValueColumn[]} */
const candleColumns = (unit) => [
    { label: "Open", digits: 2 },
    { label: "High", digits: 2 },
    { label: "Low", digits: 2 },
    { label: "Close", digits: 2 },
    { label: `Volume (${UNIT_NAMES[unit]})`, digits: 0 },
    { label: `Open interest (${UNIT_NAMES[unit]})`, digits: 0 },
    { label: "IV (%)", digits: 2 },
    { label: "Last snapshot (IST)", kind: "time" },
];
/** @param {Unit} unit */
const heldLines = (unit) => [
    { label: "Open interest", colourName: "first", digits: 0, suffix: UNIT_NAMES[unit] },
    { label: "IV", colourName: "second", digits: 2, suffix: "%", isRight: true },
];

export class CandleFigure {
    /**
     * @param {HTMLElement} parent
     * @param {{label: string, interval: string, unit: Unit}} content
     * @param {TimeSpan} span
     * @param {(time: number) => void} onTime a time was clicked
     */
    constructor(parent, { label, interval, unit }, span, onTime) {
        this.seconds = Number.parseInt(interval, 10) * 60;
        /** @type {ScaledCandle[]} */
        this.candles = [];
        this.element = parent.appendChild(document.createElement("div"));
        this.element.className = "contract";
        this.prices = addFigure(this.element, {
            title: label,
            unit: `candles of ${interval} in rupees, volume in ${DAY_UNIT_NAMES[unit]}, ${TIMES_UNIT}`,
        });
        this.prices.figure.classList.add("candles");
        this.chart = this.priceChart(span);
        const { plot } = this.chart;
        plot.over.addEventListener("click", () => {
            const candle = this.candles[plot.cursor.idx ?? -1];
            if (candle) onTime(candle.time + this.seconds * 1000 - 1);
        });
        const title = `${label}: open interest and IV`;
        const content = {
            title,
            unit: `${DAY_UNIT_NAMES[unit]}, IV in % a year`,
            lines: heldLines(unit),
        };
        this.lines = new LinesFigure(this.element, content, span, onTime);
        writeAxisIn(this.lines.chart, unit);
        const caption = `${label}, candles of ${interval} by their beginning, open interest and IV by their last snapshot`;
        this.table = new ValueTable(this.element, caption, candleColumns(unit));
    }

    /** @param {TimeSpan} span */
    priceChart(span) {
        return new Chart(this.prices, {
            series: candleSeries(() => this.seconds),
            sync: "day",
            axes: [
                timeOfDayAxis(),
                valueAxis({ side: 3 }),
                // As wide as the axis of volatility below: the times stand above each other.
                valueAxis({ side: 1, scale: "volume", values: () => [], grid: { show: false } }),
            ],
            scales: {
                x: span.scale,
                y: { range: rangeOfPrices },
                volume: { range: rangeOfVolume },
            },
            readout: (index) => candleText(this.candles[index]),
        });
    }

    /** @param {KnownContract} known @param {number} tick @param {string | null} at */
    show({ records, breaks, scale }, tick, at) {
        const sent = /** @type {TimedCandle[]} */ (records);
        const candles = sent.map((candle) => scaledCandle(candle, scale));
        this.candles = candles;
        const times = candles.map((candle) => candle.time);
        /** @param {"open" | "high" | "low" | "close" | "volume"} name */
        const values = (name) => candles.map((candle) => candle[name]);
        const prices = [values("open"), values("high"), values("low"), values("close")];
        this.chart.show(() => ({
            data: [times.map(placeOf), ...prices, values("volume")],
            markers: replayMarker(at),
            description: candles.length ? describeCandles(candles, at) : "",
            missing: candles.length ? "" : nothingBy(at),
        }));
        const ends = candles.map(atItsEnd);
        const lineTimes = timesOfLines([ends.map(({ time }) => time)], breaks, tick);
        const held = heldRecords(lineTimes, ends, breaks);
        this.lines.show(
            lineTimes,
            [
                held.map((candle) => candle?.open_interest ?? null),
                held.map((candle) => candle?.iv ?? null),
            ],
            at,
            (index) => reasonOfLines(held[index]),
        );
        this.table.show(() => candles.map(rowOfCandle));
    }

    redraw() {
        this.chart.redraw();
        this.lines.redraw();
    }

    remove() {
        this.chart.remove();
        this.lines.remove();
        this.element.remove();
    }
}

/** With room for the volume below. @type {uPlot.Range.Function} */
function rangeOfPrices(_plot, lowest, highest) {
    if (lowest === null) return [0, 1];
    const span = highest - lowest || Math.abs(highest) * 0.01 || 1;
    return [lowest - span * 0.4, highest + span * 0.12];
}

/** The highest column takes a fifth of the height. @type {uPlot.Range.Function} */
function rangeOfVolume(_plot, lowest, highest) {
    if (lowest === null) return [0, 1];
    return [Math.min(0, lowest), Math.max(highest, 1) * 5];
}
