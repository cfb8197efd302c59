/** What the badge of a page says of its state, or of the kind of an error. */

/** @type {Record<string, string>} */
export const BADGES = {
    loading: "Loading",
    live: "Live",
    replay: "Replay",
    stale: "Stale",
    unavailable: "No answer",
    key: "Key wanted",
    limited: "Waiting",
    empty: "No data",
    invalid: "No data",
};
