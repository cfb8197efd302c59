/** The legend of a figure, in lines of a width. */

/** From the end of a name to the next one. */
const SPACE_PX = 16;

/**
 * @param {HTMLElement | null} figure @param {number} width of a line in pixels
 * @param {string} font @returns {{text: string, tint: string, left: number, row: number}[]} the
 *     names, with their colour and place; rows count from 1
 */
export function legendEntries(figure, width, font) {
    const context = document.createElement("canvas").getContext("2d");
    if (!context) return [];
    context.font = font;
    let [left, row] = [0, 1];
    const marks = [...(figure?.querySelectorAll(".legend i") ?? [])];
    return marks.map((mark) => {
        const text = `■ ${mark.nextSibling?.textContent?.trim() ?? ""}`;
        const { width: own } = context.measureText(text);
        if (left && left + own > width) [left, row] = [0, row + 1];
        const entry = { text, tint: getComputedStyle(mark).backgroundColor, left, row };
        left += own + SPACE_PX;
        return entry;
    });
}
