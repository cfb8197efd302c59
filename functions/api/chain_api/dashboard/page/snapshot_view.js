/**
 * All that shows a snapshot: tiles, chain, charts, positions. What is written in words and numbers
 * changes together, in one task of the browser; the charts are drawn right after it.
 */

import { LinkedChoice } from "../browser/address.js";
import { elementById } from "../browser/dom.js";
import { openByButton } from "../browser/popup.js";
import { CellCursor } from "../chain/cell_cursor.js";
import { takeRoom } from "../chain/chain_room.js";
import { ChainTable } from "../chain/chain_table.js";
import { shownColumns } from "../chain/column_choice.js";
import { setUpColumnPanel } from "../chain/column_panel.js";
import { pickedIn } from "../chain/picked_cell.js";
import { showWindowHeads } from "../chain/window_heads.js";
import { DayCharts } from "../charts/day_charts.js";
import { StrikeCharts } from "../charts/strike_charts.js";
import { addExportButton } from "../export/export_button.js";
import { showDaysToExpiry, showInterest, showRatioLine } from "../figures/day_tiles.js";
import { IN_LOTS, setUpUnitChoice } from "../figures/position_unit.js";
import { showPositions } from "../figures/positions.js";
import { pickedScale, scaledRows } from "../figures/snapshot_scale.js";
import { showTiles } from "../figures/tiles.js";
import { withChanges } from "../figures/window_changes.js";
import { Desk } from "../panels/desk.js";
import { addressesOfChain, addressesOfCharts } from "../requests/shown_addresses.js";
import { formatNumber, isoDay, lossText } from "../words/format.js";
import { provenanceText, showProvenance } from "../words/provenance.js";
import { atmStrikeOf, referencePriceOf } from "../words/reference.js";
import { subjectOf } from "../words/subject.js";
import { setUpTheme } from "./theme.js";

/** @import { DeskCallbacks } from "../panels/panel.d.ts" */
/** @import { Column } from "../chain/columns.js" */
/** @import { StrikeRow } from "../api_types.d.ts" */
/** @import { Compared } from "../requests/comparison.js" */
/** @import { DayRecord } from "../requests/day_history.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */

const WIDE_SCREEN_PX = 1440;
/** How many strikes the charts show. */
const strikesChoice = new LinkedChoice("strikes", ["10", "20", "all"], {
    usual: innerWidth >= WIDE_SCREEN_PX ? "20" : "10",
    setting: "window",
});

export class SnapshotView {
    /** @param {DeskCallbacks} callbacks */
    constructor(callbacks) {
        const table = elementById("chain", HTMLTableElement);
        this.panes = elementById("panes", HTMLElement);
        const scroller = elementById("chain-scroller", HTMLElement);
        this.cursor = new CellCursor(table, scroller, elementById("cell-note", HTMLElement));
        this.table = new ChainTable(
            table,
            scroller,
            () => this.updateColumns(),
            () => this.cursor.showNote(),
        );
        this.strikeCharts = new StrikeCharts();
        this.dayCharts = new DayCharts(callbacks.onTime);
        this.desk = new Desk(callbacks);
        /** @type {Snapshot | null} */
        this.snapshot = null;
        /** @type {Compared | null} what the snapshot is compared with */
        this.compared = null;
        /** @type {StrikeRow[]} what the chain shows, in the unit */
        this.rows = [];
        /** The unit of open interest and volume. */
        this.scale = IN_LOTS;
        /** Symbol, expiry and day whose strike at the money was brought into sight. */
        this.centred = "";
        /** Whether the snapshot that was shown last was live. */
        this.wasLive = false;
        this.updateColumns();
        showPositions(null, IN_LOTS, [], null);
        this.listen();
    }

    listen() {
        setUpColumnPanel(
            () => this.table.columns,
            () => this.compared !== null,
            () => this.updateColumns(),
        );
        const resized = new ResizeObserver(() => this.updateColumns());
        resized.observe(this.panes);
        resized.observe(this.table.scroller);
        elementById("to-atm", HTMLElement).addEventListener("click", () => this.table.centre());
        strikesChoice.setUp(elementById("window", HTMLSelectElement), () => {
            if (this.snapshot) this.showStrikes(this.snapshot);
        });
        setUpUnitChoice(() => {
            if (this.snapshot) this.showPositions(this.snapshot);
            this.table.writer.writeAll();
            this.desk.change({ scale: this.scale });
        });
        this.table.table.addEventListener("click", (event) => {
            const picked = pickedIn(event.target);
            if (picked) this.desk.pick(picked);
        });
        const subject = () => subjectOf(this.snapshot, this.scale.unit, this.compared);
        for (const [id, name, addressesOf] of /** @type {const} */ ([
            ["chain", "Chain", addressesOfChain],
            ["charts", "Charts", addressesOfCharts],
        ])) {
            const urls = () => (this.snapshot ? addressesOf(this.snapshot, this.compared) : []);
            const section = elementById(`${id}-section`, HTMLElement);
            const toolbar = elementById(`${id}-toolbar`, HTMLElement);
            const source = { section, apart: ".panel", name, subject, urls };
            addExportButton(toolbar, `the ${id}`, source);
        }
        openByButton(
            elementById("legend-panel", HTMLElement),
            elementById("legend", HTMLButtonElement),
        );
        setUpTheme(() => {
            this.strikeCharts.redraw();
            this.dayCharts.redraw();
            this.desk.redraw();
        });
    }

