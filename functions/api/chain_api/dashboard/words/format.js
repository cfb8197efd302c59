/**
 * Numbers and times as Indian traders read them: lakh and crore, India's time. Null is a dash,
 * never 0.
 */

export const DASH = "–";
const MINUS = "−";
const MOST_QUOTED = 40;
/** Kinds of build-up, by their names in the API. @type {Record<string, string>} */
export const BUILDUPS = {
    long_buildup: "Long build-up",
    short_buildup: "Short build-up",
    long_unwinding: "Long unwinding",
    short_covering: "Short covering",
};
const INDIA = "en-IN";
const ZONE = "Asia/Kolkata";

/**
 * "negative" writes a − and "exceptZero" a + as well; what is written as 0 has neither.
 * @typedef {"negative" | "exceptZero"} SignDisplay
 */

/** By number of decimals; making one is slow. @type {Record<SignDisplay, Map<number, Intl.NumberFormat>>} */
const numberFormats = { negative: new Map(), exceptZero: new Map() };

/** @param {number} digits the number of decimals @param {SignDisplay} signDisplay */
function numberFormat(digits, signDisplay) {
    const formats = numberFormats[signDisplay];
    let format = formats.get(digits);
    if (!format) {
        format = new Intl.NumberFormat(INDIA, {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
            signDisplay,
        });
        formats.set(digits, format);
    }
    return format;
}

/** @param {unknown} value @returns {value is number} */
export function isNumber(value) {
    return typeof value === "number" && Number.isFinite(value);
}

/** A number with so many decimals. @param {unknown} value */
export function formatNumber(value, digits = 0) {
    if (!isNumber(value)) return DASH;
    return numberFormat(digits, "negative").format(value).replace("-", MINUS);
}

/** A number with + or −, and neither where it is written as 0. @param {unknown} value */
export function formatSigned(value, digits = 0) {
    if (!isNumber(value)) return DASH;
    return numberFormat(digits, "exceptZero").format(value).replace("-", MINUS);
}

/** The sign of a number as it is written: 0 where that is 0. @param {number} value @param {string} text */
export function signShown(value, text) {
    return /[1-9]/.test(text) ? Math.sign(value) : 0;
}

const strikeFormat = new Intl.NumberFormat(INDIA, { maximumFractionDigits: 2 });

/** A strike, with decimals only where it has any. @param {unknown} value */
export function formatStrike(value) {
    return isNumber(value) ? strikeFormat.format(value) : DASH;
}

const exactFormat = new Intl.NumberFormat(INDIA, { maximumFractionDigits: 20 });

/** A number as somebody has typed it, with all its digits. @param {number} value */
export function formatExact(value) {
    return exactFormat.format(value).replace("-", MINUS);
}

const compactFormat = new Intl.NumberFormat(INDIA, {
    notation: "compact",
    maximumFractionDigits: 1,
    signDisplay: "negative",
});

/** A number in few characters: 1.2L, 3Cr. @param {number} value */
function formatCompact(value) {
    return compactFormat.format(value).replace("-", MINUS);
}

const CRORE = 1e7;
const LAKH_CRORE = 1e12;

/** A number in few characters with whole crores, as rupees are told: 17,216Cr, 1.3LCr. @param {number} value */
export function formatCrore(value) {
    const size = Math.abs(value);
    if (size < 100 * CRORE || size >= LAKH_CRORE) return formatCompact(value);
    return `${formatNumber(value / CRORE)}Cr`;
}

const sumFormat = new Intl.NumberFormat(INDIA, {
    notation: "compact",
    minimumSignificantDigits: 3,
    maximumSignificantDigits: 3,
});

/**
 * The same with three digits at least, so that the sums of both sides can be compared: 1.04Cr.
 * @param {number} value
 */
export function formatSum(value) {
    const text = formatCrore(value);
    const digits = text.replace(/\D/g, "").length;
    const isExact = Math.abs(value) < 1000;
    return digits > 2 || isExact ? text : sumFormat.format(value).replace("-", MINUS);
}

/** The same with + or −, and neither where it is written as 0. @param {number} value */
export function formatSignedCrore(value) {
    return withPlus(value, formatCrore(value));
}

/** @param {number} value */
export function formatSignedSum(value) {
    return withPlus(value, formatSum(value));
}

/** @param {number} value @param {string} text of it */
function withPlus(value, text) {
    return signShown(value, text) > 0 ? `+${text}` : text;
}

/**
 * The value as a data attribute carries it: JSON without quotes, "" for null.
 * @param {unknown} value
 */
export function attributeValue(value) {
    return isNumber(value) || typeof value === "string" ? String(value) : "";
}

const timeFormat = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
});
const dateFormat = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONE,
    day: "2-digit",
    month: "short",
    year: "numeric",
});
const isoDayFormat = new Intl.DateTimeFormat("en-CA", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
});

/** India's offset from UTC, which never changes. */
export const INDIA_OFFSET_MS = 19800000;

/** @typedef {string | number} Instant ISO text, or milliseconds since 1970 */

/** @param {Instant} instant @returns {string} 20:45:10, in India */
export function formatTime(instant) {
    return timeFormat.format(new Date(instant));
}

/** @param {Instant} instant @returns {string} 22 Nov 2026, in India */
export function formatDate(instant) {
    return dateFormat.format(new Date(instant));
}

/** Of something that is read elsewhere and later. @param {string} instant @returns {string} 19 Jun 2026 15:02:30 IST */
export function datedTime(instant) {
    return `${formatDate(instant)} ${formatTime(instant)} IST`;
}

/** @param {Instant} instant @returns {string} 22 Nov, in India */
export function formatDayOfMonth(instant) {
    return formatDate(instant).slice(0, 6);
}

/** @param {Instant} instant @returns {string} 2026-11-22, the day in India */
export function isoDay(instant) {
    return isoDayFormat.format(new Date(instant));
}

/** What an address says, in quotation marks and cut short. @param {string} text */
export function inQuotes(text) {
    return `“${text.slice(0, MOST_QUOTED)}”`;
}

/** @param {number | null} seconds @returns {string} 4 s, 3 min 20 s, 5 h 2 min, 3 days */
export function formatAge(seconds) {
    if (!isNumber(seconds)) return DASH;
    const whole = Math.floor(seconds);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    if (whole < 172800)
        return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
    return `${Math.floor(whole / 86400)} days`;
}

/**
 * Say that numbers may jump, as contracts of the snapshot before are not in this one.
 * @param {unknown} legsMissing how many; null where that is not known
 */
export function lossText(legsMissing) {
    if (!isNumber(legsMissing) || legsMissing === 0) return "";
    return `${legsMissing} ${legsMissing === 1 ? "contract" : "contracts"} missing since before`;
}
