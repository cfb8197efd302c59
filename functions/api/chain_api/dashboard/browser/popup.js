/** A panel that a button opens and closes. */

/**
 * @param {HTMLElement} panel @param {HTMLElement} button @param {() => void} [onOpen]
 * @returns {() => void} closes it
 */
export function openByButton(panel, button, onOpen = () => {}) {
    // Only while it is open: the document would keep a panel that is taken away meanwhile.
    let listening = new AbortController();
    /** @param {boolean} isOpen */
    const setOpen = (isOpen) => {
        panel.hidden = !isOpen;
        button.setAttribute("aria-expanded", String(isOpen));
        listening.abort();
        if (!isOpen) return;
        // A toolbar may have more than one line.
        const bar = button.closest(".toolbar");
        if (bar instanceof HTMLElement) panel.style.top = `${bar.offsetTop + bar.offsetHeight}px`;
        listening = new AbortController();
        const { signal } = listening;
        document.addEventListener("keydown", onKey, { signal });
        document.addEventListener("pointerdown", onPointer, { signal });
        onOpen();
    };
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
        if (event.key !== "Escape") return;
        setOpen(false);
        button.focus();
    };
    /** @param {PointerEvent} event */
    const onPointer = (event) => {
        const path = event.composedPath();
        if (!path.includes(panel) && !path.includes(button)) setOpen(false);
    };
    button.addEventListener("click", () => setOpen(panel.hidden !== false));
    return () => setOpen(false);
}
