/**
 * Charts that are to be drawn: each in a task of its own, so that the page hears its user between.
 * What charts out of sight will show is made when the browser has time.
 */

import { nextFrame, nextTask, whenIdle } from "../browser/idle.js";
import { keepMeasure } from "../browser/measures.js";

/** @import { Chart } from "./chart.js" */

/** @type {Set<Chart>} in the order in which they are drawn, those in sight first */
const queue = new Set();
let isAtWork = false;
/** Whether the browser has drawn what was written before the last chart was asked for. */
let isLaidOut = false;

/** Draw a chart once the present task is done. @param {Chart} chart */
export function drawSoon(chart) {
    queue.add(chart);
    isLaidOut = false;
    chart.container.ariaBusy = "true";
    if (!isAtWork) drawAll();
}

async function drawAll() {
    isAtWork = true;
    while (queue.size) {
        await turn();
        const [first] = queue;
        const chart = firstInSight() ?? first;
        queue.delete(chart);
        try {
            await draw(chart);
        } catch (error) {
            reportError(error); // of one chart, which must not stop the others
        }
    }
    isAtWork = false;
}

/** Wait until the next chart's turn has come. */
function turn() {
    if (!firstInSight()) return whenIdle();
    if (isLaidOut) return nextTask();
    isLaidOut = true;
    // A text on a canvas has the browser lay out whatever has changed, in the middle of the script.
    return nextFrame();
}

function firstInSight() {
    return [...queue].find((chart) => chart.isInSight);
}

/** @param {Chart} chart */
async function draw(chart) {
    const startedAt = performance.now();
    const name = chart.isInSight ? "chart" : "idle";
    chart.container.ariaBusy = null;
    chart.drawInSight();
    // uPlot draws in a microtask of its own, which comes before this one.
    await null;
    keepMeasure(name, startedAt);
}
