/**
 * The query of the page's address, and the choices that are both in it and kept by this browser: a
 * link shows what its sender saw.
 */

import { readSetting, watchSetting, writeSetting } from "./local_storage.js";

/** @type {LinkedChoice<string>[]} those of this page, in the order of the address */
const linkedChoices = [];

/**
 * Write a query into the address, and the linked choices of what it shows after it.
 * @param {URLSearchParams} parameters all others
 * @param {boolean} isChoice whether the user has chosen it: then Back leads to the one before
 */
export function writeQuery(parameters, isChoice) {
    for (const choice of linkedChoices) {
        parameters.delete(choice.name);
        const value = choice.isShown(parameters) && choice.inUrl;
        if (value) parameters.set(choice.name, value);
    }
    const search = parameters.size ? `?${parameters}` : "";
    if (search === location.search) return;
    const address = location.pathname + search;
    // Some browsers refuse an address that changes many times a minute; a later change writes it.
    try {
        if (isChoice) history.pushState(null, "", address);
        else history.replaceState(null, "", address);
    } catch (error) {
        if (!(error instanceof DOMException)) throw error;
    }
}

/** Write the linked choices into the address. @param {boolean} [isChoice] */
export function writeLinkedChoices(isChoice = false) {
    const parameters = new URLSearchParams(location.search);
    const isWritten = linkedChoices.every(
        (choice) =>
            parameters.get(choice.name) === (choice.isShown(parameters) ? choice.inUrl : null),
    );
    if (!isWritten) writeQuery(parameters, isChoice);
}

// All are read before one of them is written.
addEventListener("popstate", () => {
    const parameters = new URLSearchParams(location.search);
    const changed = linkedChoices.filter((choice) => choice.goBack(parameters));
    if (!changed.length) return;
    writeLinkedChoices();
    for (const choice of changed) choice.onChange();
});

/**
 * One of a few values. That of the address holds for this view of the page; without one it is what
 * the browser keeps. The user's choice changes both.
 * @template {string} T
 */
export class LinkedChoice {
    /**
     * @param {string} name of the parameter and, without another one, of the setting
     * @param {readonly T[]} values
     * @param {{usual?: T, setting?: string, isShown?: (parameters: URLSearchParams) => boolean}}
     *     [options] `usual` is the value that an address leaves out, the first if none is named;
     *     `isShown`: whether a page with this address shows what is chosen
     */
    constructor(name, values, { usual = values[0], setting = name, isShown = () => true } = {}) {
        this.name = name;
        this.values = values;
        this.usual = usual;
        this.setting = setting;
        this.isShown = isShown;
        /** Show the value: it has changed here, in another tab, or by Back. */
        this.onChange = () => {};
        this.value = this.linkedIn(new URLSearchParams(location.search)) ?? this.kept;
        /** What the browser kept when that was last looked at. */
        this.keptBefore = this.kept;
        linkedChoices.push(this);
    }

    /** @param {string | null | undefined} text @returns {T | null} null where it is none of the values */
    known(text) {
        return this.values.find((each) => each === text) ?? null;
    }

    /** What an address names. @param {URLSearchParams} parameters */
    linkedIn(parameters) {
        return this.known(parameters.get(this.name)?.trim());
    }

    get kept() {
        return this.known(readSetting(this.setting)) ?? this.usual;
    }

    /** What the address has to name, so that it shows the same again. @returns {T | null} */
    get inUrl() {
        const { value, usual } = this;
        return value === usual && this.kept === usual ? null : value;
    }

    /** Take what the address before has. @param {URLSearchParams} parameters @returns {boolean} whether it is another value */
    goBack(parameters) {
        if (!this.isShown(parameters)) return false;
        const before = this.value;
        // An address of this page names what is not the usual value.
        this.value = this.linkedIn(parameters) ?? this.usual;
        return this.value !== before;
    }

    /** The user has chosen. @param {T} value */
    choose(value) {
        writeSetting(this.setting, value);
        this.keptBefore = this.kept;
        this.value = value;
        writeLinkedChoices(true);
        this.onChange();
    }

    /**
     * Let the user choose.
     * @param {HTMLSelectElement} picker one that is made anew takes the place of the one before
     * @param {() => void} onChange here, in another tab, or by Back
     */
    setUp(picker, onChange) {
        picker.value = this.value;
        this.onChange = () => {
            picker.value = this.value;
            // The panel of the picker may be closed.
            if (picker.isConnected) onChange();
        };
        picker.addEventListener("change", () =>
            this.choose(this.known(picker.value) ?? this.usual),
        );
    }

    /** Follow what the user chooses in other tabs; what a link alone says stays. */
    followTabs() {
        watchSetting(this.setting, () => {
            const isKept = this.value === this.keptBefore;
            this.keptBefore = this.kept;
            if (!isKept || this.value === this.kept) return;
            this.value = this.kept;
            writeLinkedChoices();
            this.onChange();
        });
    }
}
