/** Whether an element is in sight: what nobody sees needs no request. */

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
