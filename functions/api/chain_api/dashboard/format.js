/** Numbers and moments as Indian traders read them: lakh and crore, India's time. Null is a dash, never 0. */

export const DASH = "–";
export const BUILDUPS = {
    long_buildup: "Long build-up",
    short_buildup: "Short build-up",
    long_unwinding: "Long unwinding",
    short_covering: "Short covering",
};
const INDIA = "en-IN";
const ZONE = "Asia/Kolkata";

/** @type {Map<number, Intl.NumberFormat>} */
const plain = new Map();

/** @param {number} digits */
function formatter(digits) {
    let found = plain.get(digits);
    if (!found) {
        found = new Intl.NumberFormat(INDIA, {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
        });
        plain.set(digits, found);
    }
    return found;
}

/** @param {unknown} value @returns {value is number} */
export function isNumber(value) {
    return typeof value === "number" && Number.isFinite(value);
}

/** A number with so many decimals; a dash for what is no number. @param {unknown} value */
export function number(value, digits = 0) {
    return isNumber(value)
        ? formatter(digits)
              .format(value === 0 ? 0 : value)
              .replace("-", "−")
        : DASH;
}

/** A number that says which way it goes. @param {unknown} value */
export function signed(value, digits = 0) {
    return isNumber(value) && value > 0 ? `+${number(value, digits)}` : number(value, digits);
}

const strikes = new Intl.NumberFormat(INDIA, { maximumFractionDigits: 2 });

/** A strike, with decimals only where it has any. @param {unknown} value */
export function strike(value) {
    return isNumber(value) ? strikes.format(value) : DASH;
}

const short = new Intl.NumberFormat(INDIA, { notation: "compact", maximumFractionDigits: 1 });

/** For an axis: 1.2L, 3Cr. @param {number} value */
export function brief(value) {
    return short.format(value).replace("-", "−");
}

/** The raw value as an attribute carries it: JSON, "" for null. @param {unknown} value */
export function raw(value) {
    return isNumber(value) || (typeof value === "string" && value) ? String(value) : "";
}

const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
});
const dates = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    day: "2-digit",
    month: "short",
    year: "numeric",
});
const days = new Intl.DateTimeFormat("en-CA", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
});

/** @param {string | number} moment ISO text, or milliseconds @returns {string} 20:45:10, in India */
export function time(moment) {
    return clock.format(new Date(moment));
}

/** @param {string | number} moment @returns {string} 22 Nov, 20:45, in India */
export function dayAndTime(moment) {
    return `${date(moment).slice(0, 6)}, ${time(moment).slice(0, 5)}`;
}

/** @param {string | number} moment @returns {string} 22 Nov 2026, in India */
export function date(moment) {
    return dates.format(new Date(moment));
}

/** @param {string | number} moment @returns {string} 2026-11-22, the day in India */
export function isoDay(moment) {
    return days.format(new Date(moment));
}

/** @param {number | null} seconds @returns {string} 4 s, 3 min 20 s, 5 h 02 min, 3 days */
export function age(seconds) {
    if (!isNumber(seconds)) return DASH;
    const whole = Math.floor(seconds);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    if (whole < 172800) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
    return `${Math.floor(whole / 86400)} days`;
}
