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

/**
 * Let a picker say what is stored, where it has that: what is not possible is as if nothing was.
 * @param {string} name @param {HTMLSelectElement} picker
 */
export function pickSetting(name, picker) {
    const stored = readSetting(name);
    const isPossible = [...picker.options].some(({ value }) => value === stored);
    if (isPossible) picker.value = String(stored);
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
