/**
 * The strike in the middle of the box in which a chain scrolls: it stays there when the box or the
 * rows become lower or higher, as where a phone is turned.
 */

export class MiddleStrike {
    /** @param {HTMLTableElement} table @param {HTMLElement} scroller */
    constructor(table, scroller) {
        this.table = table;
        this.body = table.tBodies[0];
        this.scroller = scroller;
        /** @type {string | undefined} as the data of its row have it */
        this.strike = undefined;
        /** How much of its row is above the middle: 0 to 1. */
        this.share = 0.5;
        /** Where the box was scrolled to from here, and the heights at that time. */
        this.place = 0;
        this.heights = "";
        scroller.addEventListener("scroll", () => this.remember(), { passive: true });
        this.resized = new ResizeObserver(() => this.keep());
        this.resized.observe(scroller);
        this.resized.observe(table);
    }

    /** Scroll a row into the middle. @param {HTMLTableRowElement} row */
    show(row) {
        this.strike = row.dataset.strike;
        this.share = 0.5;
        this.keep();
    }

    /** Scroll back to what was in the middle. */
    keep() {
        const row = [...this.body.rows].find(({ dataset }) => dataset.strike === this.strike);
        if (row) {
            const above = row.offsetTop - this.body.offsetTop + this.share * row.offsetHeight;
            this.scroller.scrollTop = above - this.halfway();
        }
        this.place = this.scroller.scrollTop;
        this.heights = this.heightsNow();
    }

    /** Only the user chooses another strike: not `keep`, and not a box that has become lower. */
    remember() {
        const { scrollTop } = this.scroller;
        if (scrollTop === this.place || this.heightsNow() !== this.heights) return;
        const { rows, offsetHeight } = this.body;
        const place = ((scrollTop + this.halfway()) / offsetHeight) * rows.length;
        this.strike = rows[Math.floor(place)]?.dataset.strike;
        this.share = place % 1;
        this.place = scrollTop;
    }

    /** From the top of what is seen between the head and the sums to its middle. */
    halfway() {
        const { tHead, tFoot } = this.table;
        const covered = (tHead?.offsetHeight ?? 0) + (tFoot?.offsetHeight ?? 0);
        return (this.scroller.clientHeight - covered) / 2;
    }

    heightsNow() {
        return `${this.scroller.clientHeight} ${this.body.offsetHeight}`;
    }

    /** The table is taken out of the page. */
    close() {
        this.resized.disconnect();
    }
}
