/** The mark of contracts that were not listed the day before, beside their strike. */

/** @import { Leg } from "../api_types.d.ts" */

/**
 * @param {HTMLElement} head of the strike's row
 * @param {Leg | null} call
 * @param {Leg | null} put
 */
export function showNewMark(head, call, put) {
    const text = markText(call?.newly_listed === true, put?.newly_listed === true);
    const shown = head.querySelector("small");
    if ((shown?.textContent ?? "") === text) return;
    shown?.remove();
    head.title = text ? titleOfNew(text, call?.newly_listed ? call : put) : "";
    if (!text) return;
    const mark = head.appendChild(document.createElement("small"));
    mark.textContent = text;
}

/** @param {boolean} isCallNew @param {boolean} isPutNew */
function markText(isCallNew, isPutNew) {
    if (isCallNew && isPutNew) return "new";
    if (isCallNew) return "new call";
    return isPutNew ? "new put" : "";
}

/** @param {string} what @param {Leg | null} leg a new one */
function titleOfNew(what, leg) {
    const which = what === "new" ? "call and put" : what.slice("new ".length);
    const listed = leg?.listed_on ? `listed on ${leg.listed_on}` : "not listed the day before";
    return `${which} ${listed}: there is no close of the day before to count changes from`;
}
