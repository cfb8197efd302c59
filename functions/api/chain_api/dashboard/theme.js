/** Light, dark, or as the system has it. */

import { forgetColours } from "./palette.js";
import { recall, remember } from "./remembered.js";

const NEXT = { auto: "light", light: "dark", dark: "auto" };

/** @param {() => void} changed what is drawn is to be drawn anew */
export function theme(changed) {
    const button = document.getElementById("theme");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    let chosen = NEXT[recall("theme")] ? recall("theme") : "auto";

    const apply = () => {
        if (chosen === "auto") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = chosen;
        button.lastElementChild.textContent = chosen;
        forgetColours();
        changed();
    };
    button.addEventListener("click", () => {
        chosen = NEXT[chosen];
        remember("theme", chosen === "auto" ? null : chosen);
        apply();
    });
    dark.addEventListener("change", apply);
    apply();
}
