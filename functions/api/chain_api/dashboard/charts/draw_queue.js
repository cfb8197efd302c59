/**
 * Charts that are to be drawn: each in a task of its own, so that the page hears its user between.
 * What charts out of sight will show is made when the browser has time.
 */

import { nextFrame, nextTask, whenIdle } from "../browser/idle.js";
import { keepMeasure } from "../browser/measures.js";

/** @import { Chart } from "./chart.js" */

/** @type {Set<Chart>} in the order in which they are drawn */
const queue = new Set();
let isDrawing = false;
let isPreparing = false;
/** Whether the browser has drawn what was written before the last chart was asked for. */
let isLaidOut = false;

/** Draw a chart once the present task is done. @param {Chart} chart */
export function drawSoon(chart) {
    queue.add(chart);
    isLaidOut = false;
    chart.container.ariaBusy = "true";
    if (!isDrawing) drawSeen();
    if (!isPreparing) prepareUnseen();
}

async function drawSeen() {
    isDrawing = true;
    while (firstThat(isSeen)) {
        const wait = isLaidOut ? nextTask : nextFrame;
        isLaidOut = true;
        // A text on a canvas has the browser lay out whatever has changed, in mid-script.
        await wait();
        await draw(firstThat(isSeen), "chart");
    }
    isDrawing = false;
}

async function prepareUnseen() {
    isPreparing = true;
    while (firstThat(isUnseen)) {
        await whenIdle();
        await draw(firstThat(isUnseen), "idle");
    }
    isPreparing = false;
}

/** @param {(chart: Chart) => boolean} isWanted */
function firstThat(isWanted) {
    return [...queue].find(isWanted);
}

/** @param {Chart} chart */
function isSeen(chart) {
    return chart.isInSight;
}

/** @param {Chart} chart */
function isUnseen(chart) {
    return !chart.isInSight;
}

/** @param {Chart | undefined} chart @param {string} name of the measure */
async function draw(chart, name) {
    if (!chart) return;
    const startedAt = performance.now();
    queue.delete(chart);
    chart.container.ariaBusy = null;
    try {
        chart.drawInSight();
        // uPlot draws in a microtask of its own, which comes before this one.
        await null;
    } catch (error) {
        reportError(error); // of one chart, which must not stop the others
    }
    keepMeasure(name, startedAt);
}
