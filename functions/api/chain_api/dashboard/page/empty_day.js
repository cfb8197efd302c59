/** What is shown in the chain's place where nothing was recorded of what is selected. */

import { elementById, setText } from "../browser/dom.js";
import { ApiError } from "../requests/api_error.js";
import { recordedDays } from "../requests/recorded_days.js";
import { serverNow } from "../requests/server_clock.js";
import { addDays, dayOfMoment, formatShortDay, isDay } from "../words/calendar_days.js";
import { emptyText } from "../words/empty_text.js";
import { formatTime, inQuotes, isoDay } from "../words/format.js";

/** So many days before and after it are listed. */
const DAYS_AROUND = 15;
const MOST_SYMBOLS_LISTED = 20;

export class EmptyDay {
    /**
     * @param {{onDay: (day: string) => void, onTime: (timestamp: string) => void,
     *     onLive: () => void, onSymbol: (symbol: string) => void}} callbacks something that is
     *     recorded was chosen
     */
    constructor(callbacks) {
        this.callbacks = callbacks;
        this.place = elementById("empty-day", HTMLElement);
        this.text = elementById("empty-day-text", HTMLElement);
        this.nearest = elementById("empty-day-nearest", HTMLElement);
        this.head = elementById("empty-day-head", HTMLElement);
        this.list = elementById("empty-day-list", HTMLElement);
        /** What nothing was recorded of: symbol and moment. */
        this.subject = "";
    }

    hide() {
        this.subject = "";
        // A browser styles the page anew even where the same is written.
        if (!this.place.hidden) this.place.hidden = true;
    }

    /** @param {string} subject @param {string} text @returns {boolean} whether it is said already */
    say(subject, text) {
        if (this.subject === subject) return true;
        this.subject = subject;
        this.place.hidden = false;
        setText(this.text, text);
        this.nearest.replaceChildren();
        this.list.replaceChildren();
        this.head.hidden = true;
        return false;
    }

    /** Offer the recorded symbols most like one. @param {string} symbol @param {string[]} known */
    showSymbols(symbol, known) {
        if (this.say(symbol, `Nothing of ${inQuotes(symbol)} is recorded.`)) return;
        const alike = known
            .map((each) => ({ each, count: sharedLetters(each, symbol) }))
            .sort((one, other) => other.count - one.count)
            .slice(0, MOST_SYMBOLS_LISTED);
        const { onSymbol } = this.callbacks;
        this.list.append(...alike.map(({ each }) => emptyDayButton(each, () => onSymbol(each))));
        setText(
            this.head,
            alike.length < known.length ? "Some recorded symbols" : "Recorded symbols",
        );
        this.head.hidden = false;
    }

    /**
     * Offer what is recorded around a moment.
     * @param {string} symbol @param {string} at as the page's address names it
     */
    async show(symbol, at) {
        const subject = `${symbol} ${at}`;
        if (this.say(subject, emptyText(symbol, at))) return;
        const today = isoDay(serverNow());
        const wanted = dayOfMoment(at) ?? today;
        // No day after today is recorded, and a browser knows no day of the year 300000.
        const [day] = [wanted, today].sort();
        const { onTime, onLive } = this.callbacks;
        try {
            const first = addDays(day, -DAYS_AROUND);
            const found = await recordedDays(symbol, first, addDays(day, DAYS_AROUND));
            if (this.subject !== subject) return;
            const days = found.days.map((each) => each.day);
            const before = days.findLast((each) => each < wanted) ?? found.before;
            const after = days.find((each) => each > wanted) ?? found.after;
            const opening = found.days.find((each) => each.day === day)?.first_timestamp;
            if (opening && !isDay(at)) {
                const text = `First of ${formatShortDay(day)}: ${formatTime(opening)} IST`;
                this.nearest.append(emptyDayButton(text, () => onTime(opening)));
            }
            if (!isDay(at)) this.nearest.append(emptyDayButton("Live", onLive));
            if (before) this.nearest.append(this.dayButton(before, "Before: "));
            if (after) this.nearest.append(this.dayButton(after, "After: "));
            this.list.append(...days.map((each) => this.dayButton(each, "")));
            setText(this.head, "Recorded days around it");
            this.head.hidden = days.length === 0;
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (this.subject === subject) this.subject = "";
        }
    }

    /** @param {string} day @param {string} before what stands before its name */
    dayButton(day, before) {
        const button = emptyDayButton(before + formatShortDay(day), () =>
            this.callbacks.onDay(day),
        );
        button.dataset.day = day;
        return button;
    }
}

/** With how many of the same letters two symbols begin. @param {string} one @param {string} other */
function sharedLetters(one, other) {
    let count = 0;
    while (count < one.length && one[count] === other[count]) count += 1;
    return count;
}

/** @param {string} text @param {() => void} action */
function emptyDayButton(text, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", action);
    return button;
}
