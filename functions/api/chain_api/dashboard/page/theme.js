/** The theme: light, dark, or as the system has it. */

import { elementById } from "../browser/dom.js";
import { readSetting, writeSetting } from "../browser/local_storage.js";
import { forgetColours } from "../charts/colours.js";

/** @type {Record<string, string>} */
const NEXT_THEME = { auto: "light", light: "dark", dark: "auto" };

/** @param {() => void} redraw what is drawn on a canvas */
export function setUpTheme(redraw) {
    const button = elementById("theme", HTMLButtonElement);
    const stored = readSetting("theme") ?? "auto";
    let theme = Object.hasOwn(NEXT_THEME, stored) ? stored : "auto";

    const apply = () => {
        if (theme === "auto") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = theme;
        if (button.lastElementChild) button.lastElementChild.textContent = theme;
        forgetColours();
        redraw();
    };
    button.addEventListener("click", () => {
        theme = NEXT_THEME[theme];
        writeSetting("theme", theme === "auto" ? null : theme);
        apply();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
    apply();
}
