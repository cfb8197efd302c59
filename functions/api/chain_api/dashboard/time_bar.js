/** The slider through the day's snapshots, and the way back to live. */

import { DASH, date, isoDay, time } from "./format.js";

const SETTLED_MS = 120;

export class TimeBar {
    /** @param {{moment: (timestamp: string) => void, live: () => void, day: (day: string) => void}} told */
    constructor(told) {
        this.slider = /** @type {HTMLInputElement} */ (document.getElementById("time"));
        this.label = document.getElementById("time-label");
        this.live = /** @type {HTMLButtonElement} */ (document.getElementById("live"));
        this.day = /** @type {HTMLInputElement} */ (document.getElementById("day"));
        this.moments = [];
        this.moving = 0;
        this.slider.addEventListener("input", () => this.moved(told.moment));
        this.live.addEventListener("click", () => {
            this.settle();
            told.live();
        });
        this.day.addEventListener("change", () => this.day.value && told.day(this.day.value));
    }

    /** A key held down or a drag asks once, where it comes to rest; the label goes along. */
    moved(tell) {
        const moment = this.moments[Number(this.slider.value)];
        if (!moment) return;
        this.write(moment.timestamp, false);
        clearTimeout(this.moving);
        this.moving = setTimeout(() => {
            this.moving = 0;
            tell(moment.timestamp);
        }, SETTLED_MS);
    }

    settle() {
        clearTimeout(this.moving);
        this.moving = 0;
    }

    /** @param {import("./day.js").Day} day @param {string} timestamp of the snapshot shown @param {boolean} live */
    show(day, timestamp, live) {
        this.moments = day.moments;
        this.live.disabled = false;
        this.live.setAttribute("aria-pressed", String(live));
        this.day.disabled = false;
        this.day.max = isoDay(Date.now());
        if (document.activeElement !== this.day) this.day.value = isoDay(timestamp);
        const most = String(Math.max(0, day.moments.length - 1));
        if (this.slider.max !== most) this.slider.max = most;
        this.slider.disabled = day.moments.length < 2;
        // Who is dragging knows better where the handle is.
        if (this.moving) return;
        this.slider.value = String(Math.max(0, day.indexAt(timestamp)));
        this.write(timestamp, live);
    }

    /** Nothing is shown; the way back to live stays open. @param {boolean} live */
    clear(live) {
        this.moments = [];
        this.slider.max = this.slider.value = "0";
        this.slider.disabled = true;
        this.label.textContent = DASH;
        this.live.disabled = false;
        this.live.setAttribute("aria-pressed", String(live));
    }

    write(timestamp, live) {
        const text = `${time(timestamp)} IST`;
        this.label.textContent = live ? text : `${text}, ${date(timestamp).slice(0, 6)}`;
        this.slider.setAttribute("aria-valuetext", text);
    }
}
