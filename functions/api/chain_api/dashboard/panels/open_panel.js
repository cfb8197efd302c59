/** One panel that is open: its frame, and its contents once they are loaded. */

import { setText } from "../browser/dom.js";
import { workInSight } from "../browser/visibility.js";
import { addExportButton } from "../export/export_button.js";
import { addressesAsked } from "../requests/api.js";
import { ApiError } from "../requests/api_error.js";
import { subjectOf } from "../words/subject.js";

/** @import { DeskCallbacks, DeskView, Panel, PanelDefinition } from "./panel.d.ts" */

export class OpenPanel {
    /**
     * @param {PanelDefinition} definition
     * @param {string} label its name for people
     * @param {HTMLElement} place the element that it is added to
     * @param {DeskCallbacks & {onClose: () => void}} callbacks
     */
    constructor(definition, label, place, callbacks) {
        this.definition = definition;
        this.label = label;
        this.callbacks = callbacks;
        /** @type {Panel | null} null until it is loaded */
        this.panel = null;
        /** @type {DeskView | null} */
        this.view = null;
        /** @type {string | null} what the page's address says of it */
        this.choice = null;
        this.isClosed = false;
        /** @type {AbortSignal | null} of the panel's last requests */
        this.asked = null;
        this.section = document.createElement("section");
        this.section.className = "panel";
        this.section.dataset.panel = definition.name;
        this.note = document.createElement("p");
        this.note.className = "panel-note";
        this.note.role = "status";
        this.body = document.createElement("div");
        this.body.className = "panel-body";
        const toolbar = this.toolbar();
        this.section.append(toolbar, this.note, this.body);
        addExportButton(toolbar, label, {
            section: this.body,
            name: label,
            subject: () => {
                const { snapshot = null, scale } = this.view ?? {};
                return subjectOf(snapshot, definition.isInUnit ? scale?.unit : undefined);
            },
            urls: () => this.panel?.addresses?.() ?? addressesAsked(this.asked),
        });
        place.append(this.section);
        this.work = workInSight(this.section);
        this.load();
    }

    toolbar() {
        const { label } = this;
        const { name } = this.definition;
        const bar = document.createElement("div");
        bar.className = "toolbar";
        const title = bar.appendChild(document.createElement("h2"));
        title.id = `panel-${name}-title`;
        title.textContent = label;
        this.section.setAttribute("aria-labelledby", title.id);
        const close = bar.appendChild(document.createElement("button"));
        close.type = "button";
        close.className = "close";
        close.textContent = "Close";
        close.setAttribute("aria-label", `Close ${label}`);
        close.addEventListener("click", () => this.callbacks.onClose());
        return bar;
    }

    async load() {
        const { name, parameter } = this.definition;
        this.tell("Loading");
        let open;
        try {
            open = await this.definition.load();
        } catch {
            // The server does not answer, or has a newer version of the page.
            this.tell("This panel could not be loaded. Load the page again.");
            return;
        }
        if (this.isClosed) return;
        this.tell("This panel has failed. Close it.");
        this.panel = open({
            body: this.body,
            choose: (choice) => parameter && this.callbacks.onChoice({ [parameter]: choice }),
            goTo: this.callbacks.onTime,
            askNow: this.callbacks.askNow,
        });
        this.tell("");
        this.section.dataset.loaded = name;
        if (!this.view) return;
        this.draw();
        this.callbacks.askNow();
    }

    /** @param {string | null} choice */
    choose(choice) {
        if (choice === this.choice) return;
        this.choice = choice;
        this.draw();
    }

    /** @param {DeskView} view */
    show(view) {
        this.view = view;
        this.work.do(() => this.draw());
    }

    draw() {
        if (this.view) this.panel?.show({ ...this.view, choice: this.choice });
    }

    clear() {
        this.view = null;
        this.panel?.clear();
    }

    redraw() {
        this.panel?.redraw?.();
    }

    /** Errors that concern this panel alone are told in it. @param {AbortSignal} signal */
    async fetch(signal) {
        if (!this.view || !this.panel?.fetch) return;
        await this.work.done(); // it asks for what it lacks of what it shows
        if (!this.view || signal.aborted) return;
        // A signal of its own tells which requests were this panel's.
        const own = AbortSignal.any([signal]);
        try {
            await this.panel.fetch({ ...this.view, choice: this.choice }, own);
            if (addressesAsked(own).length) this.asked = own;
            this.tell("");
        } catch (error) {
            if (signal.aborted || !(error instanceof ApiError)) throw error;
            if (error.kind === "key" || error.kind === "limited") throw error;
            this.tell(error.message);
        }
    }

    /** @param {string} text */
    tell(text) {
        setText(this.note, text);
    }

    close() {
        this.isClosed = true;
        this.work.close();
        this.panel?.close?.();
        this.section.remove();
    }
}
