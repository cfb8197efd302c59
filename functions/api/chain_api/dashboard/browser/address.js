/**
 * The query of the page's address, and the choices that are both in it and kept by this browser: a
 * link shows what its sender saw.
 */

import { readSetting, watchSetting, writeSetting } from "./local_storage.js";

/** @type {LinkedChoice<string>[]} those of this page, in the order of the address */
const linkedChoices = [];

/**
 * Write a query into the address, and the linked choices after it.
 * @param {URLSearchParams} parameters all others
 * @param {boolean} isChoice whether the user has chosen it: then Back leads to the one before
 */
export function writeQuery(parameters, isChoice) {
    for (const { name, inUrl } of linkedChoices) {
        parameters.delete(name);
        if (inUrl) parameters.set(name, inUrl);
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
    const isWritten = linkedChoices.every(({ name, inUrl }) => parameters.get(name) === inUrl);
    if (!isWritten) writeQuery(parameters, isChoice);
}

/**
 * One of a few values. That of the address holds for this view of the page; without one it is what
 * the browser keeps. The user's choice changes both.
 * @template {string} T
 */
export class LinkedChoice {
    /**
     * @param {string} name of the parameter and of the setting
     * @param {readonly T[]} values the first is the usual one
     */
    constructor(name, values) {
        this.name = name;
        this.values = values;
        this.value = this.linked ?? this.kept;
        linkedChoices.push(this);
    }

    /** @param {string | null | undefined} text @returns {T | null} null where it is none of the values */
    known(text) {
        return this.values.find((each) => each === text) ?? null;
    }

    /** What the address names. */
    get linked() {
        return this.known(new URLSearchParams(location.search).get(this.name)?.trim());
    }

    get kept() {
        return this.known(readSetting(this.name)) ?? this.values[0];
    }

    /** What the address has to name, so that it shows the same again. @returns {T | null} */
    get inUrl() {
        const [usual] = this.values;
        return this.value === usual && this.kept === usual ? null : this.value;
    }

    /**
     * Let the user choose.
     * @param {HTMLSelectElement} picker @param {() => void} onChange here, in another tab, or by Back
     */
    setUp(picker, onChange) {
        let { kept } = this;
        picker.value = this.value;
        /** @param {T} value @param {boolean} isChoice */
        const change = (value, isChoice) => {
            this.value = value;
            picker.value = value;
            writeLinkedChoices(isChoice);
            onChange();
        };
        picker.addEventListener("change", () => {
            writeSetting(this.name, picker.value);
            kept = this.kept;
            change(this.known(picker.value) ?? this.values[0], true);
        });
        addEventListener("popstate", () => {
            // An address of this page names what is not the usual value.
            const value = this.linked ?? this.values[0];
            if (value !== this.value) change(value, false);
        });
        watchSetting(this.name, () => {
            // What a link alone says stays.
            const isKept = this.value === kept;
            kept = this.kept;
            if (isKept && this.value !== kept) change(kept, false);
        });
    }
}
