/** The user's choice of columns, kept in the browser and in the address. */

import { LinkedChoice } from "../browser/address.js";
import { columnsNamed, headed, usualColumns } from "./columns.js";

/** @import { Column } from "./columns.js" */

/** As many of the usual columns as there is room for. */
const USUAL = "usual";

/** Names of columns with commas between, or the usual ones. @extends {LinkedChoice<string>} */
class ColumnChoice extends LinkedChoice {
    /** Without names that are not known. @param {string | null | undefined} text */
    known(text) {
        if (text === USUAL) return text;
        return namesOf(columnsNamed(text ?? "")) || null;
    }
}

// There is a choice of its own for chains that are compared.
const columnChoice = new ColumnChoice("columns", [USUAL], {
    isShown: (parameters) => !parameters.has("against"),
});
const windowColumnChoice = new ColumnChoice("window-columns", [USUAL], {
    isShown: (parameters) => parameters.has("against"),
});

/** @param {boolean} isCompared */
function choiceOf(isCompared) {
    return isCompared ? windowColumnChoice : columnChoice;
}

/**
 * @param {number} room in pixels
 * @param {(columns: Column[]) => number} widthOf a table with these columns on both sides
 * @param {string | null} since what the chain is compared with, in few characters
 * @returns {Column[]} the chosen ones or, of the usual ones, as many as there is room for
 */
export function shownColumns(room, widthOf, since) {
    const isCompared = since !== null;
    const chosen = columnsNamed(choiceOf(isCompared).value);
    const allowed = chosen.filter(({ ofWindow }) => isCompared || !ofWindow);
    if (allowed.some(({ ofStrike }) => !ofStrike)) return headed(allowed, since);
    /** @param {Column[]} columns */
    const widthHeaded = (columns) => widthOf(headed(columns, since));
    return headed(usualColumns(room, widthHeaded, isCompared), since);
}

/** @param {string[] | null} names null for the usual columns @param {boolean} isCompared */
export function chooseColumns(names, isCompared) {
    choiceOf(isCompared).choose(names?.length ? names.join() : USUAL);
}

/** @param {() => void} onChange by the user, or by Back */
export function setUpColumnChoice(onChange) {
    columnChoice.onChange = windowColumnChoice.onChange = onChange;
}

/** @param {Column[]} columns */
function namesOf(columns) {
    return columns.map(({ name }) => name).join();
}
