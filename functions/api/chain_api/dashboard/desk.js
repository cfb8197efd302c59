/** All that shows a picture: tiles, chain, charts, slider. Everything at once, and each only where it changed. */

import { ChainTable } from "./chain_table.js";
import { columnPanel } from "./column_panel.js";
import { chosenColumns } from "./columns.js";
import { DayCharts } from "./day_charts.js";
import { isNumber, number, time } from "./format.js";
import { showPositions } from "./positions.js";
import { recall, remember } from "./remembered.js";
import { StrikeCharts } from "./strike_charts.js";
import { theme } from "./theme.js";
import { showTiles } from "./tiles.js";

const NOTHING = { underlying_value: null, rows: [] };
const MEASURES_KEPT = 1000;

export class Desk {
    /** @param {(timestamp: string) => void} moment is told which moment of the day was chosen in a chart */
    constructor(moment) {
        const scroller = document.getElementById("chain-scroller");
        this.table = new ChainTable(document.querySelector("#chain"), scroller);
        this.strikes = new StrikeCharts();
        this.day = new DayCharts(moment);
        this.reach = /** @type {HTMLSelectElement} */ (document.getElementById("window"));
        this.reach.value = recall("window") ?? (innerWidth >= 1440 ? "20" : "10");
        this.picture = null;
        this.centred = "";
        this.setColumns();
        showPositions(null);
        this.listen();
    }

    listen() {
        const [button, panel] = ["columns", "column-panel"].map((id) => document.getElementById(id));
        columnPanel(
            button,
            panel,
            () => this.table.columns,
            () => this.setColumns(),
        );
        new ResizeObserver(() => this.setColumns()).observe(this.table.scroller);
        document.getElementById("to-atm").addEventListener("click", () => this.table.centre());
        this.reach.addEventListener("change", () => {
            remember("window", this.reach.value);
            if (this.picture) this.strikes.show(this.picture, atmOf(this.picture), this.reach.value);
        });
        theme(() => {
            this.strikes.redraw();
            this.day.redraw();
        });
    }

    setColumns() {
        const columns = chosenColumns(this.table.scroller.clientWidth);
        const names = (list) => list.map((column) => column.name).join();
        if (names(columns) === names(this.table.columns)) return;
        this.table.setColumns(columns);
        this.table.centre();
    }

    /** @param {import("./picture.js").Picture} picture @param {import("./day.js").Day} day */
    show(picture, day) {
        const start = performance.now();
        const { chain, at } = picture;
        const atm = atmOf(picture);
        this.picture = picture;
        showTiles(picture);
        showPositions(picture.figures);
        this.table.show(chain.rows, chain.underlying_value, atm);
        this.strikes.show(picture, atm, this.reach.value);
        this.day.show(day.moments, at);
        this.label(chain);
        this.centreOnce(`${chain.symbol} ${chain.expiry_date}`);
        // The charts draw in a microtask of their own, which comes before this one.
        queueMicrotask(() => measured(start));
    }

    /** More of the day is known. @param {import("./day.js").Day} day */
    showDay(day) {
        this.day.show(day.moments, this.picture?.at ?? null);
    }

    /** Nothing is known of what is asked for: no number of anything else stays. */
    clear() {
        if (!this.picture) return;
        const nothing = { chain: NOTHING, figures: null, at: null };
        this.picture = null;
        this.centred = "";
        showTiles(nothing);
        showPositions(null);
        this.table.show([], null, null);
        this.strikes.show(nothing, null, "all");
        this.day.show([], null);
        document.body.dataset.timestamp = document.getElementById("chain-note").textContent = "";
    }

    label(chain) {
        document.body.dataset.timestamp = chain.timestamp;
        document.title = `${chain.symbol} ${number(chain.underlying_value, 2)} · option chain`;
        const counts = `${chain.total_calls} calls, ${chain.total_puts} puts`;
        document.getElementById("chain-title").textContent = `${chain.symbol} ${chain.expiry_date}`;
        document.getElementById("chain-note").textContent =
            `${counts} · exchange's stamp ${time(chain.exchange_timestamp)}`;
    }

    centreOnce(view) {
        if (view === this.centred) return;
        this.centred = view;
        this.table.centre();
    }
}

/** The strike at the money, by the API or, where it has none, the one nearest to the spot. */
function atmOf({ chain, figures }) {
    if (isNumber(figures?.atm_strike)) return figures.atm_strike;
    const spot = chain.underlying_value;
    if (!isNumber(spot)) return null;
    const strikes = chain.rows.map((row) => row.strike_price);
    return strikes.reduce(
        (best, price) => (Math.abs(price - spot) < Math.abs(best - spot) ? price : best),
        strikes[0] ?? null,
    );
}

function measured(start) {
    if (performance.getEntriesByName("render").length >= MEASURES_KEPT) performance.clearMeasures("render");
    performance.measure("render", { start, end: performance.now() });
}
