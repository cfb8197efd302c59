/** What follows from the legs of a strategy: figures, payoff, profits by price, and the day. */

import { setText } from "../../browser/dom.js";
import { DayChart } from "../../charts/day_chart.js";
import { addFigure } from "../../charts/figure.js";
import { TIMES_UNIT } from "../../charts/time_span.js";
import { knownBy } from "../../requests/known_by.js";
import { formatNumber } from "../../words/format.js";
import { PayoffChart } from "./payoff_chart.js";
import { ProfitTable } from "./profit_table.js";
import { addChild } from "./strategy_elements.js";
import { StrategyFigures } from "./strategy_figures.js";
import { unitText } from "./strategy_tools.js";
import { SuppositionControls } from "./supposition.js";

/** @import { DayLine } from "../../charts/day_lines.js" */
/** @import { Marker } from "../../charts/chart_markers.js" */
/** @import { StrategyMarket } from "./strategy_market.js" */
/** @import { StrategyMinute } from "./strategy_day.js" */
/** @import { StrategyNumbers } from "./strategy_numbers.js" */
/** @import { StrategyUnit } from "./strategy_position.js" */

/** @type {DayLine<StrategyMinute>[]} */
const LINES = [{ read: (minute) => minute.value, label: "Value", digits: 2, colourName: "first" }];
const UNKNOWN_DAY = "No value through the day is known: no minute has prices of all legs.";
const UNKNOWN_YET = "No value is known by then: no minute before has prices of all legs.";

export class StrategyResults {
    /**
     * @param {HTMLElement} place
     * @param {{onSuppose: () => void, onTime: (minute: string) => void}} callbacks
     */
    constructor(place, { onSuppose, onTime }) {
        this.box = addChild(place, "div", { className: "strategy-results" });
        this.missing = addChild(this.box, "p", { className: "strategy-note" });
        this.missing.role = "status";
        this.figures = new StrategyFigures(this.box);
        this.supposition = new SuppositionControls(this.box, onSuppose);
        this.payoff = new PayoffChart(this.box);
        const scroller = addChild(this.box, "div", {
            className: "strategy-scroller",
            label: "Profit and loss by price",
        });
        scroller.role = "group";
        scroller.tabIndex = 0;
        this.profits = new ProfitTable(scroller);
        const day = addFigure(this.box, {
            title: "Value through the day",
            unit: " ",
            legend: [{ label: "last prices", colourName: "first" }],
        });
        this.dayFigure = day.figure;
        this.dayNote = addChild(this.box, "p", { className: "strategy-note" });
        this.dayUnit = day.figure.querySelector(".unit");
        this.dayChart = new DayChart(day, LINES, onTime);
        this.hide();
    }

    get supposed() {
        return this.supposition.value;
    }

    /** @param {StrategyNumbers} numbers @param {StrategyMarket} market @param {number[]} strikes of the first expiry */
    show(numbers, market, strikes) {
        this.box.hidden = false;
        setText(this.missing, missingText(numbers));
        this.figures.show(numbers);
        this.supposition.show(numbers);
        this.payoff.show(numbers, payoffMarkers(numbers, market), unitText(numbers.unit));
        this.profits.show(numbers, strikes, unitText(numbers.unit));
    }

    /** @param {StrategyMinute[]} minutes @param {string | null} at @param {StrategyUnit} unit */
    showDay(minutes, at, unit) {
        const isKnown = knownBy(minutes, at).some(({ value }) => value !== null);
        this.dayFigure.hidden = !isKnown;
        setText(this.dayNote, isKnown ? "" : at ? UNKNOWN_YET : UNKNOWN_DAY);
        if (this.dayUnit) setText(this.dayUnit, `${unitText(unit)}, ${TIMES_UNIT}`);
        this.dayChart.show(minutes, at);
    }

    hide() {
        this.box.hidden = true;
    }

    redraw() {
        this.payoff.redraw();
        this.dayChart.redraw();
    }

    remove() {
        this.payoff.remove();
        this.dayChart.remove();
    }
}

/** What of the legs is not known, and what follows from that. @param {StrategyNumbers} numbers */
function missingText({ position: { atExpiry, before, model } }) {
    const parts = [
        atExpiry && `No profit or loss is known. ${atExpiry}.`,
        !atExpiry && before && `Only the payoff at the expiry is known. ${before}.`,
        atExpiry && model && model !== atExpiry && `There are no Greeks. ${model}.`,
    ];
    return parts.filter(Boolean).join(" ");
}

/** The forward and, unless it stands still, the spot. @param {StrategyNumbers} numbers @param {StrategyMarket} market @returns {Marker[]} */
function payoffMarkers({ position: { forward } }, { expiries, shownExpiry }) {
    const chain = expiries[shownExpiry]?.chain;
    const spot = chain?.frozen ? null : (chain?.underlying_value ?? null);
    /** @type {Marker[]} */
    const markers = [{ at: spot, label: `Spot ${formatNumber(spot, 2)}`, colourName: "text" }];
    if (Number.isFinite(forward)) {
        const label = `Forward ${formatNumber(forward, 2)}`;
        markers.push({ at: forward, label, colourName: "first" });
    }
    return markers;
}
