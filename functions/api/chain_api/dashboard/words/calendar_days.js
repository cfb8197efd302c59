/** Days of the calendar: as texts like 2026-06-19, which sort by date, and as expiries are written. */

import { serverNow } from "../requests/server_clock.js";
import { isoDay } from "./format.js";

export const DAY_MS = 86400000;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NAMED_CLOCK = /^\d{1,2}:[\d:.]+$/;
const NAMED_INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{1,2}):([\d:.]+)(Z|[+ -]\d{2}:?\d{2}|)$/i;
const AGO = /^-(\d{1,5})([smhd])$/i;
/** @type {Record<string, number>} */
const AGO_UNITS_MS = { s: 1000, m: 60000, h: 3600000, d: DAY_MS };

/** Whether a text is a day that there is. @param {string} text */
export function isDay(text) {
    // A browser takes 2026-06-31 for the first of July.
    return DAY.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text;
}

/**
 * The instant that the page's address names, as the API reads it: a time of today, an instant, in
 * India's time without a zone, or how long ago.
 * @param {string} at
 * @returns {number | null} as Date.now() counts; null for a whole day, and where it is no such text
 */
export function timeOfMoment(at) {
    const text = at.trim();
    const [, count, unit] = AGO.exec(text) ?? [];
    if (count) return serverNow() - Number(count) * AGO_UNITS_MS[unit.toLowerCase()];
    const isOfToday = NAMED_CLOCK.test(text);
    const instant = NAMED_INSTANT.exec(isOfToday ? `${isoDay(serverNow())}T${text}` : text);
    if (!instant) return null;
    const [, day, hour, rest, zone] = instant;
    // A + in an address that was not escaped arrives as a space.
    const offset = zone.replace(" ", "+").toUpperCase() || "+05:30";
    const time = Date.parse(`${day}T${hour.padStart(2, "0")}:${rest}${offset}`);
    return Number.isNaN(time) ? null : time;
}

/**
 * A moment of the page's address as it means the same at any time. A time of today, how long ago, and
 * a day that is not over do not: they become the moment of the snapshot that they have led to.
 * @param {string} at @param {string} timestamp of that snapshot
 */
export function lastingMoment(at, timestamp) {
    const isLasting = isDay(at) ? at < isoDay(serverNow()) : NAMED_INSTANT.test(at.trim());
    return isLasting ? at : timestamp;
}

/**
 * The day in India of a moment as the page's address names it.
 * @param {string | null} at
 * @returns {string | null} null where it is no such text
 */
export function dayOfMoment(at) {
    if (at === null || isDay(at)) return at;
    const time = timeOfMoment(at);
    return time === null ? null : isoDay(time);
}

/** @param {string} day @param {number} count negative for days before @returns {string} */
export function addDays(day, count) {
    return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/**
 * The same day of another month, or the last one of it.
 * @param {string} day @param {number} count of months
 */
export function addMonths(day, count) {
    const [year, month, date] = day.split("-").map(Number);
    const first = new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 10);
    const last = monthOf(first).last;
    const wanted = addDays(first, date - 1);
    return [wanted, last].sort()[0];
}

/** The first and the last day of a day's month. @param {string} day */
export function monthOf(day) {
    const [year, month] = day.split("-").map(Number);
    const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
    return { first: `${last.slice(0, 8)}01`, last };
}

/** @param {string} day @returns {number} 0 for a Monday, 6 for a Sunday */
export function weekdayOf(day) {
    return (new Date(Date.parse(day)).getUTCDay() + 6) % 7;
}

const monthFormat = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    month: "long",
    year: "numeric",
});
const wholeDayFormat = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
});
const shortDayFormat = new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
});

/** @param {string} day @returns {string} June 2026 */
export function formatMonth(day) {
    return monthFormat.format(Date.parse(day));
}

/** @param {string} day @returns {string} Friday 19 June 2026 */
export function formatWholeDay(day) {
    return wholeDayFormat.format(Date.parse(day)).replace(",", "");
}

/** @param {string} day @returns {string} Fri 19 Jun 2026 */
export function formatShortDay(day) {
    return shortDayFormat.format(Date.parse(day)).replace(",", "");
}

/**
 * @param {string} expiry like 30-Dec-2026
 * @returns {number | null} the day in milliseconds since 1970, null where there is no such day
 */
export function dayOfExpiry(expiry) {
    const [day, name, year] = expiry.split("-");
    const month = MONTHS.indexOf(name) / 3;
    if (!Number.isInteger(month) || month < 0) return null;
    const instant = Date.UTC(Number(year), month, Number(day));
    return new Date(instant).getUTCDate() === Number(day) ? instant : null;
}
