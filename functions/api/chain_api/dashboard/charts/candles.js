/**
 * Candles and columns, drawn by uPlot: the paths of series whose data are open, high, low, close
 * and volume. A rising candle is hollow and a falling one full, so that colour is not needed.
 */

import { colour } from "./colours.js";

const WIDEST_PX = 13;
/** Which part of the interval a candle takes. */
const SHARE_OF_INTERVAL = 0.7;

/**
 * @param {() => number} seconds the length of an interval
 * @returns {uPlot.Series[]} of open, high, low, close on the scale "y", and volume on "volume"
 */
export function candleSeries(seconds) {
    const points = { show: false };
    /** @type {(label: string) => uPlot.Series} */
    const unseen = (label) => ({ label, paths: () => null, points });
    const rise = () => colour("rise");
    const fall = () => colour("fall");
    const ground = () => colour("panel");
    return [
        { label: "Open", stroke: fall, fill: fall, width: 1, points, paths: pathsOf(false) },
        unseen("High"),
        unseen("Low"),
        { label: "Close", stroke: rise, fill: ground, width: 1, points, paths: pathsOf(true) },
        {
            label: "Volume",
            scale: "volume",
            fill: () => colour("off-bar"),
            width: 0,
            points,
            paths: (plot, series, first, last) => columnPaths(plot, series, first, last, seconds()),
        },
    ];

    /** @param {boolean} isRise @returns {uPlot.Series.PathBuilder} */
    function pathsOf(isRise) {
        return (plot, _series, first, last) => candlePaths(plot, first, last, seconds(), isRise);
    }
}

/**
 * @param {uPlot} plot @param {number} first index @param {number} last index
 * @param {number} seconds @param {boolean} isRise which candles: those that rise or stay, or fall
 * @returns {uPlot.Series.Paths}
 */
function candlePaths(plot, first, last, seconds, isRise) {
    const [times, opens, highs, lows, closes] = plot.data;
    const width = candleWidth(plot, seconds);
    const stroke = new Path2D();
    const fill = new Path2D();
    for (let index = first; index <= last; index++) {
        const prices = [opens[index], highs[index], lows[index], closes[index]];
        if (prices.some((price) => typeof price !== "number")) continue;
        const [open, high, low, close] = prices.map((price) =>
            canvasPlace(plot, Number(price), "y"),
        );
        // Places count from above.
        if (close <= open !== isRise) continue;
        const x = canvasPlace(plot, times[index], "x");
        const [top, bottom] = isRise ? [close, open] : [open, close];
        stroke.moveTo(x, high);
        stroke.lineTo(x, top);
        stroke.moveTo(x, bottom);
        stroke.lineTo(x, low);
        stroke.rect(x - width / 2, top, width, bottom - top);
        fill.rect(x - width / 2, top, width, bottom - top);
    }
    return { stroke, fill };
}

/**
 * @param {uPlot} plot @param {number} series @param {number} first index @param {number} last index
 * @param {number} seconds
 * @returns {uPlot.Series.Paths}
 */
function columnPaths(plot, series, first, last, seconds) {
    const width = candleWidth(plot, seconds);
    const ground = canvasPlace(plot, 0, "volume");
    const fill = new Path2D();
    for (let index = first; index <= last; index++) {
        const volume = plot.data[series][index];
        if (typeof volume !== "number") continue;
        const top = canvasPlace(plot, volume, "volume");
        fill.rect(
            canvasPlace(plot, plot.data[0][index], "x") - width / 2,
            top,
            width,
            ground - top,
        );
    }
    return { fill };
}

/** @param {uPlot} plot @param {number} value @param {string} scale @returns {number} in pixels of the canvas */
function canvasPlace(plot, value, scale) {
    return Math.round(plot.valToPos(value, scale, true));
}

/** @param {uPlot} plot @param {number} seconds @returns {number} even, in pixels of the canvas */
function candleWidth(plot, seconds) {
    const [start, end] = [0, seconds].map((x) =>
        plot.valToPos((plot.scales.x.min ?? 0) + x, "x", true),
    );
    const width = Math.min(SHARE_OF_INTERVAL * (end - start), WIDEST_PX * devicePixelRatio);
    return Math.max(1, 2 * Math.floor(width / 2));
}
