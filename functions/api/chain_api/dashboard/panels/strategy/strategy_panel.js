/** The panel of a strategy: its legs, its payoff at the expiry and before, its Greeks, its day. */

import { setText } from "../../browser/dom.js";
import { addressOfGaps } from "../../requests/day_ledger.js";
import { addressesOf } from "../../requests/snapshot.js";
import { LegCandles } from "./leg_candles.js";
import { LegsTable } from "./legs_table.js";
import { ListedExpiries } from "./listed_expiries.js";
import { isOver, pricedLegs } from "./priced_legs.js";
import { addChild } from "./strategy_elements.js";
import { formatLegs, MOST_LEGS, parseLegs } from "./strategy_legs.js";
import { StrategyChains } from "./strategy_market.js";
import { noteOfStrategy } from "./strategy_note.js";
import { strategyNumbers } from "./strategy_numbers.js";
import { reasonAgainst } from "./strategy_position.js";
import { StrategyResults } from "./strategy_results.js";
import { CALENDAR, legsOfTemplate } from "./strategy_templates.js";
import { StrategyTools } from "./strategy_tools.js";

/** @import { Chain } from "../../api_types.d.ts" */
/** @import { Panel, PanelHost, PanelView } from "../panel.d.ts" */
/** @import { PricedLeg } from "./priced_legs.js" */
/** @import { StrategyLeg } from "./strategy_legs.js" */
/** @import { StrategyMarket } from "./strategy_market.js" */
/** @import { StrategyUnit } from "./strategy_position.js" */

/** @param {PanelHost} host @returns {Panel} */
export function openStrategy(host) {
    return new StrategyPanel(host);
}

/** @implements {Panel} */
class StrategyPanel {
    /** @param {PanelHost} host */
    constructor(host) {
        this.host = host;
        this.chains = new StrategyChains();
        this.listed = new ListedExpiries();
        this.candles = new LegCandles();
        /** @type {PanelView | null} */
        this.view = null;
        /** @type {StrategyLeg[]} */
        this.legs = [];
        /** @type {PricedLeg[]} */
        this.priced = [];
        /** @type {StrategyMarket | null} */
        this.market = null;
        /** @type {StrategyUnit} */
        this.unit = "points";
        /** What the legs were read from, and the expiry of those that name none. */
        this.subject = "";
        /** What the chart of the day was drawn of. */
        this.drawnDay = "";
        /** What could not be done. */
        this.remark = "";
        this.awaitsCalendar = false;
        const place = addChild(host.body, "div", { className: "strategy" });
        this.tools = new StrategyTools(place, {
            onTemplate: (name) => this.applyTemplate(name),
            onAdd: () => this.addLeg(),
            onKeepPrices: () => this.keepPrices(),
            onClear: () => this.choose([]),
            onUnit: () => this.draw(),
        });
        this.table = new LegsTable(place, (legs) => this.choose(legs), this.tools.addLeg);
        this.remarkLine = addChild(place, "p", { className: "strategy-note strategy-remark" });
        this.remarkLine.role = "status";
        this.note = addChild(place, "p", { className: "strategy-note strategy-times" });
        this.results = new StrategyResults(place, {
            onSuppose: () => this.drawNumbers(),
            onTime: (minute) => this.goToMinute(minute),
        });
    }

    /** @param {PanelView} view */
    show(view) {
        this.view = view;
        const { symbol, timestamp } = view.snapshot.chain;
        this.chains.begin(view.snapshot);
        this.candles.begin(symbol, timestamp);
        this.readLegs(view);
        this.draw();
    }

    /** Read the legs again where they, or the expiry that is shown, have changed. @param {PanelView} view */
    readLegs({ choice, snapshot: { chain } }) {
        const subject = `${choice} ${chain.expiry_date}`;
        if (subject === this.subject) return;
        this.subject = subject;
        const { legs, refused } = parseLegs(choice);
        this.legs = legs.map((leg) => ({ ...leg, expiry: leg.expiry ?? chain.expiry_date }));
        this.remark = refused.length ? `Not understood and left out: ${refused.join(", ")}.` : "";
    }

    /** @returns {Set<string>} the expiries of the legs that are not over */
    neededExpiries() {
        const { chain } = this.view?.snapshot ?? {};
        if (!chain) return new Set();
        const expiries = this.legs.map((leg) => leg.expiry ?? "");
        return new Set(expiries.filter((expiry) => !isOver(expiry, chain.timestamp)));
    }

    draw() {
        const { legs } = this;
        const needed = this.neededExpiries();
        this.market = this.chains.marketFor(needed);
        this.priced = pricedLegs(legs, this.market);
        this.table.show(this.priced, this.listed.dates);
        const follows = this.priced.some(
            ({ leg, entry }) => leg.price === null && entry.value !== null,
        );
        this.tools.show(legs.length, legs.length >= MOST_LEGS, follows);
        this.unit = this.tools.unitOf({
            points: reasonAgainst(this.priced, "points"),
            rupees: reasonAgainst(this.priced, "rupees"),
        });
        setText(this.remarkLine, this.remark);
        const note = noteOfStrategy(legs.length, [...needed], this.market, chainHasQuotes());
        setText(this.note, note);
        this.drawNumbers();
        this.drawDay();
    }

