/** The legend of a figure, in lines of a width: the names of its lines, or its scale of colours. */

import { colour } from "../charts/colours.js";

/** From the end of a name to the next one. */
const SPACE_PX = 16;
const BAR_PX = 120;
const BAR_HEIGHT_PX = 9;
/** Before a name, in its colour. */
const LINE_SIGN = "■";
const DASHED_SIGN = "▪ ▪";

/**
 * What is drawn: a text, or a bar of colours from left to right. Of an entry with a place rows count
 * from 1.
 * @typedef {{text: string, tint: string, colours?: string[]}} LegendPart
 * @typedef {LegendPart & {left: number, row: number}} LegendEntry
 */

/**
 * @param {HTMLElement | null} figure @param {number} width of a line in pixels
 * @param {string} font @returns {LegendEntry[]} with their colour and place
 */
export function legendEntries(figure, width, font) {
    const context = document.createElement("canvas").getContext("2d");
    if (!context || !figure) return [];
    context.font = font;
    let [left, row] = [0, 1];
    return [...namesIn(figure), ...scaleIn(figure)].map((each) => {
        const own = each.colours ? BAR_PX : context.measureText(each.text).width;
        if (left && left + own > width) [left, row] = [0, row + 1];
        const entry = { ...each, left, row };
        left += own + SPACE_PX;
        return entry;
    });
}

/** @param {HTMLElement} figure @returns {LegendPart[]} */
function namesIn(figure) {
    const marks = [...figure.querySelectorAll(".legend i, .lines b")];
    return marks.map((mark) => {
        const { backgroundColor, borderTopColor, borderTopStyle } = getComputedStyle(mark);
        const isLine = mark.tagName === "B";
        const sign = isLine && borderTopStyle === "dashed" ? DASHED_SIGN : LINE_SIGN;
        const name = mark.nextSibling?.textContent?.trim() ?? "";
        return { text: `${sign} ${name}`, tint: isLine ? borderTopColor : backgroundColor };
    });
}

/** What is shown, and the colours between two numbers. @param {HTMLElement} figure @returns {LegendPart[]} */
function scaleIn(figure) {
    const bar = figure.querySelector(".heat-scale i[data-colours]");
    if (!(bar instanceof HTMLElement)) return [];
    const tint = colour("muted");
    const { colours = "" } = bar.dataset;
    const ends = colours === "signed" ? ["put", "panel", "call"] : ["panel", colours];
    const [low, high] = [bar.previousElementSibling, bar.nextElementSibling];
    return [
        { text: figure.dataset.shown ?? "", tint: colour("text") },
        { text: low?.textContent ?? "", tint },
        { text: "", tint, colours: ends.map((name) => colour(name)) },
        { text: high?.textContent ?? "", tint },
    ];
}

/**
 * @param {CanvasRenderingContext2D} context @param {LegendEntry} entry
 * @param {number} x @param {number} y the line on which texts stand
 */
export function drawLegendEntry(context, { text, tint, colours }, x, y) {
    context.fillStyle = tint;
    if (!colours) {
        context.fillText(text, x, y);
        return;
    }
    const gradient = context.createLinearGradient(x, 0, x + BAR_PX, 0);
    for (const [index, each] of colours.entries()) {
        gradient.addColorStop(index / (colours.length - 1), each);
    }
    context.fillStyle = gradient;
    context.fillRect(x, y - BAR_HEIGHT_PX, BAR_PX, BAR_HEIGHT_PX);
}
