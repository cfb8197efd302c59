/**
 * Charts that are to be drawn: each in a task of its own, so that the page hears its user between.
 * Those in sight come first. By then the browser has drawn a frame: the first text of a chart would
 * have it lay out the page.
 */

import { whenIdle } from "../browser/idle.js";
import { keepMeasure } from "../browser/measures.js";

/** @import { Chart } from "./chart.js" */

/** @type {Set<Chart>} */
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
    while (queue.size) {
        await whenIdle();
        const chart = next();
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
    const { isInSight } = chart;
    const startedAt = performance.now();
    chart.container.ariaBusy = null;
    chart.drawInSight();
    // uPlot draws in a microtask of its own, which comes before this one.
    await null;
    if (isInSight) keepMeasure("chart", startedAt);
}

function next() {
    const waiting = [...queue];
    return waiting.find((chart) => chart.isInSight) ?? waiting[0];
}
