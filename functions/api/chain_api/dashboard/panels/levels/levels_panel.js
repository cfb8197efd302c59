/** The panel of levels: max pain, support and resistance through the day, with the price. */

import { DayChart } from "../../charts/day_chart.js";
import { addFigure } from "../../charts/figure.js";
import { TIMES_UNIT } from "../../charts/time_span.js";
import { DayRecords } from "../../requests/day_records.js";

/** @import { DayLine } from "../../charts/day_lines.js" */
/** @import { RecordOfDay } from "../../requests/day_records.js" */
/** @import { Snapshot } from "../../requests/snapshot.js" */
/** @import { Panel, PanelHost } from "../panel.d.ts" */

const LEVEL_METRICS = /** @type {const} */ ([
    "reference_price",
    "max_pain",
    "support",
    "resistance",
    "legs_missing",
]);

/** @typedef {RecordOfDay & Record<typeof LEVEL_METRICS[number], number | null>} LevelRecord */

/**
 * Levels are often at one strike: those drawn over others have gaps in which these are seen.
 * @type {DayLine<LevelRecord>[]}
 */
const LEVEL_LINES = [
    { read: (record) => record.reference_price, label: "Price", digits: 2, colourName: "text" },
    { read: (record) => record.support, label: "Support", digits: 2, colourName: "put" },
    {
        read: (record) => record.resistance,
        label: "Resistance",
        digits: 2,
        colourName: "call",
        dash: [16, 8],
    },
    {
        read: (record) => record.max_pain,
        label: "Max pain",
        digits: 2,
        colourName: "first",
        dash: [4, 8],
    },
];

/** @param {PanelHost} host @returns {Panel} */
export function openLevels({ body, goTo }) {
    const place = addFigure(body, {
        title: "Max pain and walls through the day",
        unit: TIMES_UNIT,
        legend: LEVEL_LINES,
    });
    /** @type {DayRecords<LevelRecord>} */
    const history = new DayRecords(LEVEL_METRICS);
    const chart = new DayChart(place, LEVEL_LINES, goTo);
    /** @type {Snapshot | null} */
    let shown = null;
    const draw = () => {
        const at = shown?.at ? shown.chain.timestamp : null;
        chart.show(shown ? history.records : [], at);
    };
    return {
        show({ snapshot }) {
            shown = snapshot;
            history.add(snapshot);
            draw();
        },
        clear() {
            shown = null;
            draw();
        },
        async fetch({ snapshot }, signal) {
            if (await history.refresh(snapshot.chain, signal)) draw();
        },
        addresses: () => (shown && history.isComplete ? [history.addressOf(shown)] : []),
        redraw: () => chart.redraw(),
        close: () => chart.remove(),
    };
}
