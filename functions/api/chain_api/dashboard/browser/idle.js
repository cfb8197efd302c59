/** When a browser has time for what can wait. */

/** Wait until what the user sees and does is dealt with. @returns {Promise<void>} */
export function whenIdle() {
    // Not requestIdleCallback: Safari has none, and others call it seldom while they animate.
    return inTaskOf("background");
}

/** Let the browser hear its user before the next piece of work. @returns {Promise<void>} */
export function nextTask() {
    return inTaskOf("user-visible");
}

/** Wait until the browser has drawn a frame; a page that nobody sees has none. @returns {Promise<void>} */
export function nextFrame() {
    if (document.hidden) return nextTask();
    return new Promise((resolve) => {
        // It is told right after a frame; requestAnimationFrame calls before the browser lays it out.
        const seen = new IntersectionObserver(() => {
            seen.disconnect();
            resolve();
        });
        seen.observe(document.documentElement);
    });
}

/** @param {TaskPriority} priority @returns {Promise<void>} */
function inTaskOf(priority) {
    if ("scheduler" in window) return scheduler.postTask(() => {}, { priority });
    return new Promise((resolve) => setTimeout(resolve, 0));
}
