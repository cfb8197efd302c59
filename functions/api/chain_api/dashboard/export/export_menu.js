/** The menu of what can be exported of a section: CSV, Excel, a picture, code. */

import { whenIdle } from "../browser/idle.js";
import { storedKey } from "../requests/api.js";
import { curlLines, pandasLines } from "./code_lines.js";
import { csvOf } from "./csv.js";
import { pictureOf } from "./picture.js";
import { tablesIn } from "./table_data.js";
import { workbookOf } from "./workbook.js";

/** @import { ExportSource } from "./export_button.js" */

const EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/**
 * Fill a menu that has been opened, and again whenever its section has other tables or charts.
 * @param {HTMLElement} menu
 * @param {ExportSource} source
 * @param {(text: string) => void} tell
 * @returns {MutationObserver} which ends with the first change after the menu is closed
 */
export function keepExportMenu(menu, source, tell) {
    const contents = () => tablesIn(source.section, source.apart).map(({ data }) => data.title);
    let filled = "";
    const fill = () => {
        const found = JSON.stringify(contents());
        if (found === filled) return;
        filled = found;
        const focused = menu.contains(document.activeElement) && document.activeElement;
        fillExportMenu(menu, source, tell);
        if (focused) buttonLike(menu, focused)?.focus();
    };
    fill();
    let isDue = false;
    const observer = new MutationObserver(async () => {
        if (isDue) return;
        isDue = true;
        await whenIdle();
        isDue = false;
        if (menu.checkVisibility()) fill();
        else observer.disconnect();
    });
    const attributeFilter = ["data-empty", "hidden", "aria-busy"];
    observer.observe(source.section, { childList: true, subtree: true, attributeFilter });
    return observer;
}

/** The button that does what another one did, else the first. @param {HTMLElement} menu @param {Element} other */
function buttonLike(menu, other) {
    const buttons = [...menu.querySelectorAll("button")];
    /** @param {Element} button */
    const nameOf = (button) => button.getAttribute("aria-label") ?? button.textContent;
    return buttons.find((each) => nameOf(each) === nameOf(other)) ?? buttons[0];
}

/**
 * Fill a menu with what its section has. What is exported is what is shown at that click, and its name
 * says of when it is: the menu may stay open while snapshots come.
 * @param {HTMLElement} menu
 * @param {ExportSource} source
 * @param {(text: string) => void} tell
 */
function fillExportMenu(menu, { section, apart, name, subject, urls }, tell) {
    const found = tablesIn(section, apart);
    /** @param {HTMLElement} element */
    const dataOf = (element) => {
        const now = tablesIn(section, apart).find((each) => each.element === element);
        if (!now) throw new Error("It is not shown any more. Open this menu again.");
        return now.data;
    };
    menu.replaceChildren();
    if (!found.length) menu.append("There is nothing to export yet.");
    for (const { element, data } of found) {
        const row = menu.appendChild(document.createElement("div"));
        const label = row.appendChild(document.createElement("span"));
        label.textContent = data.title;
        row.append(
            action("CSV", data.title, tell, () => {
                const text = csvOf(dataOf(element));
                save(new Blob([text], { type: "text/csv" }), subject(), `${data.title}.csv`);
            }),
            action("PNG", data.title, tell, async () => {
                const shown = subject();
                const picture = await pictureOf(element, dataOf(element), shown);
                save(picture, shown, `${data.title}.png`);
            }),
        );
    }
    const row = menu.appendChild(document.createElement("div"));
    if (found.length) {
        row.append(
            action("Excel, a sheet each", "", tell, async () => {
                const shown = subject();
                const tables = tablesIn(section, apart).flatMap(({ data }) =>
                    data.total ? [data, data.total] : [data],
                );
                const file = await workbookOf(tables);
                const blob = new Blob([/** @type {BlobPart} */ (file)], { type: EXCEL });
                save(blob, shown, `${name}.xlsx`);
            }),
        );
    }
    if (!urls().length) return;
    for (const [target, linesOf] of /** @type {const} */ ([
        ["pandas", pandasLines],
        ["curl", curlLines],
    ])) {
        const copyLines = () => copy(linesOf(urls(), storedKey() !== null), menu, tell);
        row.append(action(`Copy for ${target}`, "", tell, copyLines));
    }
}

/**
 * @param {string} text @param {string} title of the table that it is about
 * @param {(text: string) => void} tell @param {() => unknown} work
 */
function action(text, title, tell, work) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    if (title) button.setAttribute("aria-label", `${text}: ${title}`);
    button.addEventListener("click", async () => {
        tell("");
        try {
            await work();
        } catch (error) {
            tell(`That did not work: ${error instanceof Error ? error.message : error}`);
        }
    });
    return button;
}

/** @param {Blob} blob @param {string} subject of what and when it is @param {string} name what it is */
function save(blob, subject, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${subject} ${name}`.replaceAll(/[\\/:*?"<>|]/g, "-");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** @param {string} text @param {HTMLElement} menu @param {(text: string) => void} tell */
async function copy(text, menu, tell) {
    // Browsers let only a page with https, or of this machine, write to the clipboard.
    if (!navigator.clipboard) {
        showToCopy(text, menu);
        tell("This browser lets only pages with https copy. Press Ctrl+C.");
        return;
    }
    await navigator.clipboard.writeText(text);
    tell("Copied.");
}

/** Show lines, selected, for the user to copy. @param {string} text @param {HTMLElement} menu */
function showToCopy(text, menu) {
    menu.querySelector("textarea")?.remove();
    const lines = menu.appendChild(document.createElement("textarea"));
    lines.readOnly = true;
    lines.rows = 4;
    lines.setAttribute("aria-label", "Lines to copy");
    lines.value = text;
    lines.select();
}
