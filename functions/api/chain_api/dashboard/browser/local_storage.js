/**
 * The user's settings, which this browser stores. A browser may refuse to store anything; then the
 * page keeps its defaults.
 */

const PREFIX = "option-chain.";

/** @param {string} name @returns {string | null} */
export function readSetting(name) {
    try {
        return localStorage.getItem(PREFIX + name);
    } catch {
        return null;
    }
}

/** @param {string} name @param {string | null} value null removes the setting */
export function writeSetting(name, value) {
    try {
        if (value === null) localStorage.removeItem(PREFIX + name);
        else localStorage.setItem(PREFIX + name, value);
    } catch {
        // Some browsers store nothing in private windows.
    }
}
