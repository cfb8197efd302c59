/** The calendar beside the day: a month at a time, in which recorded days are marked. */

import { elementById, setText } from "../browser/dom.js";
import { openByButton } from "../browser/popup.js";
import { ApiError } from "../requests/api_error.js";
import { recordedDays } from "../requests/recorded_days.js";
import { serverNow } from "../requests/server_clock.js";
import {
    addDays,
    addMonths,
    formatMonth,
    formatShortDay,
    formatWholeDay,
    isDay,
    monthOf,
    weekdayOf,
} from "../words/calendar_days.js";
import { isoDay } from "../words/format.js";

/** @import { Days } from "../api_types.d.ts" */

/** How the keys move from a day. @type {Record<string, (day: string) => string>} */
const DAY_MOVES = {
    ArrowLeft: (day) => addDays(day, -1),
    ArrowRight: (day) => addDays(day, 1),
    ArrowUp: (day) => addDays(day, -7),
    ArrowDown: (day) => addDays(day, 7),
    Home: (day) => addDays(day, -weekdayOf(day)),
    End: (day) => addDays(day, 6 - weekdayOf(day)),
    PageUp: (day) => addMonths(day, -1),
    PageDown: (day) => addMonths(day, 1),
};

export class Calendar {
    /**
     * @param {() => {symbol: string | null, day: string}} subject whose days are marked, and the
     *     day that is shown
     * @param {(day: string) => void} onDay a day was chosen
     */
    constructor(subject, onDay) {
        this.subject = subject;
        this.onDay = onDay;
        /** The day that the keyboard is at. */
        this.at = "";
        /** @type {Days | null} the recorded days of the month, null where they are not known */
        this.days = null;
        /** Whose days, and of which month. */
        this.shown = "";
        this.title = elementById("calendar-title", HTMLElement);
        this.note = elementById("calendar-note", HTMLElement);
        const grid = elementById("calendar-grid", HTMLTableElement);
        this.body = grid.tBodies[0];
        this.close = openByButton(
            elementById("calendar", HTMLElement),
            elementById("calendar-button", HTMLButtonElement),
            () => this.goTo(this.subject().day, true),
        );
        grid.addEventListener("keydown", (event) => this.onKey(event));
        for (const [id, count] of /** @type {const} */ ([
            ["calendar-before", -1],
            ["calendar-after", 1],
        ])) {
            elementById(id, HTMLElement).addEventListener("click", () =>
                this.goTo(addMonths(this.at, count), false),
            );
        }
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
        const move = DAY_MOVES[event.key];
        if (!move) return;
        event.preventDefault();
        this.goTo(move(this.at), true);
    }

    /**
     * Show the month of a day; there is no later one than today.
     * @param {string} day @param {boolean} takesFocus
     */
    goTo(day, takesFocus) {
        const today = isoDay(serverNow());
        this.at = !isDay(day) || day > today ? today : day;
        const shown = [this.subject().symbol, monthOf(this.at).first].join();
        if (shown !== this.shown) this.days = null;
        this.shown = shown;
        this.render(takesFocus);
        this.ask();
    }

    async ask() {
        const { shown } = this;
        const { symbol } = this.subject();
        const { first, last } = monthOf(this.at);
        if (!symbol) return;
        try {
            const days = await recordedDays(symbol, first, last);
            if (this.shown !== shown) return;
            const hadFocus = this.body.contains(document.activeElement);
            this.days = days;
            this.render(hadFocus);
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            this.tell(`Which days are recorded is not known. ${error.message}`);
        }
    }

    /** @param {boolean} takesFocus */
    render(takesFocus) {
        const { first, last } = monthOf(this.at);
        setText(this.title, formatMonth(first));
        /** @type {HTMLTableRowElement[]} */
        const weeks = [];
        for (let start = addDays(first, -weekdayOf(first)); start <= last; ) {
            const week = document.createElement("tr");
            for (let count = 0; count < 7; count += 1) {
                week.append(this.cellOf(addDays(start, count), first, last));
            }
            weeks.push(week);
            start = addDays(start, 7);
        }
        this.body.replaceChildren(...weeks);
        this.showNearest();
        const current = this.body.querySelector("[tabindex='0']");
        if (takesFocus && current instanceof HTMLElement) current.focus();
    }

    /** @param {string} day @param {string} first of the month @param {string} last */
    cellOf(day, first, last) {
        const cell = document.createElement("td");
        if (day < first || day > last) return cell;
        const button = cell.appendChild(document.createElement("button"));
        const recorded = this.days?.days.find((each) => each.day === day);
        button.type = "button";
        button.textContent = String(Number(day.slice(8)));
        button.tabIndex = day === this.at ? 0 : -1;
        button.dataset.day = day;
        if (recorded) button.dataset.recorded = String(recorded.snapshots);
        const meaning = this.meaningOf(day, recorded?.snapshots);
        button.title = meaning;
        button.setAttribute("aria-label", [formatWholeDay(day), meaning].join(", "));
        cell.setAttribute("aria-selected", String(day === this.subject().day));
        if (day > isoDay(serverNow())) button.setAttribute("aria-disabled", "true");
        else button.addEventListener("click", () => this.choose(day));
        return cell;
    }

    /** @param {string} day @param {number | undefined} snapshots */
    meaningOf(day, snapshots) {
        if (day > isoDay(serverNow())) return "still to come";
        if (!this.days) return "not known yet";
        if (snapshots === undefined) return "nothing was recorded";
        return `${snapshots} ${snapshots === 1 ? "snapshot" : "snapshots"}`;
    }

    /** Lead on from a month without any day. */
    showNearest() {
        if (!this.days) return this.tell("");
        this.tell(this.days.days.length ? "Marked days are recorded." : "Nothing was recorded.");
        const { before, after, days } = this.days;
        if (days.length) return;
        for (const day of [before, after].filter((each) => each !== null)) {
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = formatShortDay(day);
            button.addEventListener("click", () => this.choose(day));
            this.note.append(" ", button);
        }
    }

    /** @param {string} day */
    choose(day) {
        this.close();
        this.onDay(day);
        elementById("calendar-button", HTMLElement).focus();
    }

    /** @param {string} text */
    tell(text) {
        this.note.replaceChildren(text);
    }
}
