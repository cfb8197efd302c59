/** Charts that are to be drawn: each in a task of its own, so that the page hears its user between. */

import { nextTask } from "../browser/idle.js";
import { keepMeasure } from "../browser/measures.js";

/** @import { Chart } from "./chart.js" */

/** @type {Set<Chart>} in the order in which they are drawn */
const queue = new Set();
let isAtWork = false;

/** Draw a chart once the present task is done. @param {Chart} chart */
export function drawSoon(chart) {
    queue.add(chart);
    chart.container.ariaBusy = "true";
    if (!isAtWork) drawAll();
}

async function drawAll() {
    isAtWork = true;
    for (const chart of queue) {
        await nextTask();
        queue.delete(chart);
        try {
            await draw(chart);
        } catch (error) {
            reportError(error); // of one chart, which must not stop the others
        }
    }
    isAtWork = false;
}

/** @param {Chart} chart */
async function draw(chart) {
    const startedAt = performance.now();
    chart.container.ariaBusy = null;
    chart.drawInSight();
    // uPlot draws in a microtask of its own, which comes before this one.
    await null;
    keepMeasure("chart", startedAt);
}
