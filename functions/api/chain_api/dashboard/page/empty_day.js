/** What is shown in the chain's place where nothing was recorded on the selected day. */

import { elementById, setText } from "../browser/dom.js";
import { ApiError } from "../requests/api_error.js";
import { recordedDays } from "../requests/recorded_days.js";
import { addDays, formatShortDay, formatWholeDay } from "../words/calendar_days.js";

/** So many days before and after it are listed. */
const DAYS_AROUND = 15;

export class EmptyDay {
    /** @param {(day: string) => void} onDay another day was chosen */
    constructor(onDay) {
        this.onDay = onDay;
        this.place = elementById("empty-day", HTMLElement);
        this.text = elementById("empty-day-text", HTMLElement);
        this.nearest = elementById("empty-day-nearest", HTMLElement);
        this.head = elementById("empty-day-head", HTMLElement);
        this.list = elementById("empty-day-list", HTMLElement);
        /** Symbol and day whose neighbours are shown. */
        this.subject = "";
    }

    hide() {
        this.subject = "";
        // A browser styles the page anew even where the same is written.
        if (!this.place.hidden) this.place.hidden = true;
    }

    /** @param {string} symbol @param {string} day */
    async show(symbol, day) {
        const subject = `${symbol} ${day}`;
        if (this.subject === subject) return;
        this.subject = subject;
        this.place.hidden = false;
        setText(this.text, `Nothing was recorded of ${symbol} on ${formatWholeDay(day)}.`);
        this.nearest.replaceChildren();
        this.list.replaceChildren();
        this.head.hidden = true;
        try {
            const first = addDays(day, -DAYS_AROUND);
            const found = await recordedDays(symbol, first, addDays(day, DAYS_AROUND));
            if (this.subject !== subject) return;
            const days = found.days.map((each) => each.day);
            const before = days.findLast((each) => each < day) ?? found.before;
            const after = days.find((each) => each > day) ?? found.after;
            if (before) this.nearest.append(this.buttonOf(before, "Before: "));
            if (after) this.nearest.append(this.buttonOf(after, "After: "));
            this.list.append(...days.map((each) => this.buttonOf(each, "")));
            this.head.hidden = days.length === 0;
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (this.subject === subject) this.subject = "";
        }
    }

    /** @param {string} day @param {string} before what stands before its name */
    buttonOf(day, before) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = before + formatShortDay(day);
        button.dataset.day = day;
        button.addEventListener("click", () => this.onDay(day));
        return button;
    }
}
