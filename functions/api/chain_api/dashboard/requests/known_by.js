/** What of a day is known by a moment: a replay shows nothing that came later. */

/**
 * The records by a moment; of those that sum up several snapshots, which end with the last one, those
 * that were whole by then.
 * @template {{timestamp: string, snapshot_timestamp?: string}} T
 * @param {T[]} records by time
 * @param {string | null} at the time that is replayed, null when live
 * @returns {T[]}
 */
export function knownBy(records, at) {
    if (at === null) return records;
    const last = records.findLastIndex((each) => (each.snapshot_timestamp ?? each.timestamp) <= at);
    return records.slice(0, last + 1);
}
