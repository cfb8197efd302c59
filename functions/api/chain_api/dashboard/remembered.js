/** What this browser keeps for its user. A browser may refuse to keep anything; then nothing is remembered. */

const PREFIX = "option-chain.";

/** @param {string} name @returns {string | null} */
export function recall(name) {
    try {
        return localStorage.getItem(PREFIX + name);
    } catch {
        return null;
    }
}

/** @param {string} name @param {string | null} text null forgets it */
export function remember(name, text) {
    try {
        if (text === null) localStorage.removeItem(PREFIX + name);
        else localStorage.setItem(PREFIX + name, text);
    } catch {
        // Private windows of some browsers keep nothing.
    }
}
