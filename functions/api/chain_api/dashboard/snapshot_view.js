/**
 * All that shows a snapshot: tiles, chain, charts, positions. They change together, in one task of
 * the browser.
 */

import { CellCursor } from "./cell_cursor.js";
import { ChainTable } from "./chain_table.js";
import { setUpColumnPanel } from "./column_panel.js";
import { shownColumns } from "./columns.js";
import { DayCharts } from "./day_charts.js";
import { elementById } from "./dom.js";
import { formatNumber, lossText } from "./format.js";
import { readSetting, writeSetting } from "./local_storage.js";
import { openByButton } from "./panel.js";
import { IN_LOTS, scaledRows, scaleOf, setUpUnitChoice } from "./position_unit.js";
import { showPositions } from "./positions.js";
import { provenanceText, showProvenance } from "./provenance.js";
import { atmStrikeOf, referencePriceOf } from "./reference.js";
import { StrikeCharts } from "./strike_charts.js";
import { setUpTheme } from "./theme.js";
import { showTiles } from "./tiles.js";

/** @import { Column } from "./columns.js" */
/** @import { DayRecord } from "./day_history.js" */
/** @import { Snapshot } from "./snapshot.js" */

const WIDE_SCREEN_PX = 1440;
const MOST_MEASURES = 1000;

export class SnapshotView {
    /** @param {(timestamp: string) => void} onTime a time of the day was clicked in a chart */
    constructor(onTime) {
        const table = elementById("chain", HTMLTableElement);
        this.table = new ChainTable(table, elementById("chain-scroller", HTMLElement));
        this.cursor = new CellCursor(
            table,
            this.table.scroller,
            elementById("cell-note", HTMLElement),
        );
        this.strikeCharts = new StrikeCharts();
        this.dayCharts = new DayCharts(onTime);
        this.strikeWindow = elementById("window", HTMLSelectElement);
        this.strikeWindow.value =
            readSetting("window") ?? (innerWidth >= WIDE_SCREEN_PX ? "20" : "10");
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** The unit of open interest and volume. */
        this.scale = IN_LOTS;
        /** Symbol and expiry whose strike at the money was brought into sight. */
        this.centred = "";
        this.updateColumns();
        showPositions(null, IN_LOTS);
        this.listen();
    }

    listen() {
        setUpColumnPanel(
            () => this.table.columns,
            () => this.updateColumns(),
        );
        new ResizeObserver(() => this.updateColumns()).observe(this.table.scroller);
        elementById("to-atm", HTMLElement).addEventListener("click", () => this.table.centre());
        this.strikeWindow.addEventListener("change", () => {
            writeSetting("window", this.strikeWindow.value);
            if (this.snapshot) this.showStrikes(this.snapshot);
        });
        setUpUnitChoice(() => this.snapshot && this.showPositions(this.snapshot));
        openByButton(
            elementById("legend-panel", HTMLElement),
            elementById("legend", HTMLButtonElement),
        );
        setUpTheme(() => {
            this.strikeCharts.redraw();
            this.dayCharts.redraw();
        });
    }

    updateColumns() {
        const columns = shownColumns(this.table.scroller.clientWidth);
        /** @param {Column[]} list */
        const names = (list) => list.map((column) => column.name).join();
        if (names(columns) === names(this.table.columns)) return;
        this.table.setColumns(columns);
        this.table.centre();
    }

    /** @param {Snapshot} snapshot @param {DayRecord[]} records of its day */
    show(snapshot, records) {
        const startedAt = performance.now();
        const { chain } = snapshot;
        this.snapshot = snapshot;
        showTiles(snapshot);
        this.showPositions(snapshot);
        this.showHistory(records);
        showTitles(snapshot);
        this.centreOnce(`${chain.symbol} ${chain.expiry_date}`);
        // The charts draw in microtasks of their own, which come before this one.
        queueMicrotask(() => measureRender(startedAt));
    }

    /** Show what is in the chosen unit, and what stands beside it. @param {Snapshot} snapshot */
    showPositions(snapshot) {
        this.scale = scaleOf(snapshot);
        const rows = scaledRows(snapshot.chain.rows, this.scale);
        showPositions(snapshot.analytics, this.scale);
        const { unit } = this.scale;
        this.table.show(rows, referencePriceOf(snapshot), atmStrikeOf(snapshot), unit);
        this.cursor.showNote();
        this.showStrikes(snapshot);
    }

    /** @param {Snapshot} snapshot */
    showStrikes(snapshot) {
        this.strikeCharts.show(
            snapshot,
            { atmStrike: atmStrikeOf(snapshot), size: this.strikeWindow.value },
            this.scale,
        );
    }

    /** @param {DayRecord[]} records */
    showHistory(records) {
        const { at, chain } = this.snapshot ?? {};
        this.dayCharts.show(records, at ? (chain?.timestamp ?? null) : null);
    }

    /** Show no number at all: there are none of what is selected. */
    clear() {
        if (!this.snapshot) return;
        this.snapshot = null;
        this.centred = "";
        showTiles(null);
        showPositions(null, IN_LOTS);
        this.table.show([], null, null, "lots");
        this.strikeCharts.show(null, { atmStrike: null, size: "all" }, IN_LOTS);
        this.dayCharts.show([], null);
        document.body.dataset.timestamp = "";
        elementById("chain-note", HTMLElement).textContent = "";
    }

    /**
     * Bring the strike at the money into sight once: after that the user scrolls.
     * @param {string} subject
     */
    centreOnce(subject) {
        if (subject === this.centred) return;
        this.centred = subject;
        this.table.centre();
    }
}

/** @param {Snapshot} snapshot */
function showTitles({ chain, analytics }) {
    const spot = formatNumber(chain.underlying_value, 2);
    document.body.dataset.timestamp = chain.timestamp;
    document.title = `${chain.symbol} ${spot} · option chain`;
    elementById("chain-title", HTMLElement).textContent = `${chain.symbol} ${chain.expiry_date}`;
    const counts = `${chain.total_calls} calls, ${chain.total_puts} puts`;
    const added = analytics?.newly_listed ? `${formatNumber(analytics.newly_listed)} new` : "";
    const parts = [counts, added, provenanceText(chain), lossText(analytics?.legs_missing)];
    const note = parts.filter(Boolean).join(" · ");
    elementById("chain-note", HTMLElement).textContent = note;
    showProvenance(chain);
}

/**
 * Keep how long an update took, for whoever measures the page.
 * @param {number} startedAt by performance.now()
 */
function measureRender(startedAt) {
    const entries = performance.getEntriesByName("render");
    if (entries.length >= MOST_MEASURES) performance.clearMeasures("render");
    performance.measure("render", { start: startedAt, end: performance.now() });
}
