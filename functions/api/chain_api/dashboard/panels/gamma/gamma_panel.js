/** The panel of gamma exposure: by strike, at other prices, and the flip level. */

import { setText } from "../../browser/dom.js";
import { watchVisibility } from "../../browser/visibility.js";
import { addFigure } from "../../charts/figure.js";
import { getJson } from "../../requests/api.js";
import { chainPath } from "../../requests/snapshot.js";
import { formatNumber, formatSigned, formatTime, isNumber } from "../../words/format.js";
import { reasonText } from "../../words/reasons.js";
import { addChoiceBar, addKeptChoice } from "../kept_choice.js";
import { NumberTable } from "../number_table.js";
import { GAMMA_EXPIRY, GAMMA_WINDOW } from "../panel_choices.js";
import { strikesAround } from "../strike_window.js";
import { crorePart, gammaChart, profileChart } from "./gamma_charts.js";
import { distancePercent, gammaUnit } from "./gamma_unit.js";
import { describeGamma, describeProfile } from "./gamma_words.js";

/** @import { NumberRow } from "../number_table.js" */
/** @import { Panel, PanelHost, PanelView } from "../panel.d.ts" */
/** @import { GammaAnswer } from "../structure.d.ts" */

const GAMMA_TITLES = {
    byStrike: "Gamma exposure by strike",
    byPrice: "Net exposure if the price were another",
    sums: "Gamma exposure of all strikes",
};
const GAMMA_PARTS = /** @type {const} */ ([
    ["call", "Calls", "call"],
    ["put", "Puts", "put"],
    ["net", "Net: calls less puts", "first"],
]);
const GAMMA_LEGEND = GAMMA_PARTS.map(([, label, colourName]) => ({ label, colourName }));

/** @param {PanelHost} host @returns {Panel} */
export function openGamma({ body, askNow }) {
    const bar = addChoiceBar(body);
    const expiry = addKeptChoice(bar, GAMMA_EXPIRY, askNow);
    const size = addKeptChoice(bar, GAMMA_WINDOW, () => draw());
    const byStrike = addFigure(body, { title: GAMMA_TITLES.byStrike, legend: GAMMA_LEGEND });
    const byPrice = addFigure(body, { title: GAMMA_TITLES.byPrice });
    const charts = { strikes: gammaChart(byStrike), profile: profileChart(byPrice) };
    const table = new NumberTable(body, GAMMA_TITLES.sums, ["Sum", "Number", "Note"]);
    const note = body.appendChild(document.createElement("p"));
    note.className = "panel-note";
    const visibility = watchVisibility(body, askNow);
    /** @type {GammaAnswer | null} */
    let answer = null;
    let asked = "";
    let isAsked = true;

    function draw() {
        const unit = answer && gammaUnit(answer);
        // A file that is exported names the page's expiry, and these numbers may be of all of them.
        const of = answer && answer.expiry_date === null ? "All expiries, " : "";
        setText(byStrike.heading, of + GAMMA_TITLES.byStrike);
        setText(byPrice.heading, of + GAMMA_TITLES.byPrice);
        table.nameAs(of + GAMMA_TITLES.sums);
        for (const place of [byStrike, byPrice]) setText(place.unit, unit?.text ?? "");
        const time = answer ? `Of ${formatTime(answer.timestamp)} IST.` : "";
        const why = unit?.why ? `Not in rupees of the contracts: ${unit.why}.` : "";
        setText(note, [time, why].filter(Boolean).join(" "));
        table.show(answer ? rowsOfGamma(answer) : []);
        drawStrikes(answer);
        drawProfile(answer);
    }

    /** @param {GammaAnswer | null} found */
    function drawStrikes(found) {
        const ending = found ? gammaUnit(found).ending : "";
        const strikes = strikesAround(
            found?.strike_prices ?? [],
            found?.reference_price ?? null,
            size(),
        );
        const first = found?.strike_prices.indexOf(strikes[0]) ?? 0;
        const values = GAMMA_PARTS.map(([part]) => {
            const numbers = found?.[`${part}_gamma_exposure${ending}`] ?? [];
            return numbers.slice(first, first + strikes.length);
        });
        const [calls, puts, net] = values;
        // Puts point down: so both sides of a strike are one picture of what is net.
        const downwards = puts.map((value) => (isNumber(value) ? -value : null));
        charts.strikes.show(() => ({
            data: [strikes, calls, downwards, net],
            markers: markersOfGamma(found),
            description: describeGamma(found),
            isAsked,
        }));
    }

    /** @param {GammaAnswer | null} found */
    function drawProfile(found) {
        const ending = found ? gammaUnit(found).ending : "";
        const { prices, ...numbers } = found?.profile ?? {
            prices: [],
            net_gamma_exposure: [],
            net_gamma_exposure_rupees: [],
        };
        const values = numbers[`net_gamma_exposure${ending}`];
        charts.profile.show(() => ({
            data: [prices, values],
            markers: markersOfGamma(found),
            description: describeProfile(found),
            isAsked,
        }));
    }

    /** @param {boolean} isOfNothing there is nothing to ask for */
    function forget(isOfNothing) {
        answer = null;
        asked = "";
        isAsked = isOfNothing;
        draw();
    }

    return {
        show({ snapshot }) {
            const { chain } = snapshot;
            if (asked.startsWith(subjectOf(chain))) return;
            forget(false);
        },
        clear: () => forget(true),
        async fetch(view, signal) {
            const request = requestOf(view, expiry());
            if (request === asked || !visibility.isVisible()) return;
            const { chain } = view.snapshot;
            const path = `${chainPath(chain.symbol)}/analytics/gamma-exposure`;
            const parameters = {
                expiry: expiry() === "all" ? "all" : chain.expiry_date,
                as_of: chain.timestamp,
                iv_source: chain.model.iv_source,
            };
            const { body: found } = await getJson(path, parameters, { signal });
            answer = found;
            asked = request;
            isAsked = true;
            draw();
        },
        redraw() {
            for (const chart of Object.values(charts)) chart.redraw();
        },
        close() {
            visibility.close();
            for (const chart of Object.values(charts)) chart.remove();
        },
    };
}

