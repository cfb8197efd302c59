/** Whether an element is in sight: what nobody sees needs no request, and can wait. */

import { nextFrame, whenIdle } from "./idle.js";
import { keepMeasure } from "./measures.js";

/**
 * @param {Element} element
 * @param {() => void} onShow it has come into sight
 */
export function watchVisibility(element, onShow) {
    let isVisible = true; // until the browser says otherwise
    const observer = new IntersectionObserver((entries) => {
        const wasVisible = isVisible;
        isVisible = entries.at(-1)?.isIntersecting ?? isVisible;
        if (isVisible && !wasVisible) onShow();
    });
    observer.observe(element);
    return { isVisible: () => isVisible, close: () => observer.disconnect() };
}

/**
 * Work on an element: done at once where it is in sight, else when the browser has time; of several
 * pieces that wait, the last one.
 * @param {Element} element has `aria-busy` for as long
 */
export function workInSight(element) {
    /** @type {(() => void) | null} */
    let waiting = null;
    /** @type {Promise<void> | null} until nothing waits */
    let later = null;
    function doWaiting() {
        const work = waiting;
        waiting = null;
        element.ariaBusy = null;
        work?.();
    }
    async function doLater() {
        await nextFrame();
        await whenIdle();
        later = null;
        const startedAt = performance.now();
        doWaiting();
        keepMeasure("idle", startedAt);
    }
    const visibility = watchVisibility(element, doWaiting);
    return {
        /** @param {() => void} work */
        do(work) {
            waiting = work;
            if (visibility.isVisible()) {
                doWaiting();
                return;
            }
            element.ariaBusy = "true";
            later ??= doLater();
        },
        /** Wait until nothing waits. */
        async done() {
            await later;
        },
        close() {
            waiting = null;
            visibility.close();
        },
    };
}
