/** The menu of what can be taken along of a section: CSV, Excel, a picture, code. */

import { readSetting } from "../browser/local_storage.js";
import { curlLines, pandasLines } from "./code_lines.js";
import { csvOf } from "./csv.js";
import { pictureOf } from "./picture.js";
import { tablesIn } from "./table_data.js";
import { workbookOf } from "./workbook.js";

/** @import { TakeSource } from "./take_button.js" */

const EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/**
 * Fill a menu with what its section shows now.
 * @param {HTMLElement} menu
 * @param {TakeSource} source
 * @param {(text: string) => void} tell
 */
export function fillTakeMenu(menu, { section, apart, subject, urls }, tell) {
    const found = tablesIn(section, apart);
    const name = subject();
    menu.replaceChildren();
    if (!found.length) menu.append("There is nothing to take along yet.");
    for (const { element, data } of found) {
        const row = menu.appendChild(document.createElement("div"));
        const label = row.appendChild(document.createElement("span"));
        label.textContent = data.title;
        const file = `${name} ${data.title}`;
        row.append(
            action("CSV", data.title, tell, () =>
                save(new Blob([csvOf(data)], { type: "text/csv" }), `${file}.csv`),
            ),
            action("PNG", data.title, tell, async () =>
                save(await pictureOf(element, data, name), `${file}.png`),
            ),
        );
    }
    const row = menu.appendChild(document.createElement("div"));
    if (found.length) {
        row.append(
            action("Excel, a sheet each", "", tell, async () => {
                const file = await workbookOf(found.map(({ data }) => data));
                save(new Blob([/** @type {BlobPart} */ (file)], { type: EXCEL }), `${name}.xlsx`);
            }),
        );
    }
    const addresses = urls();
    const needsKey = readSetting("key") !== null;
    if (!addresses.length) return;
    row.append(
        action("Copy for pandas", "", tell, () => copy(pandasLines(addresses, needsKey), tell)),
        action("Copy for curl", "", tell, () => copy(curlLines(addresses, needsKey), tell)),
    );
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

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name.replaceAll(/[\\/:*?"<>|]/g, "-");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** @param {string} text @param {(text: string) => void} tell */
async function copy(text, tell) {
    await navigator.clipboard.writeText(text);
    tell("Copied.");
}
