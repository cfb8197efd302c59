/** The columns that each side of the chain can have, and the usual ones of them. */

/**
 * `name`: the API's field. `usual`: a text that there is always room for. `kind`: how a value is
 * written, with so many decimals (`digits`). `bar`: whether the value is drawn as a bar as well.
 * `ofWindow`: whether it is a change since the moment that the user compares with. `ofStrike`:
 * whether it stands once, beside the strike.
 * @typedef {{name: string, label: string, title: string, usual: string, kind: ColumnKind,
 *     digits: number, bar: boolean, ofWindow: boolean, ofStrike: boolean}} Column
 * @typedef {"number" | "signed" | "word"} ColumnKind
 */

const IV_TITLE =
    "implied volatility, percent a year: solved from the mid of bid and ask, else from the last price";
const OI_CHANGE_TITLE = "change in open interest since the settled one of the day before";
const CLOSE = "the exchange's closing price of the day before, which is no last trade";

const BUILDUP_TITLE = "what the changes on the day of price and open interest say together";
const OI_NOW_TITLE = "open interest, in the chosen unit";
const OI_TITLE = `${OI_CHANGE_TITLE}, in the chosen unit; of a contract listed today all of it`;
const RATIO_TITLE = "put/call ratio of the open interest at the strike";
/** Names that columns had before, in settings that browsers keep. @type {Record<string, string>} */
const FORMER_NAMES = { change_in_oi: "oi_since_previous_close" };

/** From the outside to the strike. @type {Column[]} */
export const COLUMNS = [
    column("buildup", "Build-up", BUILDUP_TITLE, "", "word"),
    column("rho", "Rho", "rho: rupees a percentage point of the rate", "−88.88", "number", 2),
    column("vega", "Vega", "vega: rupees a percentage point of volatility", "88.88", "number", 2),
    column("theta", "Theta", "theta: rupees a calendar day", "−88.88", "number", 2),
    column(
        "gamma",
        "Gamma",
        "gamma: change of delta a point of the underlying",
        "0.88888",
        "number",
        5,
    ),
    column("delta", "Delta", "delta: rupees a rupee of the underlying", "−0.888", "number", 3),
    column("total_buy_qty", "Buy qty", "total quantity of buy orders", "88,88,888", "number"),
    column("total_sell_qty", "Sell qty", "total quantity of sell orders", "88,88,888", "number"),
    { ...column("open_interest", "OI", OI_NOW_TITLE, "88,88,888", "number"), bar: true },
    { ...column("oi_since_previous_close", "Chg OI", OI_TITLE, "+8,88,888", "signed"), bar: true },
    ofWindow("open_interest_change", "Chg OI", "open interest, in the chosen unit", "+88,888", 0),
    column("pchange_in_oi", "Chg OI %", `${OI_CHANGE_TITLE}, percent`, "+888.8", "signed", 1),
    column(
        "total_traded_volume",
        "Volume",
        "traded today, in the chosen unit",
        "88,88,888",
        "number",
    ),
    ofWindow("total_traded_volume_change", "Chg vol", "volume, in the chosen unit", "+88,888", 0),
    column(
        "implied_volatility",
        "IV sent",
        "implied volatility as the source sent it, the exchange's or a vendor's own, percent: it may be many minutes old",
        "88.88",
        "number",
        2,
    ),
    column("iv", "IV", IV_TITLE, "88.88", "number", 2),
    ofWindow("iv_change", "Chg IV", "the implied volatility, percentage points", "+8.88", 2),
    column("last_price", "LTP", "last traded price, rupees", "8,888.88", "number", 2),
    ofWindow("last_price_change", "Chg LTP", "the last traded price, rupees", "+888.88", 2),
    column(
        "change",
        "Chg",
        `change of the last price since ${CLOSE}, rupees`,
        "+888.88",
        "signed",
        2,
    ),
    column(
        "pchange",
        "Chg %",
        `change of the last price in percent of ${CLOSE}`,
        "+888.8",
        "signed",
        1,
    ),
    column("bid_qty", "Bid qty", "quantity at the best bid", "88,888", "number"),
    column("bid_price", "Bid", "best bid, rupees", "8,888.88", "number", 2),
    column("ask_price", "Ask", "best ask, rupees", "8,888.88", "number", 2),
    column("ask_qty", "Ask qty", "quantity at the best ask", "88,888", "number"),
    { ...column("pcr", "PCR", RATIO_TITLE, "8,888.88", "number", 2), ofStrike: true },
];

/** @type {Column} */
export const STRIKE_COLUMN = column("strike_price", "Strike", "", "88,888", "number");

/** The usual columns, the narrowest choice first. */
const USUAL_COLUMNS = choicesOf([
    "open_interest,last_price",
    "oi_since_previous_close,iv",
    "total_traded_volume,change,pcr",
    "bid_price,ask_price",
]);
/** The same where the chain is compared with an earlier moment: a change is what it was asked for. */
const USUAL_WINDOW_COLUMNS = choicesOf([
    "open_interest_change,last_price",
    "open_interest",
    "last_price_change",
    "iv_change",
    "total_traded_volume_change",
    "pcr",
    "iv",
    "total_traded_volume",
]);

/**
 * The columns with heads that say since when they count.
 * @param {Column[]} columns @param {string | null} since what they are compared with, in few characters
 * @returns {Column[]}
 */
export function headed(columns, since) {
    if (since === null) return columns;
    return columns.map((each) =>
        each.ofWindow ? { ...each, label: `${each.label} ${since}` } : each,
    );
}

/**
 * @param {number} room in pixels
 * @param {(columns: Column[]) => number} widthOf
 * @param {boolean} [isCompared]
 * @returns {Column[]}
 */
export function usualColumns(room, widthOf, isCompared = false) {
    const usual = isCompared ? USUAL_WINDOW_COLUMNS : USUAL_COLUMNS;
    return usual.findLast((columns) => widthOf(columns) <= room) ?? usual[0];
}

/**
 * @param {string} name @param {string} label @param {string} title @param {string} usual
 * @param {ColumnKind} kind @param {number} digits
 * @returns {Column}
 */
function column(name, label, title, usual, kind, digits = 0) {
    return {
        name,
        label,
        title,
        usual,
        kind,
        digits,
        bar: false,
        ofWindow: false,
        ofStrike: false,
    };
}

/**
 * A column of changes since the moment that the chain is compared with.
 * @param {string} name @param {string} label @param {string} what has changed
 * @param {string} usual @param {number} digits
 * @returns {Column}
 */
function ofWindow(name, label, what, usual, digits) {
    const title = `change in the chosen window, of ${what}`;
    const made = column(name, label, title, usual, "signed", digits);
    return { ...made, ofWindow: true, bar: name === "open_interest_change" };
}

/**
 * One choice of columns after the other, each with all of those before it: a wider chain lacks
 * nothing that a narrower one has.
 * @param {string[]} steps the names that each choice has more than the one before it
 */
function choicesOf(steps) {
    return steps.map((_step, index) => columnsNamed(steps.slice(0, index + 1).join()));
}

/** @param {string} names separated by commas, in any order */
export function columnsNamed(names) {
    const wanted = names.split(",").map((name) => FORMER_NAMES[name] ?? name);
    return COLUMNS.filter(({ name }) => wanted.includes(name));
}

/**
 * The columns of each side, and those that stand once, beside the strike.
 * @param {Column[]} columns
 */
export function apart(columns) {
    return {
        sides: columns.filter(({ ofStrike }) => !ofStrike),
        middle: columns.filter(({ ofStrike }) => ofStrike),
    };
}
