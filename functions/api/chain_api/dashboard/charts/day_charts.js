/** The charts of the day: PCR with the straddle, spot with the implied volatility at the money. */

import { elementById, setText } from "../browser/dom.js";
import { placeById } from "./chart.js";
import { DayChart } from "./day_chart.js";
import { PCR_LINES, SPOT_LINES } from "./day_lines.js";
import { TIMES_UNIT } from "./time_span.js";

/** @import { DayRecord } from "../requests/day_history.js" */

export class DayCharts {
    /** @param {(timestamp: string) => void} onTime a time was clicked */
    constructor(onTime) {
        this.charts = [
            new DayChart(placeById("chart-pcr"), PCR_LINES, onTime),
            new DayChart(placeById("chart-underlying"), SPOT_LINES, onTime),
        ];
    }

    /**
     * @param {DayRecord[]} records all of the day
     * @param {string | null} at the time that is replayed, null when live
     * @param {string} lacking why the records are not all of the day, "" where they are
     */
    show(records, at, lacking) {
        for (const chart of this.charts) chart.show(records, at);
        const unit = lacking
            ? `${TIMES_UNIT}; the rest of the day is not there: ${lacking}`
            : TIMES_UNIT;
        for (const id of ["pcr-unit", "underlying-unit"])
            setText(elementById(id, HTMLElement), unit);
    }

    redraw() {
        for (const chart of this.charts) chart.redraw();
    }
}
