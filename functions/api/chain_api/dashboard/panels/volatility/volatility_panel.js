/** The panel of volatility: smiles of all expiries, the term structure, rank and percentile. */

import { setText } from "../../browser/dom.js";
import { watchVisibility } from "../../browser/visibility.js";
import { cutOfSmile } from "../../charts/chart_ranges.js";
import { addFigure } from "../../charts/figure.js";
import { getJson } from "../../requests/api.js";
import { chainPath } from "../../requests/snapshot.js";
import { formatNumber, formatTime, isNumber } from "../../words/format.js";
import { senderText } from "../../words/provenance.js";
import { addChoiceBar, addKeptChoice } from "../kept_choice.js";
import { NumberTable } from "../number_table.js";
import { SMILE_AXIS } from "../panel_choices.js";
import { MOST_SMILES, smileLines } from "./smile_lines.js";
import { rowsOfStanding, rowsOfTerms, TERM_HEADS } from "./term_rows.js";
import { SMILE_COLOURS, smilesChart, termChart } from "./volatility_charts.js";

/** @import { Panel, PanelHost, PanelView } from "../panel.d.ts" */
/** @import { IvRank, SmileRecord, TermRecord } from "../structure.d.ts" */

const VOLATILITY_LINES = [
    { name: "atm_iv", label: "ATM IV %", colourName: "first" },
    { name: "straddle_price", label: "Straddle", colourName: "second" },
];
/**
 * The smiles that are drawn, of so many `expiries`; `about` says what they are.
 * @typedef {{smiles: SmileRecord[], expiries: number, about: string, terms: TermRecord[],
 *     standing: IvRank | null}} FoundVolatility
 */
/** @type {FoundVolatility} */
const NOTHING_FOUND = { smiles: [], expiries: 0, about: "", terms: [], standing: null };
const FORWARD_LINES = [{ name: "forward", label: "Forward", colourName: "text" }];

/** @param {PanelHost} host @returns {Panel} */
export function openVolatility({ body, askNow }) {
    const bar = addChoiceBar(body);
    const axisName = addKeptChoice(bar, SMILE_AXIS, () => draw());
    /** @type {FoundVolatility} */
    let found = NOTHING_FOUND;
    const smilePlace = addFigure(body, { title: "Smiles of the expiries" });
    const legend = smilePlace.figure.appendChild(document.createElement("p"));
    legend.className = "heat-scale lines";
    legend.ariaHidden = "true";
    const ivPlace = addFigure(body, { title: "Term structure", legend: VOLATILITY_LINES });
    const forwardPlace = addFigure(body, { title: "Forwards", legend: FORWARD_LINES });
    const names = () => found.smiles.map((each) => each.expiry_date);
    const smiles = smilesChart(smilePlace, axisName, names);
    const terms = termChart(ivPlace, VOLATILITY_LINES, () => found.terms);
    const forwards = termChart(forwardPlace, FORWARD_LINES, () => found.terms);
    const standing = new NumberTable(body, "Volatility among the recorded days", [
        "Measure",
        "Number",
        "Note",
    ]);
    const table = new NumberTable(body, "Expiries", TERM_HEADS);
    const visibility = watchVisibility(body, askNow);
    let asked = "";
    let isAsked = true;

    function draw() {
        const lines = smileLines(found.smiles, axisName());
        setText(smilePlace.unit, unitOfSmiles(found, lines.slice(1)));
        // The chart has lines for as many expiries as can be told apart.
        while (lines.length <= MOST_SMILES) lines.push(lines[0].map(() => null));
        const { smiles: known, terms: expiries } = found;
        smiles.show(() => ({
            data: /** @type {uPlot.AlignedData} */ (lines),
            markers: [],
            description: describeSmiles(known),
            isAsked,
        }));
        // Another symbol may have fewer expiries: its export has none of those before.
        for (const [rank, series] of smiles.plot.series.slice(1).entries()) {
            series.label = names()[rank] ?? "";
        }
        showLegend(legend, names());
        const days = expiries.map((each) => each.days_to_expiry);
        for (const [chart, shown] of /** @type {const} */ ([
            [terms, VOLATILITY_LINES],
            [forwards, FORWARD_LINES],
        ])) {
            chart.show(() => ({
                data: [days, ...shown.map(({ name }) => numbersOf(expiries, name))],
                markers: [],
                description: describeTerms(expiries, shown),
                isAsked,
            }));
        }
        standing.show(rowsOfStanding(found.standing));
        table.show(rowsOfTerms(found.terms));
    }

    /** @param {boolean} isOfNothing there is nothing to ask for */
    function forget(isOfNothing) {
        found = NOTHING_FOUND;
        asked = "";
        isAsked = isOfNothing;
        for (const place of [ivPlace, forwardPlace]) setText(place.unit, "");
        draw();
    }

    return {
        show({ snapshot }) {
            if (!asked.startsWith(`${snapshot.chain.symbol} `)) forget(false);
        },
        clear: () => forget(true),
        async fetch(view, signal) {
            const request = requestOfSurface(view);
            if (request === asked || !visibility.isVisible()) return;
            found = await fetchAll(view, signal);
            asked = request;
            isAsked = true;
            const { chain } = view.snapshot;
            const time = `${formatTime(chain.timestamp)} IST`;
            setText(ivPlace.unit, `by days to the expiry, from prices, ${time}`);
            setText(forwardPlace.unit, `by days to the expiry, ${time}`);
            draw();
        },
        redraw() {
            for (const chart of [smiles, terms, forwards]) chart.redraw();
        },
        close() {
            visibility.close();
            for (const chart of [smiles, terms, forwards]) chart.remove();
        },
    };
}

