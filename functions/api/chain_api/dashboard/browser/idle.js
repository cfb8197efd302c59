/** When a browser has nothing better to do. */

/** Wait until what the user sees and does is dealt with. @returns {Promise<void>} */
export function whenIdle() {
    // Not requestIdleCallback: Safari has none, and others call it seldom while they animate.
    if ("scheduler" in window) return scheduler.postTask(() => {}, { priority: "background" });
    return new Promise((resolve) => setTimeout(resolve, 0));
}
