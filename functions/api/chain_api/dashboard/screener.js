/** The page of all symbols: what the user chooses, when it is requested, what an answer changes. */

import { writeLinkedChoices } from "./browser/address.js";
import { elementById, setText } from "./browser/dom.js";
import { openByButton } from "./browser/popup.js";
import { addExportButton } from "./export/export_button.js";
import { setUpUnitChoice } from "./figures/position_unit.js";
import { KeyDialog } from "./page/key_dialog.js";
import { againText, readHealth } from "./page/service_notes.js";
import { setUpTheme } from "./page/theme.js";
import { addressOf, getJson } from "./requests/api.js";
import { apiErrorOf } from "./requests/api_error.js";
import { Poller } from "./requests/polling.js";
import { BoundsPanel } from "./screener/bounds_panel.js";
import { boundText } from "./screener/number_bounds.js";
import { SCREENER_COLUMNS, SYMBOL, shownColumns } from "./screener/screener_columns.js";
import { sortedRows, stateInUrl, wantedRows, writeState } from "./screener/screener_state.js";
import { ScreenerTable } from "./screener/screener_table.js";
import { rowsInUnit, unitOfRows } from "./screener/screener_unit.js";
import { BADGES } from "./words/badges.js";
import { datedTime, formatTime } from "./words/format.js";

/** @import { Screener } from "./api_types.d.ts" */
/** @import { ScreenerState } from "./screener/screener_state.js" */

const HEALTH_EVERY_POLLS = 6;
/** A list of all symbols tells kinds; where NSE_SYMBOLS names each symbol none is read. */
const KINDS_UNKNOWN = "no list tells which are indices";

class ScreenerPage {
    constructor() {
        this.state = stateInUrl();
        /** @type {Screener | null} */
        this.answer = null;
        /** @type {{etag: string | null, spark: string}} of the answer that is shown */
        this.held = { etag: null, spark: "" };
        this.polls = 0;
        /** Whether the search has an entry in the history, in which it goes on. */
        this.isSearching = false;
        /** Tick the columns that are shown. */
        this.checkColumns = () => {};
        this.table = new ScreenerTable((name) => this.sortBy(name));
        this.setUpFilters();
        this.setUpColumns();
        this.boundsPanel = new BoundsPanel((bounds) => this.choose({ bounds }));
        addExportButton(elementById("export-place", HTMLElement), "the table", {
            section: elementById("table-scroller", HTMLElement),
            name: "Screener",
            subject: () => this.subject(),
            urls: () => [addressOf("screener", {})],
        });
        setUpUnitChoice(() => this.show());
        writeLinkedChoices();
        setUpTheme(() => {});
        addEventListener("popstate", () => this.goBack());
        this.poller = new Poller(
            (signal) => this.poll(signal),
            (error, wait) => this.showError(error, wait),
        );
        this.keyDialog = new KeyDialog(() => this.poller.pollNow());
        this.show();
        this.poller.pollNow();
    }

    setUpFilters() {
        const search = elementById("search", HTMLInputElement);
        search.addEventListener("input", () => {
            this.choose({ q: search.value.trim() }, !this.isSearching);
            this.isSearching = true;
        });
        search.addEventListener("change", () => {
            this.isSearching = false;
        });
        for (const name of /** @type {const} */ (["kind", "tier", "spark"])) {
            const picker = elementById(name, HTMLSelectElement);
            picker.addEventListener("change", () => this.choose({ [name]: picker.value }));
        }
        this.showFilters();
    }

    showFilters() {
        elementById("search", HTMLInputElement).value = this.state.q;
        for (const name of /** @type {const} */ (["kind", "tier", "spark"])) {
            elementById(name, HTMLSelectElement).value = this.state[name];
        }
    }

    /** Show what the address names now. */
    goBack() {
        const { spark } = this.state;
        this.state = stateInUrl();
        this.isSearching = false;
        this.showFilters();
        this.checkColumns();
        this.show();
        if (this.state.spark !== spark) this.poller.pollNow();
    }

    setUpColumns() {
        const panel = elementById("column-panel", HTMLElement);
        for (const { name, label, title } of SCREENER_COLUMNS) {
            if (name === SYMBOL) continue;
            const box = panel.appendChild(document.createElement("label"));
            box.title = title;
            const input = box.appendChild(document.createElement("input"));
            Object.assign(input, { type: "checkbox", name: "column", value: name });
            box.append(label);
        }
        const reset = panel.appendChild(document.createElement("button"));
        reset.type = "button";
        reset.textContent = "Usual columns";
        const inputs = [...panel.querySelectorAll("input")];
        this.checkColumns = () => {
            const names = new Set(shownColumns(this.state.columns).map(({ name }) => name));
            for (const input of inputs) input.checked = names.has(input.value);
        };
        panel.addEventListener("change", () => {
            const names = inputs.filter((input) => input.checked).map((input) => input.value);
            this.choose({ columns: [SYMBOL, ...names] });
        });
        reset.addEventListener("click", () => {
            this.choose({ columns: null });
            this.checkColumns();
        });
        openByButton(panel, elementById("columns", HTMLElement), this.checkColumns);
    }

