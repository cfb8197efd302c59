/** The slider through the day's snapshots, the day picker, and the button back to live. */

import { elementById } from "../browser/dom.js";
import { serverNow } from "../requests/server_clock.js";
import { dayOfMoment } from "../words/calendar_days.js";
import { DASH, formatDayOfMonth, formatTime, isoDay } from "../words/format.js";

/** @import { DayHistory, DayRecord } from "../requests/day_history.js" */

/** A key held down or a drag passes many snapshots; only the one it rests on is requested. */
const SLIDER_REST_MS = 120;

export class TimeBar {
    /**
     * @param {{onTime: (timestamp: string) => void, onLive: () => void,
     *     onDay: (day: string) => void}} callbacks
     */
    constructor({ onTime, onLive, onDay }) {
        this.slider = elementById("time", HTMLInputElement);
        this.label = elementById("time-label", HTMLElement);
        this.live = elementById("live", HTMLButtonElement);
        this.day = elementById("day", HTMLInputElement);
        /** @type {DayRecord[]} the slider's steps */
        this.records = [];
        /** @type {number | undefined} runs while the slider is moving */
        this.restTimer = undefined;
        this.slider.addEventListener("input", () => this.onSliderMove(onTime));
        this.live.addEventListener("click", () => {
            this.cancelMove();
            onLive();
        });
        this.day.addEventListener("change", () => this.day.value && onDay(this.day.value));
    }

    /** The label follows each move at once. @param {(timestamp: string) => void} onTime */
    onSliderMove(onTime) {
        const record = this.records[Number(this.slider.value)];
        if (!record) return;
        this.showTime(record.timestamp, false);
        this.cancelMove();
        this.restTimer = setTimeout(() => {
            this.restTimer = undefined;
            onTime(record.timestamp);
        }, SLIDER_REST_MS);
    }

    cancelMove() {
        clearTimeout(this.restTimer);
        this.restTimer = undefined;
    }

    /**
     * @param {DayHistory} history
     * @param {string} timestamp of the snapshot that is shown
     * @param {boolean} isLive
     */
    show(history, timestamp, isLive) {
        const { records } = history;
        this.records = records;
        this.showLive(isLive);
        this.showDay(isoDay(timestamp));
        const max = String(Math.max(0, records.length - 1));
        if (this.slider.max !== max) this.slider.max = max;
        this.slider.disabled = records.length < 2;
        // While the user drags the handle, only the user moves it.
        if (this.restTimer !== undefined) return;
        this.slider.value = String(Math.max(0, history.indexAt(timestamp)));
        this.showTime(timestamp, isLive);
    }

    /**
     * No snapshot is shown; another day can be chosen.
     * @param {string | null} at the selected time of the past
     */
    clear(at) {
        this.records = [];
        this.slider.max = this.slider.value = "0";
        this.slider.disabled = true;
        this.label.textContent = DASH;
        this.showLive(at === null);
        this.showDay(dayOfMoment(at) ?? isoDay(serverNow()));
    }

    /** @param {string} day */
    showDay(day) {
        this.day.disabled = false;
        this.day.max = isoDay(serverNow());
        if (document.activeElement !== this.day) this.day.value = day;
    }

    /** @param {boolean} isLive */
    showLive(isLive) {
        this.live.disabled = false;
        this.live.setAttribute("aria-pressed", String(isLive));
    }

    /** @param {string} timestamp @param {boolean} isLive */
    showTime(timestamp, isLive) {
        const text = `${formatTime(timestamp)} IST`;
        const isOfToday = isLive && isoDay(timestamp) === isoDay(serverNow());
        this.label.textContent = isOfToday ? text : `${text}, ${formatDayOfMonth(timestamp)}`;
        this.slider.setAttribute("aria-valuetext", text);
    }
}
