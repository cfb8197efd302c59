/** A chart or a table as a PNG picture, in the colours of the page. */

import { chartIn } from "../charts/chart.js";
import { colour } from "../charts/colours.js";
import { buttonColumns, cellText, columnsWithout } from "./cell_text.js";
import { legendEntries } from "./picture_legend.js";
import { columnsOf } from "./table_data.js";

/** @import { TableData } from "./table_data.js" */

const MARGIN_PX = 12;
const LINE_PX = 20;
const GAP_PX = 14;
const FONT = "12px system-ui, sans-serif";
const TITLE_FONT = "600 14px system-ui, sans-serif";
const MOST_ROWS = 500;
/** Browsers draw no canvas that is larger. */
const LARGEST_SIDE_PX = 16000;

/**
 * @param {HTMLElement} element a table or the place of a chart
 * @param {TableData} data what it shows
 * @param {string} subject above it: symbol, expiry and time
 * @returns {Promise<Blob>}
 */
export async function pictureOf(element, data, subject) {
    chartIn(element)?.draw();
    await Promise.resolve();
    const chart = element.querySelector("canvas");
    const canvas = chart
        ? chartPicture(chart, element.closest("figure"), data.title, subject)
        : tablePicture(element, data, subject);
    return new Promise((resolve, reject) =>
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("No picture came.")))),
    );
}

/**
 * With the unit and the names of the lines that stand above the chart.
 * @param {HTMLCanvasElement} chart @param {HTMLElement | null} figure @param {string} title
 * @param {string} subject
 */
function chartPicture(chart, figure, title, subject) {
    const scale = devicePixelRatio;
    const [width, height] = [chart.width / scale, chart.height / scale];
    const unit = figure?.querySelector("figcaption .unit")?.textContent?.trim();
    const entries = legendEntries(figure, width, FONT);
    const top = (2 + (entries.at(-1)?.row ?? 0)) * LINE_PX + MARGIN_PX;
    const { canvas, context } = newCanvas(width, height + top, scale);
    writeTitle(context, unit ? `${title} (${unit})` : title, subject);
    for (const { text, tint, left, row } of entries) {
        context.fillStyle = tint;
        context.fillText(text, MARGIN_PX + left, (2 + row) * LINE_PX);
    }
    context.drawImage(chart, MARGIN_PX, top, width, height);
    return canvas;
}

/** @param {HTMLElement} element @param {TableData} data @param {string} subject */
function tablePicture(element, { title }, subject) {
    const columns = element instanceof HTMLTableElement ? columnsOf(element) : [];
    const rows = element instanceof HTMLTableElement ? [...element.rows].slice(-MOST_ROWS) : [];
    const isKept = columnsWithout(
        element instanceof HTMLTableElement ? buttonColumns(element) : [],
    );
    const texts = rows
        .filter((row) => row.parentElement?.tagName !== "THEAD")
        .map((row) => [...row.cells].map((cell) => cellText(cell)).filter(isKept));
    const lines = [columns, ...texts];
    const all = element instanceof HTMLTableElement ? element.rows.length : 0;
    const told = all > MOST_ROWS ? `${subject}; the last ${MOST_ROWS} rows` : subject;
    const measure = newCanvas(1, 1, 1).context;
    measure.font = FONT;
    const widths = columns.map((_, column) =>
        Math.max(...lines.map((line) => measure.measureText(line[column] ?? "").width)),
    );
    const width = widths.reduce((sum, each) => sum + each + GAP_PX, 0);
    const top = 2 * LINE_PX + MARGIN_PX;
    const { canvas, context } = newCanvas(width, lines.length * LINE_PX + top, devicePixelRatio);
    writeTitle(context, title, told);
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

/** @param {CanvasRenderingContext2D} context @param {string} title @param {string} subject */
function writeTitle(context, title, subject) {
    context.fillStyle = colour("text");
    context.font = TITLE_FONT;
    context.fillText(title, MARGIN_PX, LINE_PX);
    context.fillStyle = colour("muted");
    context.font = FONT;
    context.fillText(subject, MARGIN_PX, 2 * LINE_PX);
}
