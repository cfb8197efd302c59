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

/**
 * Be told when another tab of this browser has changed a setting.
 * @param {string} name @param {() => void} listener
 */
export function watchSetting(name, listener) {
    // The key is null where all settings were removed.
    addEventListener("storage", ({ key }) => {
        if (key === PREFIX + name || key === null) listener();
    });
}
