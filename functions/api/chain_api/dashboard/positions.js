/** Where the open interest is, where it moves, and what price and open interest say together. */

import { BUILDUPS, DASH, brief, isNumber, number, strike } from "./format.js";

const PLACES = 3;

/** @param {any} figures of the API, null where there are none */
export function showPositions(figures) {
    const rows = [
        ...places("Largest OI", figures?.largest_oi, (each) => brief(each.open_interest)),
        ...places(
            "Fastest OI",
            figures?.fastest_oi,
            (each) => (each.change_in_oi > 0 ? "+" : "") + brief(each.change_in_oi),
        ),
        ...Object.entries(BUILDUPS).map(([name, label]) => [
            label,
            ...sides((side) => contracts(figures?.buildup?.[side]?.[name])),
        ]),
    ];
    const body = /** @type {HTMLTableElement} */ (document.getElementById("positions")).tBodies[0];
    if (body.rows.length !== rows.length) body.replaceChildren(...rows.map(emptyRow));
    rows.forEach((texts, at) =>
        texts.forEach((text, column) => writeCell(body.rows[at].cells[column], text)),
    );
}

function sides(text) {
    return [text("calls"), text("puts")];
}

function places(label, found, amount) {
    return Array.from({ length: PLACES }, (_, at) => [
        `${label} ${at + 1}`,
        ...sides((side) => {
            const each = found?.[side]?.[at];
            return each ? `${strike(each.strike_price)}  (${amount(each)})` : DASH;
        }),
    ]);
}

function contracts(count) {
    return isNumber(count) ? `${number(count)} ${count === 1 ? "contract" : "contracts"}` : DASH;
}

function emptyRow() {
    const row = document.createElement("tr");
    const head = row.appendChild(document.createElement("th"));
    head.scope = "row";
    row.append(document.createElement("td"), document.createElement("td"));
    return row;
}

function writeCell(cell, text) {
    if (cell.textContent !== text) cell.textContent = text;
}
