/** How the page stands: its state, what is wrong in words, the lamp of the service. */

const BADGES = {
    loading: "Loading",
    live: "Live",
    replay: "Replay",
    stale: "Stale",
    away: "No answer",
    key: "Key wanted",
    limited: "Waiting",
    empty: "No data",
};

/** Told politely, and only when it changes. @param {keyof typeof BADGES} state @param {string} [words] what is wrong */
export function showState(state, words = "") {
    const { dataset } = document.body;
    if (dataset.state !== state) {
        dataset.state = state;
        document.getElementById("badge").textContent = BADGES[state];
    }
    const notice = document.getElementById("notice");
    if (notice.textContent !== words) notice.textContent = words;
}

/** @param {any} health the API's answer, null where there was none */
export function showHealth(health) {
    const lamp = document.getElementById("health");
    const text = document.getElementById("health-text");
    const reasons = (health?.reasons ?? []).map((reason) => reason.detail);
    const words = health ? reasons.join("; ") || "Healthy" : "Unknown";
    lamp.dataset.status = health?.status ?? "unknown";
    if (text.textContent !== words) text.textContent = lamp.title = words;
    // A market that was simulated is so still while nobody answers.
    if (health) document.getElementById("simulated").hidden = health.simulated !== true;
}
