/** A figure for a chart of a panel: title, unit, legend, and the chart's place. */

/** @import { ChartPlace } from "./chart.js" */

let figures = 0;

/**
 * `legend`: the name of each line and of its colour in theme.css.
 * @param {HTMLElement} parent
 * @param {{title: string, unit?: string, legend?: {label: string, colourName: string}[]}} content
 * @returns {ChartPlace & {figure: HTMLElement, heading: HTMLElement, unit: HTMLElement}}
 */
export function addFigure(parent, { title, unit = "", legend = [] }) {
    figures += 1;
    const id = `figure-${figures}`;
    const figure = parent.appendChild(document.createElement("figure"));
    const caption = figure.appendChild(document.createElement("figcaption"));
    const heading = caption.appendChild(document.createElement("h3"));
    heading.id = `${id}-title`;
    heading.textContent = title;
    const unitElement = caption.appendChild(document.createElement("span"));
    unitElement.className = "unit";
    unitElement.textContent = unit;
    if (legend.length) caption.append(legendOf(legend));
    const container = figure.appendChild(document.createElement("div"));
    container.className = "plot";
    container.role = "img";
    container.setAttribute("aria-labelledby", heading.id);
    container.setAttribute("aria-describedby", `${id}-text`);
    const description = figure.appendChild(document.createElement("p"));
    description.id = `${id}-text`;
    description.className = "unseen";
    return { figure, heading, container, description, unit: unitElement };
}

/** @param {{label: string, colourName: string}[]} entries */
function legendOf(entries) {
    const legend = document.createElement("span");
    legend.className = "legend";
    legend.ariaHidden = "true";
    for (const { label, colourName } of entries) {
        const entry = legend.appendChild(document.createElement("span"));
        const mark = entry.appendChild(document.createElement("i"));
        mark.className = "line";
        mark.style.setProperty("--tint", `var(--${colourName})`);
        entry.append(label);
    }
    return legend;
}
