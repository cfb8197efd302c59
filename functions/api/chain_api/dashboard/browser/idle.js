/** When a browser has time for what can wait. */

/** Wait until what the user sees and does is dealt with. @returns {Promise<void>} */
export function whenIdle() {
    // Not requestIdleCallback: Safari has none, and others call it seldom while they animate.
    return inTaskOf("background");
}

/** Let the browser hear its user and draw before the next piece of work. @returns {Promise<void>} */
export function nextTask() {
    return inTaskOf("user-visible");
}

/** @param {TaskPriority} priority @returns {Promise<void>} */
function inTaskOf(priority) {
    if ("scheduler" in window) return scheduler.postTask(() => {}, { priority });
    return new Promise((resolve) => setTimeout(resolve, 0));
}
