/** How an alert is told: on the page, by a notification of the system, and by a sound. */

import { elementById, setText } from "../browser/dom.js";

const TONES_HZ = [880, 1175];
const TONE_SECONDS = 0.18;
const LOUDNESS = 0.2;

/** @type {AudioContext | null} made at a click or a key of the user: no sound before */
let audio = null;

/** Ask for what a sound and a notification need, at a click of the user. */
export function allowAlarms() {
    allowSound();
    if ("Notification" in window && Notification.permission === "default") {
        Notification.requestPermission();
    }
}

function allowSound() {
    audio ??= new AudioContext();
    if (audio.state !== "running") audio.resume();
}

/** @param {string} text */
export function soundAlarm(text) {
    const alarm = elementById("alarm", HTMLElement);
    alarm.hidden = false;
    const place = elementById("alarm-text", HTMLElement);
    // Two may ring at once: each stays until the user has closed it.
    setText(place, [place.textContent, text].filter(Boolean).join(" · "));
    if ("Notification" in window && Notification.permission === "granted") {
        // Where a browser allows notifications to a service worker alone, the page has told it.
        try {
            new Notification("Option chain", { body: text, tag: text });
        } catch {}
    }
    if (audio?.state === "running") playTones(audio);
}

/** @param {() => boolean} mayRing whether any alert can ring */
export function setUpAlarm(mayRing) {
    elementById("alarm-close", HTMLButtonElement).addEventListener("click", () => {
        elementById("alarm", HTMLElement).hidden = true;
        setText(elementById("alarm-text", HTMLElement), "");
    });
    // After a reload the first click or key allows the sound again.
    for (const name of ["pointerup", "keydown"]) {
        addEventListener(name, () => mayRing() && allowSound(), { passive: true });
    }
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