    drawNumbers() {
        const { market, priced, unit } = this;
        if (!market || !priced.length) {
            this.results.hide();
            return;
        }
        const numbers = strategyNumbers(priced, market, unit, this.results.supposed);
        const first = priced.find(({ expiry }) => expiry === numbers.position.firstExpiry);
        this.results.show(numbers, market, first?.strikes ?? []);
    }

    drawDay() {
        const { snapshot } = this.view ?? {};
        const at = snapshot?.at ? snapshot.chain.timestamp : null;
        const lots = this.priced.map(({ lotSize }) => lotSize.value);
        const drawn = JSON.stringify([this.legs, lots, this.unit, at, this.candles.version]);
        // Most snapshots change nothing of it.
        if (drawn === this.drawnDay) return;
        this.drawnDay = drawn;
        const worth = this.candles.worthOf(this.priced, this.unit === "rupees");
        this.results.showDay(worth, at, this.unit);
    }

    /** @param {StrategyLeg[]} legs */
    choose(legs) {
        this.host.choose(formatLegs(legs));
    }

    addLeg() {
        const snapshot = this.view?.snapshot;
        const found = snapshot && legsOfTemplate("Long straddle", snapshot, null);
        if (found) this.choose([...this.table.legs, found[0]]);
        else this.refuse("The chain has no strike at the money.");
    }

    keepPrices() {
        this.choose(
            this.table.legs.map((leg, index) => ({
                ...leg,
                price: this.priced[index].entry.value,
            })),
        );
    }

    /** @param {string} name */
    applyTemplate(name) {
        if (!this.view) return;
        this.awaitsCalendar = name === CALENDAR;
        if (this.awaitsCalendar) this.host.askNow();
        else this.useTemplate(name, null);
    }

    /** @param {string} name @param {Chain | null} next */
    useTemplate(name, next) {
        const legs = this.view && legsOfTemplate(name, this.view.snapshot, next);
        if (legs) this.choose(legs);
        else this.refuse(`This chain has not the strikes or the expiries for: ${name}.`);
    }

    /** @param {string} remark */
    refuse(remark) {
        this.remark = remark;
        this.draw();
    }

    /** The chain of the end of a minute. @param {string} minute */
    goToMinute(minute) {
        const end = Date.parse(minute) + 60000;
        const found = this.view?.records.findLast(({ timestamp }) => Date.parse(timestamp) < end);
        this.host.goTo(found?.timestamp ?? minute);
    }

    /** @param {PanelView} view @param {AbortSignal} signal */
    async fetch({ snapshot }, signal) {
        const { symbol, timestamp } = snapshot.chain;
        if (await this.listed.refresh(snapshot, signal)) this.draw();
        if (await this.chains.fetch(this.neededExpiries(), this.listed.dates, signal)) this.draw();
        if (this.awaitsCalendar) await this.useCalendar(snapshot.chain.expiry_date, signal);
        if (!this.priced.length) return;
        if (await this.candles.refresh(symbol, timestamp, this.priced, signal)) this.drawDay();
    }

    /** @param {string} shownExpiry @param {AbortSignal} signal */
    async useCalendar(shownExpiry, signal) {
        const next = this.listed.after(shownExpiry);
        if (next) await this.chains.fetch([next], this.listed.dates, signal);
        this.awaitsCalendar = false;
        const found = next ? this.chains.current?.expiries[next] : null;
        this.useTemplate(CALENDAR, found?.chain ?? null);
    }

    clear() {
        this.view = null;
        this.chains.clear();
        this.priced = [];
        this.market = null;
        this.table.show([], []);
        this.results.hide();
    }

    /** The chain of the page and those of the legs, and the day of each leg. */
    addresses() {
        const { market, priced, view } = this;
        if (!view || !market) return [];
        const { shownExpiry, expiries } = market;
        const needed = [...new Set([shownExpiry, ...this.neededExpiries()])];
        const chains = needed.flatMap((expiry) => {
            const chain = expiries[expiry]?.chain;
            return chain ? addressesOf({ chain }) : [];
        });
        const legs = this.candles.addressesOf(view.snapshot, priced);
        return [...chains, ...legs, ...(legs.length ? [addressOfGaps(view.snapshot)] : [])];
    }

    redraw() {
        this.results.redraw();
    }

    close() {
        this.results.remove();
    }
}

/** Whether the chain shows the columns in which a click buys or sells. */
function chainHasQuotes() {
    return ["bid_price", "ask_price"].every((name) =>
        document.querySelector(`#chain thead [data-name="${name}"]`),
    );
}
