/**
 * Tables as an Excel file: one sheet a table, numbers as numbers, instants as dates in the time of
 * India, expiries as dates. The parts of the file are those of ECMA-376 that every reader needs.
 */

import { DAY_MS, dayOfExpiry } from "../words/calendar_days.js";
import { INDIA_OFFSET_MS } from "../words/format.js";

/** @import { TableData, ExportedValue } from "./table_data.js" */

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships";
const OF_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPES = "http://schemas.openxmlformats.org/package/2006/content-types";
const KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** The places of the formats in styles.xml. */
const BOLD = 1;
const TIME = 2;
const DATE = 3;
/** Day 0 of Excel's calendar, and the milliseconds of a day. */
const FIRST_DAY_MS = Date.UTC(1899, 11, 30);
const LONGEST_NAME = 31;

/**
 * @param {TableData[]} tables
 * @returns {Promise<Uint8Array>}
 */
export async function workbookOf(tables) {
    await import("../vendor/fflate/fflate.js");
    const { zipSync, strToU8 } = globalThis.fflate;
    const names = sheetNames(tables.map(({ title }) => title));
    /** @type {Record<string, string>} */
    const parts = {
        "[Content_Types].xml": contentTypes(tables.length),
        "_rels/.rels": relations([["officeDocument", "xl/workbook.xml"]]),
        "xl/workbook.xml": workbook(names),
        "xl/_rels/workbook.xml.rels": relations([
            ...names.map((_, index) => ["worksheet", `worksheets/sheet${index + 1}.xml`]),
            ["styles", "styles.xml"],
        ]),
        "xl/styles.xml": styles(),
    };
    for (const [index, table] of tables.entries()) {
        parts[`xl/worksheets/sheet${index + 1}.xml`] = sheet(table);
    }
    const files = Object.entries(parts).map(([name, text]) => [name, strToU8(HEAD + text)]);
    return zipSync(Object.fromEntries(files));
}

/** Excel's rules: at most 31 characters, none of these signs, no name twice. @param {string[]} titles */
function sheetNames(titles) {
    /** @type {string[]} */
    const names = [];
    for (const title of titles) {
        const plain = title.replaceAll(/[[\]:*?/\\']/g, " ").trim();
        let name = wholeWords(plain, LONGEST_NAME) || "Table";
        for (let number = 2; names.some((each) => each.toLowerCase() === name.toLowerCase()); ) {
            const ending = ` ${number}`;
            name = (wholeWords(plain, LONGEST_NAME - ending.length) || "Table") + ending;
            number += 1;
        }
        names.push(name);
    }
    return names;
}

/** The words of a text that have room, or a part of the first. @param {string} text @param {number} room */
export function wholeWords(text, room) {
    if (text.length <= room) return text;
    const end = text.lastIndexOf(" ", room);
    return text.slice(0, end > 0 ? end : room).replace(/[\s,:;–-]+$/, "");
}

/** @param {TableData} table */
function sheet({ columns, rows }) {
    const pane =
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" ' +
        'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
    const widths = columns
        .map(
            (_, index) =>
                `<col min="${index + 1}" max="${index + 1}" width="${widthOf(index, columns, rows)}" customWidth="1"/>`,
        )
        .join("");
    const head = `<row r="1">${columns.map((text, column) => cell(text, 0, column, BOLD)).join("")}</row>`;
    const body = rows.map((values, row) => {
        const cells = values.map((value, column) => cell(value, row + 1, column));
        return `<row r="${row + 2}">${cells.join("")}</row>`;
    });
    return (
        `<worksheet xmlns="${MAIN}">${pane}<cols>${widths}</cols>` +
        `<sheetData>${head}${body.join("")}</sheetData></worksheet>`
    );
}

/** @param {number} index @param {string[]} columns @param {ExportedValue[][]} rows */
function widthOf(index, columns, rows) {
    const isTime = rows.some((values) => values[index] instanceof Date);
    return Math.min(40, Math.max(10, columns[index].length + 2, isTime ? 20 : 0));
}

/** @param {ExportedValue} value @param {number} row @param {number} column @param {number} [style] */
function cell(value, row, column, style) {
    if (value === null) return "";
    const place = `r="${columnName(column)}${row + 1}"`;
    if (value instanceof Date) {
        const days = (value.getTime() + INDIA_OFFSET_MS - FIRST_DAY_MS) / DAY_MS;
        return `<c ${place} s="${TIME}"><v>${days}</v></c>`;
    }
    if (typeof value === "number") return `<c ${place}><v>${value}</v></c>`;
    if (typeof value === "object") {
        const day = dayOfExpiry(value.expiry);
        if (day === null) return cell(value.expiry, row, column);
        return `<c ${place} s="${DATE}"><v>${(day - FIRST_DAY_MS) / DAY_MS}</v></c>`;
    }
    const styled = style ? ` s="${style}"` : "";
    return `<c ${place}${styled} t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`;
}

/** @param {number} index @returns {string} A, B, …, Z, AA */
function columnName(index) {
    const letter = String.fromCharCode(65 + (index % 26));
    return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}

/** @param {string} text */
function escaped(text) {
    const plain = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return plain.replaceAll('"', "&quot;");
}

/** @param {number} sheets */
function contentTypes(sheets) {
    /** @param {string} part @param {string} kind */
    const override = (part, kind) =>
        `<Override PartName="/xl/${part}.xml" ContentType="${KIND}.${kind}+xml"/>`;
    const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
    return [
        `<Types xmlns="${TYPES}">`,
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
        override("workbook", "sheet.main"),
        override("styles", "styles"),
        ...numbers.map((number) => override(`worksheets/sheet${number}`, "worksheet")),
        "</Types>",
    ].join("");
}

/** @param {string[][]} targets kind and place of each */
function relations(targets) {
    const each = targets.map(
        ([kind, target], index) =>
            `<Relationship Id="rId${index + 1}" Type="${OF_DOCUMENT}/${kind}" Target="${target}"/>`,
    );
    return `<Relationships xmlns="${RELATIONS}">${each.join("")}</Relationships>`;
}

/** @param {string[]} names */
function workbook(names) {
    const sheets = names.map(
        (name, index) =>
            `<sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
    );
    return `<workbook xmlns="${MAIN}" xmlns:r="${OF_DOCUMENT}"><sheets>${sheets.join("")}</sheets></workbook>`;
}

/** Plain, bold, a time, and a date. */
function styles() {
    return [
        `<styleSheet xmlns="${MAIN}">`,
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/>',
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>',
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>',
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>',
        '<fills count="2"><fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill></fills>',
        '<borders count="1"><border/></borders>',
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>',
        '<cellXfs count="4"><xf xfId="0"/><xf fontId="1" applyFont="1" xfId="0"/>',
        '<xf numFmtId="164" applyNumberFormat="1" xfId="0"/>',
        '<xf numFmtId="165" applyNumberFormat="1" xfId="0"/></cellXfs>',
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
        "</styleSheet>",
    ].join("");
}
