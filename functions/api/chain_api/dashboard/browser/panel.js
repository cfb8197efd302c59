/** A panel that a button opens and closes. */

/**
 * @param {HTMLElement} panel @param {HTMLElement} button @param {() => void} [onOpen]
 * @returns {() => void} closes it
 */
export function openByButton(panel, button, onOpen = () => {}) {
    /** @param {boolean} isOpen */
    const setOpen = (isOpen) => {
        panel.hidden = !isOpen;
        button.setAttribute("aria-expanded", String(isOpen));
        if (isOpen) onOpen();
    };
    button.addEventListener("click", () => setOpen(panel.hidden !== false));
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || panel.hidden) return;
        setOpen(false);
        button.focus();
    });
    document.addEventListener("pointerdown", (event) => {
        const path = event.composedPath();
        if (!path.includes(panel) && !path.includes(button)) setOpen(false);
    });
    return () => setOpen(false);
}
