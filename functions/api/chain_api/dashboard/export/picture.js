/** A chart or a table as a PNG picture, in the colours of the page. */

import { chartIn } from "../charts/chart.js";
import { colour } from "../charts/colours.js";
import { buttonColumns, cellText, columnsWithout } from "./cell_text.js";
import { drawLegendEntry, legendEntries } from "./picture_legend.js";
import { columnsOf } from "./table_data.js";

/** @import { Chart } from "../charts/chart.js" */
/** @import { TableData } from "./table_data.js" */
/** @typedef {{text: string, isTitle: boolean}} TitleLine */

const MARGIN_PX = 12;
const LINE_PX = 20;
const GAP_PX = 14;
const FONT = "12px system-ui, sans-serif";
const TITLE_FONT = "600 14px system-ui, sans-serif";
const MOST_ROWS = 500;
/** Browsers draw no canvas that is larger. */
const LARGEST_SIDE_PX = 16000;

/** A picture has so many pixels at least for one of the page, and so is sharp on paper. */
const LEAST_SCALE = 2;
/** A title has at least this much room in a line. */
const LEAST_WIDTH_PX = 360;

/**
 * @param {HTMLElement} element a table, a list or the place of a chart
 * @param {TableData} data what it shows
 * @param {string} subject above it: symbol, expiry and time
 * @returns {Promise<Blob>}
 */
export async function pictureOf(element, data, subject) {
    const scale = Math.max(LEAST_SCALE, devicePixelRatio);
    const chart = chartIn(element);
    const canvas = chart
        ? await chartPicture(chart, element.closest("figure"), scale, data.title, subject)
        : tablePicture(element, data, scale, subject);
    return new Promise((resolve, reject) =>
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("No picture came.")))),
    );
}

/**
 * With the unit and the names of the lines that stand above the chart.
 * @param {Chart} chart @param {HTMLElement | null} figure @param {number} scale
 * @param {string} title @param {string} subject
 */
async function chartPicture(chart, figure, scale, title, subject) {
    const { width, height } = chart.size();
    const unit = figure?.querySelector("figcaption .unit")?.textContent?.trim();
    const titles = titleLines(unit ? `${title} (${unit})` : title, subject, width);
    const entries = legendEntries(figure, width, FONT);
    const top = (titles.length + (entries.at(-1)?.row ?? 0)) * LINE_PX + MARGIN_PX;
    const { canvas, context } = newCanvas(width, height + top, scale);
    writeTitle(context, titles);
    for (const entry of entries) {
        const bottom = (titles.length + entry.row) * LINE_PX;
        drawLegendEntry(context, entry, MARGIN_PX + entry.left, bottom);
    }
    await drawnAt(chart, scale, (drawn) => context.drawImage(drawn, MARGIN_PX, top, width, height));
    return canvas;
}

/**
 * Draw a chart with more pixels than the page has, and then as before. uPlot draws in a microtask,
 * so nobody sees it.
 * @param {Chart} chart @param {number} scale pixels of the canvas for one of the page
 * @param {(drawn: HTMLCanvasElement) => void} use
 */
async function drawnAt(chart, scale, use) {
    const { plot } = chart;
    const factor = scale / devicePixelRatio;
    chart.draw();
    // After this hook uPlot draws, in the pixels that it knows.
    plot.hooks.drawClear = [
        ({ ctx }) => {
            ctx.canvas.width = Math.round(ctx.canvas.width * factor);
            ctx.canvas.height = Math.round(ctx.canvas.height * factor);
            ctx.scale(factor, factor);
        },
    ];
    plot.setSize(chart.size());
    await Promise.resolve();
    use(plot.ctx.canvas);
    delete plot.hooks.drawClear;
    plot.setSize(chart.size());
}

/**
 * @param {HTMLElement} element @param {TableData} data @param {number} scale
 * @param {string} subject
 */
