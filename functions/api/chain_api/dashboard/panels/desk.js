/**
 * The panels beside the chain: each is loaded when it is opened, shows every snapshot, and is named
 * in the page's address.
 */

import { elementById } from "../browser/dom.js";
import { OpenPanel } from "./open_panel.js";
import { PANELS } from "./panel_list.js";

/** @import { PickedCell } from "../chain/picked_cell.js" */
/** @import { Selection } from "../page/page_url.js" */
/** @import { DeskCallbacks, DeskView, PanelDefinition } from "./panel.d.ts" */

export class Desk {
    /** @param {DeskCallbacks} callbacks */
    constructor(callbacks) {
        this.callbacks = callbacks;
        this.place = elementById("panels", HTMLElement);
        /** @type {DeskView | null} */
        this.view = null;
        /** @type {Selection | null} */
        this.selection = null;
        /** @type {Map<string, OpenPanel>} by name, those that are open */
        this.panels = new Map();
        /** @type {Map<string, HTMLButtonElement>} by the name of the panel */
        this.buttons = new Map();
        // They stand in index.html, so that nothing moves when this script comes.
        const bar = elementById("panel-buttons", HTMLElement);
        for (const button of bar.querySelectorAll("button")) {
            const name = button.dataset.panel ?? "";
            button.addEventListener("click", () => this.toggle(name));
            this.buttons.set(name, button);
        }
    }

    /** @param {string} name */
    toggle(name) {
        const names = this.openNames();
        const others = names.filter((each) => each !== name);
        this.choosePanels(others.length < names.length ? others : [...names, name]);
    }

    /** @returns {string[]} the panels that the selection names */
    openNames() {
        const names = this.selection?.panels?.split(",") ?? [];
        return names.filter((name) => this.buttons.has(name));
    }

    /** @param {string[]} names @param {Partial<Selection>} [change] what else changes */
    choosePanels(names, change = {}) {
        this.callbacks.onChoice({ ...change, panels: names.join() || null });
    }

    /** Open, close and tell the panels as a selection says. @param {Selection} selection */
    select(selection) {
        this.selection = selection;
        const names = this.openNames();
        for (const [name, panel] of this.panels) {
            if (names.includes(name)) continue;
            panel.close();
            this.panels.delete(name);
        }
        for (const definition of PANELS) {
            const { name } = definition;
            const isOpen = names.includes(name);
            this.buttons.get(name)?.setAttribute("aria-pressed", String(isOpen));
            if (isOpen) this.openPanel(definition).choose(this.choiceOf(definition));
        }
        document.body.classList.toggle("has-panels", names.length > 0);
        document.body.dataset.panels = names.join(" ");
    }

    /** @param {PanelDefinition} definition @returns {OpenPanel} */
    openPanel(definition) {
        const { name } = definition;
        const known = this.panels.get(name);
        if (known) return known;
        const label = this.buttons.get(name)?.textContent ?? name;
        const panel = new OpenPanel(definition, label, this.place, {
            ...this.callbacks,
            onClose: () => {
                this.toggle(name);
                this.buttons.get(name)?.focus();
            },
        });
        this.panels.set(name, panel);
        this.place.insertBefore(panel.section, this.sectionAfter(name));
        if (this.view) panel.show(this.view);
        return panel;
    }

    /** The open panel that stands after another one, in the order of the buttons. @param {string} name */
    sectionAfter(name) {
        const names = PANELS.map((each) => each.name);
        const after = names.slice(names.indexOf(name) + 1);
        const next = after.find((each) => this.panels.has(each));
        return (next && this.panels.get(next)?.section) || null;
    }

    /** @param {PanelDefinition} definition */
    choiceOf({ parameter }) {
        return (parameter && this.selection?.[parameter]) || null;
    }

    /** Show a snapshot in all panels. @param {DeskView} view */
    show(view) {
        this.view = view;
        for (const panel of this.panels.values()) panel.show(view);
    }

    /** @param {Partial<DeskView>} change */
    change(change) {
        if (this.view) this.show({ ...this.view, ...change });
    }

    clear() {
        this.view = null;
        for (const panel of this.panels.values()) panel.clear();
    }

    redraw() {
        for (const panel of this.panels.values()) panel.redraw();
    }

    /** @param {AbortSignal} signal */
    async fetch(signal) {
        await Promise.all([...this.panels.values()].map((panel) => panel.fetch(signal)));
    }

    /** Show what a click in the chain is meant for, and open its panel. @param {PickedCell} picked */
    pick(picked) {
        if (!this.view) return;
        for (const definition of PANELS) {
            const { name, parameter, pick, picksOnlyOpen } = definition;
            if (picksOnlyOpen && !this.panels.has(name)) continue;
            const choice = pick?.(picked, this.choiceOf(definition), this.view.snapshot);
            if (choice === undefined || !parameter) continue;
            const names = this.openNames();
            const wanted = names.includes(name) ? names : [...names, name];
            this.choosePanels(wanted, { [parameter]: choice });
            return;
        }
    }
}
