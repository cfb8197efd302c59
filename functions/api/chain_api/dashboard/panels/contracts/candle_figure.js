/** The day of one contract: candles with volume, open interest with volatility, and a table. */

import { candleSeries } from "../../charts/candles.js";
import { Chart } from "../../charts/chart.js";
import { placeOf } from "../../charts/day_chart.js";
import { addFigure } from "../../charts/figure.js";
import { LinesFigure } from "../../charts/lines_figure.js";
import { replayMarker, timeOfDayAxis, valueAxis } from "../../charts/time_span.js";
import { formatNumber, formatTime, isNumber } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";
import { heldRecords, NOT_RECORDED, timesOfLines } from "./held_values.js";
import { ValueTable } from "./value_table.js";

/** @import { TimeSpan } from "../../charts/time_span.js" */
/** @import { TimedCandle } from "../../requests/contract_days.js" */
/** @import { KnownContract } from "./contract_figures.js" */

/** @type {Record<string, string>} */
const VOLUME_REASONS = {
    start_unknown: "what was traded before is not known",
    not_sent: "the source sent none",
    sources_differ: "two sources count differently",
};
const CANDLE_COLUMNS = [
    { label: "Open", digits: 2 },
    { label: "High", digits: 2 },
    { label: "Low", digits: 2 },
    { label: "Close", digits: 2 },
    { label: "Volume (lots)", digits: 0 },
    { label: "Open interest (lots)", digits: 0 },
    { label: "IV (%)", digits: 2 },
];
const HELD_LINES = [
    { label: "Open interest", colourName: "first", digits: 0, suffix: "lots" },
    { label: "IV", colourName: "second", digits: 2, suffix: "%", isRight: true },
];

export class CandleFigure {
    /**
     * @param {HTMLElement} parent
     * @param {{label: string, interval: string}} content
     * @param {TimeSpan} span
     * @param {(time: number) => void} onTime a time was clicked
     */
    constructor(parent, { label, interval }, span, onTime) {
        this.seconds = Number.parseInt(interval, 10) * 60;
        /** @type {TimedCandle[]} */
        this.candles = [];
        this.element = parent.appendChild(document.createElement("div"));
        this.element.className = "contract";
        this.prices = addFigure(this.element, {
            title: label,
            unit: `candles of ${interval} in rupees, volume in lots`,
        });
        this.prices.figure.classList.add("candles");
        this.chart = this.priceChart(span);
        const { plot } = this.chart;
        plot.over.addEventListener("click", () => {
            const candle = this.candles[plot.cursor.idx ?? -1];
            if (candle) onTime(candle.time + this.seconds * 1000 - 1);
        });
        const title = `${label}: open interest and IV`;
        const clicked = (/** @type {number} */ time) => onTime(time + this.seconds * 1000 - 1);
        this.lines = new LinesFigure(this.element, { title, lines: HELD_LINES }, span, clicked);
        const caption = `${label}, candles of ${interval} by their beginning`;
        this.table = new ValueTable(this.element, caption, CANDLE_COLUMNS);
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
    show({ records, breaks }, tick, at) {
        const candles = /** @type {TimedCandle[]} */ (records);
        this.candles = candles;
        const times = candles.map((candle) => candle.time);
        /** @param {"open" | "high" | "low" | "close" | "volume"} name */
        const values = (name) => candles.map((candle) => candle[name]);
        const prices = [values("open"), values("high"), values("low"), values("close")];
        this.chart.show(
            [times.map(placeOf), ...prices, values("volume")],
            replayMarker(at),
            candles.length ? describeCandles(candles) : "",
        );
        const lineTimes = timesOfLines([times], breaks, tick);
        const held = heldRecords(lineTimes, candles, breaks);
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

/** @param {TimedCandle | undefined} candle */
function candleText(candle) {
    if (!candle) return "";
    const { open, high, low, close, volume } = candle;
    const prices = isNumber(close)
        ? [
              `O ${candlePrice(open)}`,
              `H ${candlePrice(high)}`,
              `L ${candlePrice(low)}`,
              `C ${candlePrice(close)}`,
          ]
        : ["no trade today"];
    const reason = isNumber(volume) ? "" : ` (${volumeReason(candle)})`;
    const parts = [`${formatTime(candle.time)} IST`, ...prices];
    return [...parts, `Volume ${formatNumber(volume)}${reason}`].join("   ");
}

/** @param {number | null} value */
function candlePrice(value) {
    return formatNumber(value, 2);
}

/** @param {TimedCandle} candle */
function volumeReason({ volume_reason: reason }) {
    return VOLUME_REASONS[String(reason)] ?? reasonText(reason);
}

/** @param {TimedCandle | null} candle */
function reasonOfLines(candle) {
    if (!candle) return NOT_RECORDED;
    return isNumber(candle.iv) ? "" : reasonText(candle.iv_reason);
}

/** @param {TimedCandle} candle */
function rowOfCandle(candle) {
    const { time, open, high, low, close, volume, open_interest, iv } = candle;
    const noTrade = isNumber(close) ? "" : "no trade today";
    const noVolume = isNumber(volume) ? "" : volumeReason(candle);
    const noIv = isNumber(iv) ? "" : reasonText(candle.iv_reason);
    return {
        time,
        values: [open, high, low, close, volume, open_interest, iv],
        notes: [noTrade, noTrade, noTrade, noTrade, noVolume, "", noIv],
    };
}

/** The same in words. @param {TimedCandle[]} candles */
function describeCandles(candles) {
    const traded = candles.filter(({ close }) => isNumber(close));
    if (!traded.length) return "No trade today.";
    const [first, last] = [traded[0], traded[traded.length - 1]];
    const highest = traded.reduce((most, { high }) => Math.max(most, Number(high)), -Infinity);
    const lowest = traded.reduce((least, { low }) => Math.min(least, Number(low)), Infinity);
    const from = `${candlePrice(first.open)} at ${formatTime(first.time)}`;
    const to = `${candlePrice(last.close)} in the candle of ${formatTime(last.time)}`;
    const range = `lowest ${candlePrice(lowest)}, highest ${candlePrice(highest)}`;
    return `Price: from ${from} to ${to}; ${range}; ${candles.length} candles.`;
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
