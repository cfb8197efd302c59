/** What a panel beside the chain is made of. */

import type { PickedCell } from "../chain/picked_cell.js";
import type { Scale } from "../figures/position_unit.js";
import type { Selection } from "../page/page_url.js";
import type { DayRecord } from "../requests/day_history.js";
import type { Snapshot } from "../requests/snapshot.js";

/** What all panels show. */
export interface DeskView {
    snapshot: Snapshot;
    /** of the snapshot's day, by time */
    records: DayRecord[];
    /** the chosen unit of open interest and volume */
    scale: Scale;
}

export interface PanelView extends DeskView {
    /** what the page's address says of this panel, null where it says nothing */
    choice: string | null;
}

/** What a panel has of the page. */
export interface PanelHost {
    /** the place of the panel's contents */
    body: HTMLElement;
    /** Show something else that the user has chosen; it comes back in the next view. */
    choose(choice: string | null): void;
    /** Show the chain of a time of the past. */
    goTo(timestamp: string): void;
    /** Poll at once: something else is to be requested. */
    askNow(): void;
}

export interface Panel {
    /** Show a snapshot: each new one, and each change of the unit, the day's records, the choice. */
    show(view: PanelView): void;
    /** Show no number: there are none of what is selected. */
    clear(): void;
    /** Make those requests of the panel that are due. Each poll calls it. Throws ApiError. */
    fetch?(view: PanelView, signal: AbortSignal): Promise<void>;
    /**
     * The requests that bring what is shown again, all of it; none before it is known. Without this
     * they are those of the last `fetch`, which then asks for all at once.
     */
    addresses?(): string[];
    /** The colours have changed. */
    redraw?(): void;
    /** The panel is closed: let go of what outlives its elements. */
    close?(): void;
}

export interface PanelDefinition {
    name: string;
    /** the part of the page's address that says what it shows; without one there is no choice */
    parameter?: "contracts" | "legs";
    load(): Promise<(host: PanelHost) => Panel>;
    /**
     * What the panel shows after a click in the chain; undefined where the click is not meant for
     * it.
     */
    pick?(picked: PickedCell, choice: string | null, snapshot: Snapshot): string | undefined;
    /** a click in the chain does not open it: it is asked while it is open */
    picksOnlyOpen?: boolean;
    /** its numbers are in the chosen unit of open interest and volume */
    isInUnit?: boolean;
}

export interface DeskCallbacks {
    onTime(timestamp: string): void;
    onChoice(change: Partial<Selection>): void;
    askNow(): void;
}
