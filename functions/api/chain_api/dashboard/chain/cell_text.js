/** What stands in a cell of the chain: a value as its column writes it. */

import {
    BUILDUPS,
    DASH,
    formatCrore,
    formatNumber,
    formatSigned,
    formatSignedCrore,
    isNumber,
} from "../words/format.js";

/** @import { Leg } from "../api_types.d.ts" */
/** @import { Column } from "./columns.js" */

/** @param {Leg[string]} value @param {Column} column @param {boolean} isCompact in few characters */
export function textInCell(value, { kind, digits }, isCompact) {
    if (kind === "word") return BUILDUPS[String(value)] ?? DASH;
    if (!isCompact || !isNumber(value)) {
        return kind === "signed" ? formatSigned(value, digits) : formatNumber(value, digits);
    }
    return kind === "signed" ? formatSignedCrore(value) : formatCrore(value);
}
