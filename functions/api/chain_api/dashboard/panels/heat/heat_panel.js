/** The panel of the heat map: open interest by strike through the day. */

import { setText } from "../../browser/dom.js";
import { watchVisibility } from "../../browser/visibility.js";
import { addFigure } from "../../charts/figure.js";
import { TIMES_UNIT } from "../../charts/time_span.js";
import { DAY_UNIT_NAMES, IN_LOTS, UNIT_NAMES } from "../../figures/position_unit.js";
import {
    formatCrore,
    formatNumber,
    formatSigned,
    formatSignedCrore,
    formatStrike,
    formatTime,
} from "../../words/format.js";
import { referencePriceOf } from "../../words/reference.js";
import { addChoiceBar, addKeptChoice } from "../kept_choice.js";
import { largestText } from "../largest_strikes.js";
import { chosenText, HEAT_KIND, HEAT_SIDE, HEAT_WINDOW } from "../panel_choices.js";
import { strikesAround } from "../strike_window.js";
import { HeatChart } from "./heat_chart.js";
import { heatValues, largestOfHeat, spansOfHeat, strikesOfHeat } from "./heat_grid.js";
import { addressOfInterest, InterestOfDay } from "./interest_of_day.js";

/** @import { InterestRecord } from "../structure.d.ts" */
/** @import { Scale } from "../../figures/position_unit.js" */
/** @import { Panel, PanelHost, PanelView } from "../panel.d.ts" */
/** @import { HeatMap } from "./heat_chart.js" */
/** @import { HeatChoice } from "./heat_grid.js" */

/** @param {PanelHost} host @returns {Panel} */
export function openHeat({ body, askNow }) {
    const bar = addChoiceBar(body);
    const side = addKeptChoice(bar, HEAT_SIDE, () => draw());
    const kind = addKeptChoice(bar, HEAT_KIND, () => draw());
    const size = addKeptChoice(bar, HEAT_WINDOW, () => draw());
    const place = addFigure(body, { title: "Open interest by strike and time" });
    place.container.classList.add("tall");
    const scaleBar = addScaleBar(place.figure);
    const interest = new InterestOfDay();
    const chart = new HeatChart(place, (column, row) =>
        readoutOfHeat(chart.map, column, row, format),
    );
    const visibility = watchVisibility(place.figure, askNow);
    /** @type {PanelView | null} */
    let view = null;
    let drawn = "";

    /** @param {number} value */
    const format = (value) => {
        const text = kind() === "change" ? formatSigned(value) : formatNumber(value);
        return `${text} ${UNIT_NAMES[(view?.scale ?? IN_LOTS).unit]}`;
    };

    function draw() {
        const { snapshot, scale } = view ?? { snapshot: null, scale: IN_LOTS };
        const at = snapshot?.at ? snapshot.chain.timestamp : null;
        const records = snapshot ? interest.recordsOf(snapshot) : [];
        const price = snapshot && referencePriceOf(snapshot);
        const strikes = strikesAround(strikesOfHeat(records), price, size());
        const choice = { side: side(), isChange: kind() === "change" };
        const values = heatValues(records, strikes, choice, scale.factor);
        const largest = largestOfHeat(values);
        const isSigned = choice.isChange || choice.side === "net";
        const above = isSigned ? "call" : choice.side === "puts" ? "put" : "call";
        /** @type {HeatMap} */
        const map = {
            records,
            spans: spansOfHeat(records, view?.records[0]?.timestamp ?? null),
            strikes,
            values,
            largest,
            above,
            below: isSigned ? "put" : above,
            name: nameOfHeat(choice, scale),
        };
        setText(place.unit, records.length ? unitOfHeat(records[0], choice.isChange, scale) : "");
        scaleBar.show(isSigned, above, largest);
        place.figure.dataset.shown = chosenText(HEAT_SIDE);
        const isAsked = !snapshot || interest.isRead;
        chart.show(map, interest.end, at, describeHeat(map, at, format), isAsked);
    }

    return {
        show(next) {
            const before = view;
            view = next;
            const { snapshot, scale } = next;
            interest.begin(snapshot.chain);
            // New numbers come with the next request; until then nothing of the map has changed.
            const first = next.records[0]?.timestamp;
            const shown = [interest.subject, snapshot.at, first, scale.unit, scale.factor].join();
            if (before && shown === drawn) return;
            drawn = shown;
            draw();
        },
        clear() {
            view = null;
            drawn = "";
            draw();
        },
        async fetch({ snapshot }, signal) {
            if (!visibility.isVisible()) return;
            if (await interest.refresh(snapshot.chain, signal)) draw();
        },
        addresses: () => (view ? [addressOfInterest(view.snapshot)] : []),
        redraw: () => chart.redraw(),
        close() {
            visibility.close();
            chart.remove();
        },
    };
}

/** What the numbers are. @param {HeatChoice} choice @param {Scale} scale */
function nameOfHeat({ isChange }, { unit }) {
    const label = chosenText(HEAT_SIDE);
    const since = isChange ? " since the opening" : "";
    return `${label}: ${isChange ? "change in open interest" : "open interest"}${since} (${UNIT_NAMES[unit]})`;
}

/** @param {InterestRecord} first @param {boolean} isChange @param {Scale} scale */
function unitOfHeat(first, isChange, { unit, why }) {
    const since = isChange ? ` since ${formatTime(first.snapshot_timestamp)} IST` : "";
    const instead = why ? `; ${why}` : "";
    return `${DAY_UNIT_NAMES[unit]}${since}, every 5 min, ${TIMES_UNIT}${instead}`;
}

/** @param {HeatMap} map @param {number} column @param {number} row @param {(value: number) => string} format */
function readoutOfHeat({ records, spans, strikes, values }, column, row, format) {
    const record = records[column];
    const strike = strikes[row];
    if (!record || strike === undefined) return "";
    const times = `${spans[column].map(formatTime).join("–")} IST`;
    const value = values[column][row];
    const number = value === null ? "no number" : format(value);
    const price = `price ${formatNumber(record.reference_price, 2)}`;
    return [times, formatStrike(strike), number, price].join("   ");
}

/**
 * In words: where the largest numbers are, of the newest interval or of a moment of the past.
 * @param {HeatMap} map @param {string | null} at @param {(value: number) => string} format
 */
function describeHeat({ spans, strikes, values }, at, format) {
    if (!spans.length) return "No open interest is known.";
    const ends = [spans[0][0], spans[spans.length - 1][1]].map(formatTime);
    const moment = at ? `at ${formatTime(at)} IST` : "in the last";
    const largest = largestText(strikes, values.at(-1) ?? [], format) || "none known";
    return `${spans.length} intervals from ${ends.join(" to ")} IST. Largest ${moment}: ${largest}.`;
}

/** The colours and the numbers at their ends. @param {HTMLElement} figure */
function addScaleBar(figure) {
    const scale = figure.appendChild(document.createElement("p"));
    scale.className = "heat-scale";
    const low = scale.appendChild(document.createElement("span"));
    const bar = scale.appendChild(document.createElement("i"));
    const high = scale.appendChild(document.createElement("span"));
    scale.append(" · a blank cell has no number · line: the price");
    return {
        /** @param {boolean} isSigned @param {string} above @param {number} largest */
        show(isSigned, above, largest) {
            bar.dataset.colours = isSigned ? "signed" : above;
            setText(low, isSigned ? formatCrore(-largest) : "0");
            setText(high, isSigned ? formatSignedCrore(largest) : formatCrore(largest));
        },
    };
}