/** @param {{symbol: string, expiry_date: string}} chain */
function subjectOf({ symbol, expiry_date }) {
    return `${symbol} ${expiry_date} `;
}

/** What the numbers of a view are those of. @param {PanelView} view @param {string} expiry */
function requestOf({ snapshot }, expiry) {
    const { chain } = snapshot;
    return subjectOf(chain) + [chain.timestamp, chain.model.iv_source, expiry].join(" ");
}

/** @param {GammaAnswer | null} answer */
function markersOfGamma(answer) {
    const { reference_price: price = null, flip_level: flip = null } = answer ?? {};
    return [
        { at: price, label: `Price ${formatNumber(price, 2)}`, colourName: "text" },
        { at: flip, label: `Flip ${formatNumber(flip, 2)}`, colourName: "second" },
    ];
}

/** @param {GammaAnswer} answer @returns {NumberRow[]} */
function rowsOfGamma(answer) {
    const { totals, reasons, flip_level: flip, reference_price: price } = answer;
    const { ending, text } = gammaUnit(answer);
    const why = reasonText(reasons.gamma_exposure);
    const sums = GAMMA_PARTS.map(([part, label]) => {
        const value = totals[`${part}_gamma_exposure${ending}`];
        const number = { text: crorePart(value), value, title: formatNumber(value, 2) };
        return {
            name: label,
            cells: [number, { text: why || text, value: null, isOfWords: true }],
        };
    });
    const distance = distancePercent(flip, price);
    const away = isNumber(distance)
        ? `${formatSigned(distance, 2)} % from the price`
        : reasonText(reasons.flip_level);
    const { unpriced_legs: unpriced } = answer;
    return [
        ...sums,
        {
            name: "Flip level",
            cells: [
                { text: formatNumber(flip, 2), value: flip },
                { text: away, value: distance, isOfWords: true },
            ],
        },
        {
            name: "Contracts without a volatility",
            cells: [
                { text: formatNumber(unpriced), value: unpriced },
                { text: "in no sum", value: null, isOfWords: true },
            ],
        },
    ];
}