function tablePicture(element, data, scale, subject) {
    const { columns, texts, told } = writtenTable(element, data, subject);
    const lines = [columns, ...texts];
    const measure = newCanvas(1, 1, 1).context;
    measure.font = FONT;
    const widths = columns.map((_, column) =>
        Math.max(...lines.map((line) => measure.measureText(line[column] ?? "").width)),
    );
    const wanted = widths.reduce((sum, each) => sum + each + GAP_PX, 0);
    const width = Math.max(wanted, LEAST_WIDTH_PX);
    const titles = titleLines(data.title, told, width);
    const top = titles.length * LINE_PX + MARGIN_PX;
    const { canvas, context } = newCanvas(width, lines.length * LINE_PX + top, scale);
    writeTitle(context, titles);
    context.font = FONT;
    context.textAlign = "right";
    for (const [row, line] of lines.entries()) {
        context.fillStyle = colour(row ? "text" : "muted");
        let right = MARGIN_PX;
        for (const [column, each] of widths.entries()) {
            right += each + GAP_PX;
            context.fillText(line[column] ?? "", right - GAP_PX, top + (row + 0.7) * LINE_PX);
        }
    }
    return canvas;
}

/**
 * The texts of a table as the page writes them; `told` says where they are not all.
 * @param {HTMLElement} element @param {TableData} data @param {string} subject
 */
function writtenTable(element, { columns, texts = [] }, subject) {
    if (!(element instanceof HTMLTableElement)) return { columns, texts, told: subject };
    const isKept = columnsWithout(buttonColumns(element));
    const written = [...element.rows]
        .slice(-MOST_ROWS)
        .filter((row) => row.parentElement?.tagName !== "THEAD")
        .map((row) => [...row.cells].map((cell) => cellText(cell)).filter(isKept));
    const isPart = element.rows.length > MOST_ROWS;
    const told = isPart ? `${subject}; the last ${MOST_ROWS} rows` : subject;
    return { columns: columnsOf(element), texts: written, told };
}

/** @param {number} width @param {number} height @param {number} wanted canvas pixels per CSS pixel */
function newCanvas(width, height, wanted) {
    const [whole, tall] = [width + 2 * MARGIN_PX, height + MARGIN_PX];
    const scale = Math.min(wanted, LARGEST_SIDE_PX / whole, LARGEST_SIDE_PX / tall);
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(whole * scale);
    canvas.height = Math.ceil(tall * scale);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("This browser draws no picture.");
    context.scale(scale, scale);
    context.fillStyle = colour("panel");
    context.fillRect(0, 0, whole, tall);
    return { canvas, context };
}

/**
 * A title and what is below it, in lines of a width.
 * @param {string} title @param {string} subject @param {number} width in pixels
 * @returns {TitleLine[]}
 */
function titleLines(title, subject, width) {
    const { context } = newCanvas(1, 1, 1);
    return [
        ...linesOf(context, title, TITLE_FONT, width).map((text) => ({ text, isTitle: true })),
        ...linesOf(context, subject, FONT, width).map((text) => ({ text, isTitle: false })),
    ];
}

/**
 * @param {CanvasRenderingContext2D} context @param {string} text @param {string} font
 * @param {number} width
 */
function linesOf(context, text, font, width) {
    context.font = font;
    /** @type {string[]} */
    const lines = [];
    for (const word of text.split(" ")) {
        const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
        const hasRoom = lines.length > 0 && context.measureText(longer).width <= width;
        lines.splice(hasRoom ? -1 : lines.length, 1, hasRoom ? longer : word);
    }
    return lines;
}

/** @param {CanvasRenderingContext2D} context @param {TitleLine[]} lines */
function writeTitle(context, lines) {
    for (const [index, { text, isTitle }] of lines.entries()) {
        context.fillStyle = colour(isTitle ? "text" : "muted");
        context.font = isTitle ? TITLE_FONT : FONT;
        context.fillText(text, MARGIN_PX, (index + 1) * LINE_PX);
    }
}