    /** The first click sorts numbers from the highest down. @param {string} name */
    sortBy(name) {
        const isText = SCREENER_COLUMNS.find((column) => column.name === name)?.text === true;
        const first = isText ? name : `-${name}`;
        const other = isText ? `-${name}` : name;
        this.choose({ sort: this.state.sort === first ? other : first });
    }

    /** @param {Partial<ScreenerState>} change @param {boolean} [isNew] whether Back undoes it alone */
    choose(change, isNew = true) {
        // The address that is written next has nothing strange.
        this.state = { ...this.state, ...change, strange: [] };
        this.isSearching = false;
        writeState(this.state, isNew);
        this.show();
        if (change.spark !== undefined) this.poller.pollNow();
    }

    /** @param {AbortSignal} signal */
    async poll(signal) {
        const { spark } = this.state;
        const etag = this.held.spark === spark ? this.held.etag : null;
        const { body, headers } = await getJson("screener", { sparkline: spark }, { signal, etag });
        signal.throwIfAborted();
        if (body) {
            this.answer = body;
            this.held = { etag: headers.get("ETag"), spark };
        } else if (this.answer) {
            this.answer.last_seen_at = headers.get("X-Last-Seen-At") ?? this.answer.last_seen_at;
        }
        this.show();
        this.showState(this.answer?.timestamp ? "live" : "empty", "");
        if (this.polls % HEALTH_EVERY_POLLS === 0) await readHealth(signal);
        this.polls += 1;
    }

    show() {
        const all = this.answer?.records ?? [];
        const unit = unitOfRows(all);
        this.table.showHead(shownColumns(this.state.columns, unit), this.state.sort);
        const { within, unknown, names } = wantedRows(all, this.state);
        this.boundsPanel.show(this.state.bounds, unknown, names, this.state.strange);
        if (!this.answer) return;
        this.showTiers(all.map(({ tier }) => tier));
        const missing = all.some(({ kind }) => kind) ? "" : KINDS_UNKNOWN;
        this.showKinds(missing);
        const rows = sortedRows(rowsInUnit(within, unit), this.state.sort);
        this.table.showRows(rows, this.state.spark);
        const old = rows.filter(({ gap }) => gap).length;
        const count =
            rows.length === all.length
                ? `${all.length} symbols`
                : `${rows.length} of ${all.length} symbols`;
        const seen = this.answer.last_seen_at;
        const parts = [
            count,
            this.state.kind && missing,
            old ? `${old} old` : "",
            seen ? `confirmed ${formatTime(seen)} IST` : "",
        ];
        setText(elementById("count", HTMLElement), parts.filter(Boolean).join(", "));
    }

    /** What is exported: of when the rows are, and which. */
    subject() {
        const seen = this.answer?.last_seen_at;
        const when = seen ? datedTime(seen) : "nothing recorded";
        return [when, ...this.state.bounds.map(boundText)].join(", ");
    }

    /** A choice that would leave no row is not offered. @param {string} missing why no kind is known */
    showKinds(missing) {
        const picker = elementById("kind", HTMLSelectElement);
        picker.disabled = missing !== "" && !this.state.kind;
        picker.title = missing;
    }

    /** @param {(string | null)[]} tiers */
    showTiers(tiers) {
        const picker = elementById("tier", HTMLSelectElement);
        const names = [...new Set(tiers)].filter((name) => name !== null).sort();
        if (this.state.tier && !names.includes(this.state.tier)) names.push(this.state.tier);
        const shown = [...picker.options].slice(1).map(({ value }) => value);
        if (shown.join() !== names.join()) {
            picker.replaceChildren(picker.options[0], ...names.map((name) => new Option(name)));
        }
        picker.value = this.state.tier;
    }

    /** @param {string} state @param {string} notice */
    showState(state, notice) {
        document.body.dataset.state = state;
        setText(elementById("badge", HTMLElement), BADGES[state]);
        setText(elementById("notice", HTMLElement), notice);
    }

    /** @param {unknown} error @param {number} wait milliseconds until the next poll */
    showError(error, wait) {
        const { kind, message } = apiErrorOf(error);
        if (kind === "key") this.keyDialog.askForKey();
        const shown = this.answer?.last_seen_at;
        const old = shown ? ` What is shown is of ${formatTime(shown)} IST.` : "";
        const again = kind === "limited" ? againText(wait) : `${old} Trying again.`;
        this.showState(kind, message + (kind === "key" ? "" : again));
    }
}

new ScreenerPage();
