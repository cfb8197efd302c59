/** How an alert is told: on the page, by a notification of the system, and by a sound. */

import { elementById, setText } from "../browser/dom.js";

const TONES_HZ = [880, 1175];
const TONE_SECONDS = 0.18;
const LOUDNESS = 0.2;

/** @type {AudioContext | null} made when the user sets an alert: browsers allow no sound before */
let audio = null;

/** Ask for what a sound and a notification need, at a click of the user. */
export function allowAlarms() {
    audio ??= new AudioContext();
    audio.resume();
    if ("Notification" in window && Notification.permission === "default") {
        Notification.requestPermission();
    }
}

/** @param {string} text */
export function soundAlarm(text) {
    const alarm = elementById("alarm", HTMLElement);
    alarm.hidden = false;
    setText(elementById("alarm-text", HTMLElement), text);
    if ("Notification" in window && Notification.permission === "granted") {
        // Where a browser allows notifications to a service worker alone, the page has told it.
        try {
            new Notification("Option chain", { body: text, tag: text });
        } catch {}
    }
    if (audio?.state === "running") playTones(audio);
}

export function setUpAlarm() {
    elementById("alarm-close", HTMLButtonElement).addEventListener("click", () => {
        elementById("alarm", HTMLElement).hidden = true;
        setText(elementById("alarm-text", HTMLElement), "");
    });
    // After a reload the first click allows the sound again.
    addEventListener("pointerdown", () => audio?.resume(), { passive: true });
}

/** @param {AudioContext} context */
function playTones(context) {
    const volume = new GainNode(context, { gain: LOUDNESS });
    volume.connect(context.destination);
    for (const [index, frequency] of TONES_HZ.entries()) {
        const tone = new OscillatorNode(context, { frequency });
        tone.connect(volume);
        tone.start(context.currentTime + index * TONE_SECONDS);
        tone.stop(context.currentTime + (index + 1) * TONE_SECONDS);
    }
}
