/** A picker of expiries. */

/**
 * Fill a picker. A selected name that is not in the list is added, since the list may be older.
 * @param {HTMLSelectElement} picker
 * @param {string[]} names
 * @param {string | null} selected
 */
export function fillPicker(picker, names, selected) {
    const options = selected && !names.includes(selected) ? [selected, ...names] : names;
    // Options that are replaced would close a picker that the user has open.
    if (optionsOf(picker).join("\n") !== options.join("\n")) {
        picker.replaceChildren(...options.map((name) => new Option(name, name)));
    }
    if (selected && picker.value !== selected) picker.value = selected;
    picker.disabled = options.length === 0;
}

/** @param {HTMLSelectElement} picker @returns {string[]} */
export function optionsOf(picker) {
    return [...picker.options].map((option) => option.value);
}
