/**
 * The replay that plays by itself: every snapshot of the day in turn, none left out. Where the
 * answers come late it is slower.
 */

import { elementById } from "../browser/dom.js";
import { pickSetting, writeSetting } from "../browser/local_storage.js";
import { SnapshotsAhead } from "../requests/snapshots_ahead.js";

/** @import { DayHistory } from "../requests/day_history.js" */
/** @import { Snapshot } from "../requests/snapshot.js" */
/** @import { Selection } from "./page_url.js" */

/** A gap of the record is not waited for longer than this, in milliseconds of its own time. */
const LONGEST_PAUSE_MS = 60000;

export class Player {
    /**
     * @param {DayHistory} history whose snapshots are played
     * @param {{selection: () => Selection, shown: () => Snapshot | null,
     *     prepare: (snapshot: Snapshot, signal: AbortSignal) => Promise<void>,
     *     onSnapshot: (snapshot: Snapshot) => void, onStep: (timestamp: string) => void,
     *     onMoment: (isFirst: boolean) => void, onError: (error: unknown) => void}} callbacks
     *     `onMoment`: the address is to name what is shown, for the first time of this replay or not
     */
    constructor(history, callbacks) {
        this.history = history;
        this.callbacks = callbacks;
        this.ahead = new SnapshotsAhead();
        this.isPlaying = false;
        /** Whether the address has named a moment of this replay. */
        this.isNamed = false;
        /** When the next snapshot is due, by performance.now(). */
        this.dueAt = 0;
        /** @type {number | undefined} */
        this.timer = undefined;
        this.button = elementById("play", HTMLButtonElement);
        this.back = elementById("step-back", HTMLButtonElement);
        this.forward = elementById("step-forward", HTMLButtonElement);
        this.speed = elementById("speed", HTMLSelectElement);
        pickSetting("speed", this.speed);
        this.listen();
    }

    listen() {
        this.button.addEventListener("click", () => (this.isPlaying ? this.pause() : this.play()));
        this.back.addEventListener("click", () => this.step(-1));
        this.forward.addEventListener("click", () => this.step(1));
        this.speed.addEventListener("change", () => {
            writeSetting("speed", this.speed.value);
            if (!this.isPlaying) return;
            // What is left of the pause that is under way counts at the new speed at once.
            this.dueAt = performance.now();
            this.wait();
        });
        document.addEventListener("visibilitychange", () => document.hidden && this.pause());
        // The user may have gone to the address, to copy it.
        addEventListener("blur", () => this.isPlaying && this.nameMoment());
    }

    /** The place of the snapshot that is shown among those of the day, -1 where there is none. */
    get index() {
        const timestamp = this.callbacks.shown()?.chain.timestamp;
        return timestamp ? this.history.indexAt(timestamp) : -1;
    }

    /** Play from the snapshot that is shown; from the first one, if that is the last. */
    play() {
        const { records } = this.history;
        if (records.length < 2) return;
        // The API may have snapshots that this page has missed.
        this.history.expire();
        this.setPlaying(true);
        this.isNamed = false;
        this.dueAt = performance.now();
        this.run(this.index + 1 < records.length ? this.index + 1 : 0);
    }

    stop() {
        clearTimeout(this.timer);
        this.ahead.clear();
        this.setPlaying(false);
    }

    /** Stop at the snapshot that is shown. */
    pause() {
        const wasPlaying = this.isPlaying;
        this.stop();
        if (wasPlaying) this.nameMoment();
    }

    /** Some browsers refuse an address that changes many times a minute: it does not at each step. */
    nameMoment() {
        this.callbacks.onMoment(!this.isNamed);
        this.isNamed = true;
    }

    /** @param {-1 | 1} places */
    step(places) {
        this.pause();
        const record = this.history.records[this.index + places];
        if (record) this.callbacks.onStep(record.timestamp);
    }

    /** @param {number} index of the snapshot whose turn it is */
    async run(index) {
        const times = this.history.records.slice(index).map(({ timestamp }) => timestamp);
        const { controller } = this.ahead;
        try {
            const snapshot = await this.ahead.next(this.callbacks.selection(), times);
            await this.callbacks.prepare(snapshot, controller.signal);
            if (controller.signal.aborted) return;
            this.callbacks.onSnapshot(snapshot);
        } catch (error) {
            if (controller.signal.aborted) return;
            this.pause();
            this.callbacks.onError(error);
            return;
        }
        this.wait();
    }

    /** Wait for the turn of the snapshot after the one that is shown. */
    wait() {
        clearTimeout(this.timer);
        const { records } = this.history;
        const { index } = this;
        const next = records[index + 1];
        if (!next) {
            this.pause();
            return;
        }
        const pause = Date.parse(next.timestamp) - Date.parse(records[index].timestamp);
        const step = Math.min(pause, LONGEST_PAUSE_MS) / Number(this.speed.value);
        const now = performance.now();
        // A late answer delays those after it: none of them is left out.
        this.dueAt = Math.max(this.dueAt + step, now);
        // Records may come meanwhile, before the one that is shown too.
        this.timer = setTimeout(() => this.run(this.index + 1), this.dueAt - now);
    }

    /** @param {boolean} isPlaying */
    setPlaying(isPlaying) {
        this.isPlaying = isPlaying;
        this.button.textContent = isPlaying ? "Pause" : "Play";
    }

    /** What can be done now. */
    show() {
        const { length } = this.history.records;
        this.button.disabled = length < 2 || !this.history.isComplete;
        this.back.disabled = this.index < 1;
        this.forward.disabled = this.index < 0 || this.index + 1 >= length;
    }
}