    updateColumns() {
        const { scroller, widths } = this.table;
        if (!scroller.clientWidth) return; // it makes room for words
        const since = this.compared?.label ?? null;
        takeRoom(this.panes, scroller, widths, since);
        /** @param {Column[]} list */
        const widthOf = (list) => widths.ofTable(list);
        const columns = shownColumns(scroller.clientWidth, widthOf, since);
        /** @param {Column[]} list */
        const names = (list) => list.map((column) => column.name).join();
        /** @param {Column[]} list */
        const heads = (list) => list.map((column) => column.label).join();
        if (names(columns) !== names(this.table.columns)) this.table.setColumns(columns);
        else if (heads(columns) !== heads(this.table.columns)) this.table.setHeads(columns);
        else return;
        showWindowHeads(this.table.table, this.compared);
    }

    /**
     * @param {Snapshot} snapshot
     * @param {DayRecord[]} records of its day
     * @param {Compared | null} compared what it is compared with
     * @param {string} lacking why the records are not all of the day, "" where they are
     */
    show(snapshot, records, compared, lacking) {
        this.snapshot = snapshot;
        showTiles(snapshot);
        showDaysToExpiry(snapshot);
        this.showCompared(snapshot, compared);
        this.showHistory(records, lacking);
        this.desk.show({ snapshot, records, scale: this.scale });
        this.centreOnce(snapshot);
    }

    /** Show the changes since another moment that was chosen. @param {Snapshot} snapshot @param {Compared | null} compared */
    compare(snapshot, compared) {
        this.showCompared(snapshot, compared);
        this.table.writer.writeAll();
    }

    /** @param {Snapshot} snapshot @param {Compared | null} compared */
    showCompared(snapshot, compared) {
        const areOtherHeads = compared?.label !== this.compared?.label;
        this.compared = compared;
        if (areOtherHeads) this.updateColumns();
        showWindowHeads(this.table.table, compared);
        showTitles(snapshot, compared);
        this.showPositions(snapshot);
    }

    /** Show what is in the chosen unit, and what stands beside it. @param {Snapshot} snapshot */
    showPositions(snapshot) {
        this.scale = pickedScale(snapshot);
        this.rows = scaledRows(withChanges(snapshot.chain, this.compared), this.scale);
        showPositions(snapshot, this.scale, this.rows, this.compared);
        const { unit } = this.scale;
        showInterest(this.rows, unit, this.compared);
        this.table.show(this.rows, referencePriceOf(snapshot), atmStrikeOf(snapshot), unit);
        this.showStrikes(snapshot);
    }

    /** @param {Snapshot} snapshot */
    showStrikes(snapshot) {
        this.strikeCharts.show(
            snapshot,
            { atmStrike: atmStrikeOf(snapshot), size: strikesChoice.value },
            this.scale,
            this.rows,
            this.compared,
        );
    }

    /** @param {DayRecord[]} records @param {string} lacking why they are not all of the day */
    showHistory(records, lacking) {
        const { at, chain } = this.snapshot ?? {};
        this.dayCharts.show(records, at ? (chain?.timestamp ?? null) : null, lacking);
        showRatioLine(records, chain?.timestamp ?? null);
    }

    /** Show no number at all: there are none of what is selected. */
    clear() {
        if (!this.snapshot) return;
        this.snapshot = null;
        this.centred = "";
        this.rows = [];
        showTiles(null);
        showDaysToExpiry(null);
        showInterest([], "lots", null);
        showPositions(null, IN_LOTS, [], null);
        this.table.show([], null, null, "lots");
        this.strikeCharts.show(null, { atmStrike: null, size: "all" }, IN_LOTS, [], null);
        this.dayCharts.show([], null, "");
        showRatioLine([], null);
        this.desk.clear();
        document.body.dataset.timestamp = "";
        elementById("chain-title", HTMLElement).textContent = "Chain";
        elementById("chain-note", HTMLElement).textContent = "";
    }

    /**
     * Bring the strike at the money into sight once, and again when the page goes live: after that the
     * user scrolls.
     * @param {Snapshot} snapshot
     */
    centreOnce({ chain, at }) {
        const subject = [chain.symbol, chain.expiry_date, isoDay(chain.timestamp)].join();
        const goesLive = at === null && !this.wasLive;
        this.wasLive = at === null;
        if (subject === this.centred && !goesLive) return;
        this.centred = subject;
        this.table.centre();
    }
}

/** @param {Snapshot} snapshot @param {Compared | null} compared */
function showTitles({ chain, analytics }, compared) {
    document.body.dataset.timestamp = chain.timestamp;
    elementById("chain-title", HTMLElement).textContent = `${chain.symbol} ${chain.expiry_date}`;
    const counts = `${chain.total_calls} calls, ${chain.total_puts} puts`;
    const added = analytics?.newly_listed ? `${formatNumber(analytics.newly_listed)} new` : "";
    const changes = compared?.reason ? `no changes: ${compared.reason}` : "";
    const lost = lossText(analytics?.legs_missing);
    const parts = [counts, added, provenanceText(chain), lost, changes];
    const note = parts.filter(Boolean).join(" · ");
    elementById("chain-note", HTMLElement).textContent = note;
    showProvenance(chain);
}