/** @param {PanelView} view */
function requestOfSurface({ snapshot }) {
    const { symbol, timestamp, model } = snapshot.chain;
    return [symbol, timestamp, model.iv_source].join(" ");
}

/** @param {PanelView} view @param {AbortSignal} signal */
async function fetchAll({ snapshot }, signal) {
    const { chain } = snapshot;
    const folder = `${chainPath(chain.symbol)}/analytics/`;
    const as_of = chain.timestamp;
    const [surface, terms, standing] = await Promise.all([
        getJson(`${folder}surface`, { as_of, iv_source: chain.model.iv_source }, { signal }),
        getJson(`${folder}term-structure`, { as_of }, { signal }),
        getJson(`${folder}iv-rank`, { as_of }, { signal }),
    ]);
    const kind = chain.model.iv_source === "price" ? "from prices" : senderText(chain);
    return {
        smiles: surface.body.records.slice(0, MOST_SMILES),
        expiries: surface.body.records.length,
        about: `${kind}, out of the money, ${formatTime(as_of)} IST`,
        terms: terms.body.records,
        standing: standing.body,
    };
}

/**
 * What the smiles are, and what of them is not drawn.
 * @param {FoundVolatility} found @param {(number | null)[][]} lines
 */
function unitOfSmiles({ smiles, expiries, about }, lines) {
    if (!about) return "";
    const cut = cutOfSmile(lines);
    const parts = [
        `% a year, ${about}`,
        smiles.length < expiries ? `${smiles.length} of ${expiries} expiries` : "",
        cut ? `cut at ${formatNumber(cut.end)} %, highest ${formatNumber(cut.highest)} %` : "",
    ];
    return parts.filter(Boolean).join("; ");
}

/** @param {TermRecord[]} records @param {string} name @returns {(number | null)[]} */
function numbersOf(records, name) {
    return records.map((record) => {
        const value = record[name];
        return isNumber(value) ? value : null;
    });
}

/** @param {HTMLElement} legend @param {string[]} expiries */
function showLegend(legend, expiries) {
    const wanted = expiries.join(" ");
    if (legend.dataset.expiries === wanted) return;
    legend.dataset.expiries = wanted;
    legend.replaceChildren();
    for (const [rank, name] of expiries.entries()) {
        const entry = legend.appendChild(document.createElement("span"));
        const mark = entry.appendChild(document.createElement("b"));
        mark.className = rank % 2 ? "dashed" : "";
        mark.style.setProperty("--tint", `var(--${SMILE_COLOURS[rank]})`);
        entry.append(name);
    }
}

/** @param {SmileRecord[]} smiles */
function describeSmiles(smiles) {
    const texts = smiles.map(({ expiry_date: expiry, iv }) => {
        const known = iv.filter(isNumber);
        if (!known.length) return `${expiry}: no volatility is known.`;
        const range = `${formatNumber(Math.min(...known), 2)} to ${formatNumber(Math.max(...known), 2)}`;
        return `${expiry}: ${range} %.`;
    });
    return texts.join(" ") || "No smile is known.";
}

/** @param {TermRecord[]} records @param {{name: string, label: string}[]} lines */
function describeTerms(records, lines) {
    const texts = records.map((record) => {
        const values = lines.map(({ name, label }) => `${label} ${formatNumber(record[name], 2)}`);
        return `${record.expiry_date}: ${values.join(", ")}.`;
    });
    return texts.join(" ") || "No expiry is known.";
}
